import type { FinalStatus } from "../../../../src/core/job.ts";
import type { DeliveryAttempt, DeliveryState } from "../../../../src/core/webhook.ts";
import {
  type Delivery,
  type DeliveryClaim,
  type DeliveryOutcome,
  MOST_ATTEMPTS,
  type NewWebhook,
} from "../../../../src/storage/deliveries.ts";
import { text } from "../../../support/factory.ts";
import type { Sealed } from "./sealed.ts";

/** Everything the model knows of one webhook and its delivery. */
export interface KnownDelivery {
  jobId: string;
  target: string;
  timeoutMs: number;
  /** What it takes to send it; null: erased. */
  sealed: string | null;
  /** As it must be shown; null: its job has not ended. */
  shown: Delivery | null;
  /** The last claim; 0 before the first. */
  claim: number;
  leased: boolean;
}

/** The deliveries of a store and every change that the contract allows. */
export class Deliveries {
  readonly #all = new Map<string, KnownDelivery>();

  get(jobId: string): KnownDelivery | null {
    return this.#all.get(jobId) ?? null;
  }

  isPending(jobId: string): boolean {
    return this.#all.get(jobId)?.shown?.state === "pending";
  }

  /** That of the newest job first. */
  list(state?: DeliveryState): Delivery[] {
    return [...this.#all.values()]
      .flatMap(({ shown }) => (shown && (state === undefined || shown.state === state) ? [shown] : []))
      .toSorted((a, b) => (a.jobId < b.jobId ? 1 : -1));
  }

  pending(): (KnownDelivery & { shown: Delivery })[] {
    return [...this.#all.values()].filter(
      (known): known is KnownDelivery & { shown: Delivery } => known.shown?.state === "pending",
    );
  }

  sealed(): Sealed[] {
    return [...this.#all.values()].flatMap(({ jobId: id, sealed }) =>
      sealed === null ? [] : [{ id, sealed }],
    );
  }

  add(jobId: string, { target, timeoutMs, sealed }: NewWebhook): void {
    const none = { shown: null, claim: 0, leased: false };
    this.#all.set(jobId, { jobId, target, timeoutMs, sealed: text(sealed), ...none });
  }

  /** Its job has ended. */
  owe(jobId: string, status: FinalStatus, now: number): void {
    const known = this.#all.get(jobId);
    if (!known) return;
    const { target } = known;
    const born = { state: "pending", tries: 0, settledAt: null, attempts: [] } as const;
    known.shown = { jobId, status, target, ...born, attempts: [], createdAt: now, dueAt: now };
  }

  lease({ delivery: { jobId }, claim }: DeliveryClaim, marginMs: number, now: number): Delivery {
    const known = this.#all.get(jobId);
    if (!known?.shown) throw new Error(`the model has no delivery of ${jobId}`);
    const { tries } = known.shown;
    known.shown = { ...known.shown, tries: tries + 1, dueAt: now + known.timeoutMs + marginMs };
    known.claim = claim;
    known.leased = true;
    return known.shown;
  }

  settle({ jobId, claim, outcome, attempt }: Settling, now: number): "ok" | "already" | "lost" {
    const known = this.#all.get(jobId);
    if (!known?.shown || known.claim !== claim) return "lost";
    if (!known.leased) return "already";
    known.leased = false;
    const attempts = (attempt ? [...known.shown.attempts, attempt] : known.shown.attempts).slice(
      -MOST_ATTEMPTS,
    );
    known.shown = { ...known.shown, attempts, ...changeOf(outcome, known.shown, now) };
    if (outcome.kind === "delivered") known.sealed = null;
    return "ok";
  }

  replay(
    jobId: string,
    webhook: NewWebhook | undefined,
    now: number,
  ): "replayed" | "pending" | "erased" | "unknown" {
    const known = this.#all.get(jobId);
    if (!known?.shown) return "unknown";
    if (known.shown.state === "pending") return "pending";
    if (!webhook && known.sealed === null) return "erased";
    if (webhook) {
      const { target, timeoutMs, sealed } = webhook;
      Object.assign(known, { target, timeoutMs, sealed: text(sealed) });
    }
    const anew = { state: "pending", dueAt: now, settledAt: null, tries: 0 } as const;
    known.shown = { ...known.shown, ...anew, target: known.target };
    return "replayed";
  }

  reseal(jobId: string, from: string, to: string): boolean {
    const known = this.#all.get(jobId);
    if (known?.sealed !== from) return false;
    known.sealed = to;
    return true;
  }

  forget(jobId: string): void {
    this.#all.delete(jobId);
  }
}

export interface Settling {
  jobId: string;
  claim: number;
  outcome: DeliveryOutcome;
  attempt: DeliveryAttempt | null;
}

function changeOf(outcome: DeliveryOutcome, { tries }: Delivery, now: number): Partial<Delivery> {
  switch (outcome.kind) {
    case "delivered":
    case "dead":
      return { state: outcome.kind, dueAt: null, settledAt: now };
    case "retry":
      return { dueAt: now + outcome.delayMs };
    case "released":
      return { dueAt: now, tries: tries - 1 };
  }
}
