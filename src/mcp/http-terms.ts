import type { Fetch } from "../client/index.ts";
import type { Scope } from "../core/access.ts";
import type { Clock } from "../core/clock.ts";
import type { ApprovalPolicy } from "./approvals.ts";
import type { PlatformInfo } from "./tools/platforms.ts";

export interface HttpTerms {
  platforms: readonly PlatformInfo[];
  approval: ApprovalPolicy;
  clock: Clock;
  onFault(error: unknown): void;
}

/** What the API says of a session that begins. */
export interface OpenTerms {
  id: string;
  scopes: readonly Scope[];
  fetch: Fetch;
}
