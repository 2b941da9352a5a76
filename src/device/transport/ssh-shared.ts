import type { Clock } from "../../core/clock.ts";
import type { SshResources, SshTerms } from "../driver.ts";
import { HopPool } from "./hops.ts";
import { UsedCodes } from "./used-codes.ts";

/** What the SSH connections of a process share. */
export class SshShared implements SshResources {
  readonly terms: SshTerms;
  readonly hops: HopPool;
  readonly usedCodes = new UsedCodes();

  constructor(terms: SshTerms, clock: Clock) {
    this.terms = terms;
    this.hops = new HopPool(terms, clock, this.usedCodes);
  }

  destroy(): void {
    this.hops.destroy();
  }
}

export function sharedOf(resources: SshResources): SshShared {
  if (resources instanceof SshShared) return resources;
  throw new TypeError("the session's surroundings share no SSH connections");
}
