import type { Clock } from "../core/clock.ts";
import { untilStored } from "../engine/persist.ts";
import { Repeat, type Service } from "../engine/repeat.ts";
import type { Delivery, DeliveryClaim, DeliveryOutcome, DeliveryStore } from "../storage/deliveries.ts";
import type { Hint } from "../storage/storage.ts";
import type { Sent } from "./sender.ts";

/** Backs up lost hints, and finds what another process was killed with, ms. */
const SWEEP_MS = 5_000;
/** What an attempt may take beyond its time-out before another process takes it for lost, ms. */
const MARGIN_MS = 10_000;
/** How long attempts may go on once it was told to stop, ms. */
const STOP_MS = 3_000;
/** Moments of the store's clock are not waited for more closely, ms. */
const CLOSEST_MS = 10;

export interface DelivererDeps {
  deliveries: Pick<DeliveryStore, "claimDeliveries" | "settleDelivery">;
  subscribe(onHint: (hint: Hint) => void): () => void;
  clock: Clock;
  send(claim: DeliveryClaim, stop: AbortSignal): Promise<Sent>;
  /** Attempts under way at once, in all and to one target. */
  concurrency: number;
  perTarget: number;
  /** An attempt begins; the answer is called with what it came to. */
  onAttempt(): (outcome: DeliveryOutcome["kind"] | "failed", ms: number) => void;
  /** No attempt is left. */
  onDead(delivery: Delivery): void;
  onError(error: unknown): void;
}

/**
 * Sends what is due, whoever ended the job. Any number of processes may: each delivery is leased to one of them. What a
 * process was killed with is due again when its lease is over.
 */
export class Deliverer implements Service {
  readonly #deps: DelivererDeps;
  readonly #repeat: Repeat;
  readonly #underWay = new Map<Promise<void>, string>();
  readonly #stop = new AbortController();
  #unsubscribe: () => void = () => {};

  constructor(deps: DelivererDeps) {
    this.#deps = deps;
    const { clock, onError } = deps;
    this.#repeat = new Repeat({ clock, everyMs: SWEEP_MS, round: () => this.#round(), onError });
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#deps.subscribe((hint) => {
      if (hint.kind === "delivery") this.#repeat.hurry(0);
    });
    await this.#repeat.start();
    this.#repeat.hurry(0);
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#repeat.stop();
    const timer = this.#deps.clock.after(STOP_MS, () => this.#stop.abort());
    await Promise.all(this.#underWay.keys());
    timer.cancel();
    this.#stop.abort();
  }

  async #round(): Promise<void> {
    const { deliveries, concurrency, perTarget } = this.#deps;
    const max = concurrency - this.#underWay.size;
    if (max <= 0) return; // the end of an attempt makes room
    const busy = this.#busy();
    const { claims, nextInMs } = await deliveries.claimDeliveries({
      max,
      perTarget,
      busy,
      marginMs: MARGIN_MS,
    });
    for (const claim of claims) this.#begin(claim);
    if (nextInMs !== null) this.#repeat.hurry(Math.max(nextInMs, CLOSEST_MS));
  }

  #busy(): Record<string, number> {
    const busy: Record<string, number> = Object.create(null);
    for (const target of this.#underWay.values()) busy[target] = (busy[target] ?? 0) + 1;
    return busy;
  }

  #begin(claim: DeliveryClaim): void {
    const { onError } = this.#deps;
    const sending = this.#attempt(claim)
      .catch(onError)
      .finally(() => {
        this.#underWay.delete(sending);
        this.#repeat.hurry(0);
      });
    this.#underWay.set(sending, claim.delivery.target);
  }

  async #send(claim: DeliveryClaim): Promise<Sent> {
    const { clock, send, onAttempt } = this.#deps;
    const since = clock.monotonic();
    const onEnd = onAttempt();
    try {
      const sent = await send(claim, this.#stop.signal);
      onEnd(sent.outcome.kind, clock.monotonic() - since);
      return sent;
    } catch (error) {
      onEnd("failed", clock.monotonic() - since);
      throw error;
    }
  }

  /** One that throws is no fault of the receiver: it is made again when its lease is over. */
  async #attempt(claim: DeliveryClaim): Promise<void> {
    const { deliveries, clock, onDead } = this.#deps;
    const { jobId } = claim.delivery;
    const sent = await this.#send(claim);
    const end = () => deliveries.settleDelivery({ jobId, claim: claim.claim, ...sent });
    const settled = await untilStored(clock, this.#stop.signal, end);
    if (settled === "ok" && sent.outcome.kind === "dead") onDead(claim.delivery);
  }
}
