import type { Clock } from "../../src/core/clock.ts";
import type { Timeline } from "./timeline.ts";

/** The wall clock of all processes begins here. */
export const EPOCH = Date.UTC(2024, 0, 1);

/**
 * One operating-system process. Whatever reaches its code (timers, messages, answers, hints) comes in by
 * `deliver`: held back while it stands still, lost when it is dead. So its memory needs no clearing away.
 */
export class SimProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly #timeline: Timeline;
  readonly #onDeath: (() => void)[] = [];
  readonly #onStall: ((until: number) => void)[] = [];
  #inbox: (() => void)[] = [];
  #resumesAt = 0;
  #offlineUntil = 0;
  #wallOffset = 0;
  #dead = false;

  constructor(timeline: Timeline, name: string) {
    this.name = name;
    this.#timeline = timeline;
    const origin = timeline.random.whole(0, 1_000_000);
    this.clock = {
      now: () => EPOCH + timeline.now + this.#wallOffset,
      monotonic: () => origin + timeline.now,
      after: (ms, run) => this.#after(ms, run),
    };
  }

  get alive(): boolean {
    return !this.#dead;
  }

  get stalled(): boolean {
    return this.#timeline.now < this.#resumesAt;
  }

  /** Cannot reach the store. */
  get offline(): boolean {
    return this.#timeline.now < this.#offlineUntil;
  }

  deliver(run: () => void): void {
    if (this.#dead) return;
    if (this.stalled || this.#inbox.length > 0) this.#inbox.push(run);
    else run();
  }

  /** Stands still, as under SIGSTOP or a hypervisor that has other things to do. */
  stall(ms: number): void {
    this.#timeline.note(`${this.name} stalls for ${ms}`);
    this.#resumesAt = Math.max(this.#resumesAt, this.#timeline.now + ms);
    for (const tell of this.#onStall) tell(this.#resumesAt);
    this.#timeline.after(ms, () => this.#resume());
  }

  cutOff(ms: number): void {
    this.#timeline.note(`${this.name} is cut off from the store for ${ms}`);
    this.#offlineUntil = Math.max(this.#offlineUntil, this.#timeline.now + ms);
  }

  stepWall(ms: number): void {
    this.#timeline.note(`${this.name} steps its wall clock by ${ms}`);
    this.#wallOffset += ms;
  }

  kill(): void {
    if (this.#dead) return;
    this.#timeline.note(`${this.name} dies`);
    this.#dead = true;
    this.#inbox = [];
    for (const tell of this.#onDeath) tell();
  }

  /** What the kernel tells others. */
  onDeath(tell: () => void): void {
    this.#onDeath.push(tell);
  }

  /** For who keeps the record; nobody else can know. */
  onStall(tell: (until: number) => void): void {
    this.#onStall.push(tell);
  }

  /** A timer that is cancelled while its process stands still does not fire afterwards. */
  #after(ms: number, run: () => void) {
    let live = true;
    const timer = this.#timeline.after(ms, () => this.deliver(() => live && run()));
    return {
      cancel: () => {
        live = false;
        timer.cancel();
      },
    };
  }

  /** One after another, with what each leads to in between, as an event loop does. */
  #resume(): void {
    if (this.stalled || this.#dead) return;
    this.#inbox.shift()?.();
    if (this.#inbox.length > 0) this.#timeline.after(0, () => this.#resume());
  }
}
