import type { Clock, Timer } from "../core/clock.ts";
import { TemplateError } from "../core/errors.ts";
import type { FromTemplateHost, HostSettings, Refusal, Work } from "./messages.ts";

/** A started child: what `Bun.spawn` gives, reduced to what is used. */
export interface Process {
  readonly pid: number;
  send(message: unknown): void;
  kill(signal: "SIGKILL"): void;
  /** Resolves with a few words on how it ended. */
  readonly exited: Promise<string>;
}

export type SpawnProcess = (onMessage: (raw: unknown) => void) => Process;

/** What a work may cost. */
export interface WorkLimits {
  timeoutMs: number;
  /** Bytes of the host's whole memory. */
  memory: number;
}

export interface ChildDeps {
  spawn: SpawnProcess;
  clock: Clock;
  build: string;
  settings: HostSettings;
  limits: WorkLimits;
  /** Bytes of memory that a process has; null where it cannot be told. */
  memoryOf(pid: number): Promise<number | null>;
}

/** A host that says nothing at its start for this long is killed, ms. */
const START_MS = 10_000;
/** How often the memory of one that works is looked at, ms. */
const LOOK_MS = 50;

/** A template host as the process sees it that started it. One work at a time; it is killed for what takes too much. */
export class Child {
  readonly #deps: ChildDeps;
  readonly #process: Process;
  readonly #ready = Promise.withResolvers<void>();
  #answer: PromiseWithResolvers<string> | null = null;
  /** Why it is killed, or was; for whoever waits for it. */
  #fault: TemplateError | null = null;
  readonly #timers = new Set<Timer>();

  constructor(deps: ChildDeps) {
    this.#deps = deps;
    this.#ready.promise.catch(() => {}); // told to whoever has work for it
    this.#process = deps.spawn((raw) => this.#receive(raw as FromTemplateHost));
    this.#process.exited.then((how) => this.#onExit(how));
    this.#process.send({ type: "settings", ...deps.settings });
    this.#after(START_MS, () =>
      this.kill(new TemplateError("a process for templates did not start; try again")),
    );
    this.#ready.promise.then(
      () => this.#cancelTimers(),
      () => this.#cancelTimers(),
    );
  }

  get exited(): Promise<unknown> {
    return this.#process.exited;
  }

  /** Whether it may be given more work. */
  get usable(): boolean {
    return this.#fault === null;
  }

  /** Does a work. Rejects with a `TemplateError`, or with the signal's reason; it is killed then if it was at it. */
  async do(work: Work, signal: AbortSignal): Promise<string> {
    await this.#ready.promise;
    signal.throwIfAborted();
    const answer = Promise.withResolvers<string>();
    this.#answer = answer;
    const giveUp = () => {
      answer.reject(signal.reason);
      this.kill(new TemplateError("the work was given up"));
    };
    signal.addEventListener("abort", giveUp, { once: true });
    this.#limit();
    this.#process.send({ type: "work", ...work });
    try {
      return await answer.promise;
    } finally {
      signal.removeEventListener("abort", giveUp);
      this.#answer = null;
      this.#cancelTimers();
    }
  }

  kill(reason: TemplateError): void {
    if (this.#fault !== null) return;
    this.#fault = reason;
    this.#process.kill("SIGKILL");
  }

  /** Bytes; 0 where it cannot be told. */
  async memory(): Promise<number> {
    return (await this.#deps.memoryOf(this.#process.pid)) ?? 0;
  }

  #limit(): void {
    const { timeoutMs } = this.#deps.limits;
    this.#after(timeoutMs, () =>
      this.kill(new TemplateError(`it takes longer than templates.timeout (${timeoutMs / 1000} s)`)),
    );
    this.#look();
  }

  #look(): void {
    this.#after(LOOK_MS, async () => {
      const { memory } = this.#deps.limits;
      const busy = this.#answer;
      if ((await this.memory()) > memory && busy !== null && busy === this.#answer)
        return this.kill(
          new TemplateError(`it takes more memory than templates.max_memory (${memory} bytes)`),
        );
      if (this.#answer !== null) this.#look();
    });
  }

  #receive(message: FromTemplateHost): void {
    if (this.#fault !== null) return;
    switch (message.type) {
      case "ready":
        if (message.build === this.#deps.build) return this.#ready.resolve();
        return this.kill(new TemplateError("the program was replaced while it runs; restart it"));
      case "done":
        return this.#answer?.resolve(message.text);
      case "refused":
        return this.#answer?.reject(errorOf(message.refusal));
      case "broken":
        return this.kill(errorOf(message.refusal));
    }
  }

  /** Nothing of a host that is killed is used any more, whatever it has sent. */
  #onExit(how: string): void {
    const reason = this.#fault ?? new TemplateError(`the process that worked on it ended (${how})`);
    this.#fault = reason;
    this.#cancelTimers();
    this.#ready.reject(reason);
    this.#answer?.reject(reason);
  }

  #after(ms: number, run: () => void): void {
    const timer = this.#deps.clock.after(ms, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
  }

  #cancelTimers(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}

function errorOf({ reason, line, file, notFound }: Refusal): TemplateError {
  return new TemplateError(reason, { line, file, notFound });
}
