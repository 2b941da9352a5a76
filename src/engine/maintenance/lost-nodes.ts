import type { Clock } from "../../core/clock.ts";
import { StorageError } from "../../core/errors.ts";
import type { NodePulse, Storage } from "../../storage/storage.ts";
import { LapseWatch } from "../lapse-watch.ts";
import { type LeaseTerms, lapseMs } from "../lease.ts";

/** Declares nodes lost that stopped beating: their workers are listed dead and their devices free. */
export class LostNodes {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #watch: LapseWatch;

  constructor(storage: Storage, clock: Clock, lease: LeaseTerms) {
    this.#storage = storage;
    this.#clock = clock;
    this.#watch = new LapseWatch(lapseMs(lease), lease.leaseMs / 2);
  }

  /** One look at all nodes; returns the names of those declared lost. */
  async round(): Promise<string[]> {
    const nodes = (await this.#look()).filter((node) => !node.lost);
    const lapsed = this.#watch.look(
      nodes.map((node) => ({ key: keyOf(node), value: node.beat })),
      this.#clock.monotonic(),
    );
    const lost: string[] = [];
    for (const node of nodes.filter((node) => lapsed.has(keyOf(node)))) {
      if ((await this.#storage.loseNode(node)) === "lost") lost.push(node.name);
    }
    return lost;
  }

  async #look(): Promise<NodePulse[]> {
    try {
      return await this.#storage.nodes();
    } catch (error) {
      if (error instanceof StorageError) this.#watch.reset();
      throw error;
    }
  }
}

function keyOf(node: NodePulse): string {
  return `${node.name}/${node.incarnation}`;
}
