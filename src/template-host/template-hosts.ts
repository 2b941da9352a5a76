import type { Timer } from "../core/clock.ts";
import { TemplateError } from "../core/errors.ts";
import {
  type ParseWork,
  type RenderWork,
  type TemplateCall,
  type Templates,
  TemplatesBusyError,
} from "../template/templates.ts";
import { Child, type ChildDeps } from "./child.ts";
import { Lanes } from "./lanes.ts";
import type { Work } from "./messages.ts";

export interface TemplateHostsDeps extends ChildDeps {
  /** Hosts at once. */
  processes: number;
  /** Works of one lane that may wait. */
  queue: number;
}

/** A host that had nothing to do for so long is ended, ms. */
const IDLE_MS = 300_000;

interface Waiting {
  go(): void;
  fail(error: TemplateError): void;
}

/**
 * Renders and parses in processes of their own, which are started when there is work and kept for the next. What takes too
 * long or too much is ended with its process; the next work gets a new one.
 */
export class TemplateHosts implements Templates {
  readonly #deps: TemplateHostsDeps;
  readonly #lanes: Lanes<Waiting>;
  readonly #idle = new Map<Child, Timer>();
  readonly #alive = new Set<Child>();
  #busy = 0;
  #stopped = false;

  constructor(deps: TemplateHostsDeps) {
    this.#deps = deps;
    this.#lanes = new Lanes(Math.max(1, deps.processes - 1));
  }

  render(work: RenderWork, call: TemplateCall): Promise<string> {
    return this.#do({ kind: "render", ...work }, call);
  }

  parse(work: ParseWork, call: TemplateCall): Promise<string> {
    return this.#do({ kind: "parse", ...work }, call);
  }

  /** Ends all hosts with what they do. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const waiting of this.#lanes.all()) waiting.fail(stopping());
    for (const timer of this.#idle.values()) timer.cancel();
    this.#idle.clear();
    const ended = [...this.#alive].map((child) => child.exited);
    for (const child of this.#alive) child.kill(stopping());
    await Promise.all(ended);
  }

  async #do(work: Work, call: TemplateCall): Promise<string> {
    await this.#turn(call);
    try {
      const child = this.#take();
      try {
        return await child.do(work, call.signal);
      } finally {
        await this.#giveBack(child);
      }
    } finally {
      this.#busy -= 1;
      this.#lanes.ended(call.lane);
      this.#next();
    }
  }

  /** Resolves when there is a place for it, which it has taken then. */
  async #turn({ lane, patient, signal }: TemplateCall): Promise<void> {
    signal.throwIfAborted();
    if (this.#stopped) throw stopping();
    if (!patient && this.#lanes.waiting(lane) >= this.#deps.queue && !this.#hasRoom(lane))
      throw new TemplatesBusyError();
    const turn = Promise.withResolvers<void>();
    const waiting = { go: turn.resolve, fail: turn.reject };
    const giveUp = () => {
      this.#lanes.remove(lane, waiting);
      turn.reject(signal.reason);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    this.#lanes.add(lane, waiting);
    this.#next();
    await turn.promise.finally(() => signal.removeEventListener("abort", giveUp));
  }

  #hasRoom(lane: string): boolean {
    return this.#busy < this.#deps.processes && this.#lanes.hasShare(lane);
  }

  #next(): void {
    while (this.#busy < this.#deps.processes) {
      const waiting = this.#lanes.next();
      if (waiting === null) return;
      this.#busy += 1;
      waiting.go();
    }
  }

  #take(): Child {
    if (this.#stopped) throw stopping();
    for (const [child, timer] of this.#idle) {
      timer.cancel();
      this.#idle.delete(child);
      if (child.usable) return child;
    }
    return this.#start();
  }

  #start(): Child {
    try {
      const child = new Child(this.#deps);
      this.#alive.add(child);
      child.exited.then(() => this.#alive.delete(child));
      return child;
    } catch (error) {
      throw new TemplateError("no process for templates can be started; try again", { cause: error });
    }
  }

  /** What a work has left behind in memory is not to count for the next. */
  async #giveBack(child: Child): Promise<void> {
    if (!child.usable) {
      await child.exited;
      return;
    }
    if ((await child.memory()) > this.#deps.limits.memory / 2) child.kill(new TemplateError("it is used up"));
    if (!child.usable || this.#stopped) return;
    const timer = this.#deps.clock.after(IDLE_MS, () => {
      this.#idle.delete(child);
      child.kill(new TemplateError("it was idle"));
    });
    this.#idle.set(child, timer);
  }
}

function stopping(): TemplateError {
  return new TemplateError("the server is stopping; try again shortly");
}
