import type { Evictions } from "../engine/adoption.ts";
import type { Grace } from "../engine/drain.ts";
import { noWork } from "../engine/node-work.ts";
import { passed } from "../engine/persist.ts";
import type { Service } from "../engine/repeat.ts";
import { Incarnation, type NodeDeps } from "./incarnation.ts";

/** Between attempts to begin anew, ms; doubles up to the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/**
 * One worker machine: owns workers, claims jobs for them, keeps the leases, settles. Lives as a series
 * of incarnations: one that was declared lost drops everything and the next one registers.
 */
export class Node implements Service {
  readonly #deps: NodeDeps;
  readonly #evictions: Evictions = { idle: 0, displaced: 0 };
  readonly #work = noWork();
  #life: Incarnation | null = null;
  #stopped = new AbortController();

  constructor(deps: NodeDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    this.#stopped.abort();
    this.#stopped = new AbortController();
    await this.#begin();
  }

  /** Takes nothing more, gives running jobs the grace to end, then interrupts them; see `drain`. */
  async stop(grace: Grace = { ms: 0 }): Promise<void> {
    this.#stopped.abort();
    await this.#life?.drain(grace);
  }

  evictions(): Evictions {
    return { ...this.#evictions };
  }

  async #begin(): Promise<void> {
    const life = new Incarnation(this.#deps, { evictions: this.#evictions, work: this.#work }, () =>
      this.#restart(life),
    );
    this.#life = life;
    await life.start();
  }

  #restart(life: Incarnation): void {
    if (this.#life !== life || this.#stopped.signal.aborted) return;
    this.#deps.events.declaredLost();
    this.#beginAnew().catch((error) => this.#deps.events.error("restart", error));
  }

  /** As often as it takes: a node that gave up would leave its machine's jobs waiting for ever. */
  async #beginAnew(): Promise<void> {
    const { signal } = this.#stopped;
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      await this.#life?.abandon();
      if (signal.aborted) return;
      try {
        return await this.#begin();
      } catch (error) {
        this.#deps.events.error("restart", error);
      }
      await passed(this.#deps.clock, pause, signal);
    }
  }
}
