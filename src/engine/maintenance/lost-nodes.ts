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
  readonly #onOthers: (names: string[]) => void;
  #others: string[] = [];

  /**
   * `own`: the watcher's incarnation, which is alive since it looks. `onOthers` is told of the other living nodes
   * whenever they are not those of the look before.
   */
  constructor(
    storage: Storage,
    clock: Clock,
    lease: LeaseTerms,
    { own, onOthers }: { own: string; onOthers: (names: string[]) => void },
  ) {
    this.#own = own;
    this.#onOthers = onOthers;
    this.#storage = storage;
    this.#clock = clock;
    this.#watch = new LapseWatch(lapseMs(lease), lease.leaseMs / 2);
  }

  /** Living nodes beside ours at the last look. */
  get others(): number {
    return this.#others.length;
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
    this.#note(nodes.map(({ name }) => name).toSorted());
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

  #note(names: string[]): void {
    const before = this.#others;
    this.#others = names;
    if (names.join() !== before.join()) this.#onOthers(names);
  }
}

function keyOf(node: NodePulse): string {
  return `${node.name}/${node.incarnation}`;
}
