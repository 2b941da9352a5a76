import type { Clock } from "../../core/clock.ts";
import type { NodePulse, Storage } from "../../storage/storage.ts";
import { LapseWatch, watching } from "../lapse-watch.ts";
import { type LeaseTerms, lapseMs } from "../lease.ts";

/** Declares nodes lost that stopped beating: their workers are listed dead and their devices free. */
export class LostNodes {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #watch: LapseWatch;
  readonly #own: string;
  #others = 0;

  /** `own`: the watcher's incarnation, which is alive since it looks. */
  constructor(storage: Storage, clock: Clock, lease: LeaseTerms, own: string) {
    this.#own = own;
    this.#storage = storage;
    this.#clock = clock;
    this.#watch = new LapseWatch(lapseMs(lease), lease.leaseMs / 2);
  }

  /** Living nodes beside ours at the last look. */
  get others(): number {
    return this.#others;
  }

  /** The store did not answer somebody: nobody's silence proves anything up to now. */
  reset(): void {
    this.#watch.reset();
  }

  /** One look at all nodes; returns the names of those declared lost. */
  round(): Promise<string[]> {
    return watching(this.#watch, () => this.#look());
  }

  async #look(): Promise<string[]> {
    const nodes = (await this.#storage.nodes()).filter(
      (node) => !node.lost && node.incarnation !== this.#own,
    );
    this.#others = nodes.length;
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
}

function keyOf(node: NodePulse): string {
  return `${node.name}/${node.incarnation}`;
}
