import { isIP } from "node:net";
import type { Clock } from "../core/clock.ts";
import { mayReach } from "../core/networks.ts";
import type { DeliveryAttempt } from "../core/webhook.ts";
import type { JobView } from "../engine/engine.ts";
import type { Sealer } from "../engine/seal.ts";
import {
  hostOf,
  openWebhook,
  type SealedWebhook,
  urlProblem,
  type WebhookTerms,
} from "../engine/webhooks.ts";
import type { Delivery, DeliveryClaim, DeliveryOutcome } from "../storage/deliveries.ts";
import { CallError, call } from "./call.ts";
import { bodyOf, type MessageTerms, ourHeaders } from "./message.ts";

export interface SenderDeps extends MessageTerms {
  clock: Clock;
  sealer: Sealer;
  webhooks: WebhookTerms;
  /** Null: the job is not there. */
  view(jobId: string): Promise<JobView | null>;
  /** All addresses of a host name. */
  resolve(host: string): Promise<string[]>;
  /** Signs where a webhook brings no secret of its own. */
  secret: string;
  userAgent: string;
  /** PEM of the authorities that receivers' certificates are checked against; absent: the well-known ones. */
  ca?: string;
  /** How long the job of a dead letter is kept, ms. */
  deadRetentionMs: number;
}

/** What an attempt came to. */
export interface Sent {
  outcome: DeliveryOutcome;
  /** Null where none was made. */
  attempt: DeliveryAttempt | null;
}

/** Makes one attempt at a delivery. Throws only what is no fault of the receiver, as a store that does not answer. */
export async function send(deps: SenderDeps, claim: DeliveryClaim, stop: AbortSignal): Promise<Sent> {
  const { clock, sealer, deadRetentionMs } = deps;
  const { delivery } = claim;
  const dead = { kind: "dead", keepMs: deadRetentionMs } as const;
  const since = { at: clock.now(), ticks: clock.monotonic() };
  const attempt = (status: number | null, error: string | null): DeliveryAttempt => ({
    at: since.at,
    durationMs: Math.round(clock.monotonic() - since.ticks),
    status,
    error,
  });
  let webhook: SealedWebhook;
  try {
    webhook = openWebhook(sealer, delivery.jobId, claim.sealed);
  } catch {
    return { outcome: dead, attempt: attempt(null, "what it takes to send it was sealed with another key") };
  }
  const view = await deps.view(delivery.jobId);
  if (view === null) return { outcome: dead, attempt: attempt(null, "the job is not there any more") };
  const answer = await answerOf(deps, { webhook, delivery, view, stop });
  if (typeof answer === "number" && answer >= 200 && answer < 300) {
    return { outcome: { kind: "delivered" }, attempt: attempt(answer, null) };
  }
  if (stop.aborted) return { outcome: { kind: "released" }, attempt: null };
  const made = typeof answer === "number" ? attempt(answer, reasonOf(answer)) : attempt(null, answer);
  return { outcome: nextOf(webhook, delivery, dead), attempt: made };
}

function reasonOf(status: number): string {
  const redirect = status >= 300 && status < 400;
  return redirect ? `answered ${status}: redirects are not followed` : `answered ${status}`;
}

function nextOf(
  { maxRetries, retryIntervalsMs }: SealedWebhook,
  { tries }: Delivery,
  dead: DeliveryOutcome,
): DeliveryOutcome {
  if (tries > maxRetries) return dead;
  const last = retryIntervalsMs.length - 1;
  return { kind: "retry", delayMs: retryIntervalsMs[Math.min(tries - 1, last)] ?? 0 };
}

interface Sending {
  webhook: SealedWebhook;
  delivery: Delivery;
  view: JobView;
  stop: AbortSignal;
}

/** The status of the receiver's answer, or why there is none. */
async function answerOf(deps: SenderDeps, { webhook, delivery, view, stop }: Sending) {
  const { clock } = deps;
  const late = new AbortController();
  const timer = clock.after(webhook.timeoutMs, () => late.abort());
  const signal = AbortSignal.any([stop, late.signal]);
  try {
    const url = new URL(webhook.url);
    const addresses = await addressesOf(deps, url, signal);
    const body = bodyOf(deps, delivery, view);
    const secret = webhook.secret ?? deps.secret;
    const headers = [
      ...defaults(webhook, deps),
      ...webhook.headers,
      ...ourHeaders(delivery, { secret, now: clock.now(), body }),
    ];
    const { method } = webhook;
    const ca = deps.ca === undefined ? {} : { ca: deps.ca };
    return await firstAnswer(deps, addresses, { url, method, headers, body, ...ca }, signal);
  } catch (error) {
    if (error instanceof CallError) return error.message;
    throw error;
  } finally {
    timer.cancel();
  }
}

/** One address after another, as long as there is no connection; what was sent is not sent to a second one. */
async function firstAnswer(
  deps: SenderDeps,
  addresses: readonly string[],
  request: Omit<Parameters<typeof call>[1], "address">,
  signal: AbortSignal,
): Promise<number> {
  let failure = new CallError("has no address");
  for (const address of addresses) {
    try {
      return await call(deps, { ...request, address }, signal);
    } catch (error) {
      if (!(error instanceof CallError) || error.connected || signal.aborted) throw error;
      failure = error;
    }
  }
  throw failure;
}

function defaults({ headers }: SealedWebhook, { userAgent }: SenderDeps): [string, string][] {
  const own = new Set(headers.map(([name]) => name.toLowerCase()));
  const ours: [string, string][] = [
    ["Content-Type", "application/json"],
    ["Accept", "*/*"],
    ["User-Agent", userAgent],
  ];
  return ours.filter(([name]) => !own.has(name.toLowerCase()));
}

/** Those that may be connected to; judged here, when the name was looked up for the connection to be made. */
async function addressesOf(
  { resolve, webhooks }: SenderDeps,
  url: URL,
  signal: AbortSignal,
): Promise<string[]> {
  const problem = urlProblem(webhooks, url.href);
  if (problem !== null) throw new CallError(`may not be called: its URL ${problem}`);
  const host = hostOf(url);
  if (isIP(host) !== 0) return [host];
  const found = await Promise.race([resolve(host).catch(() => []), aborted(signal)]);
  if (found === null) throw new CallError("did not answer in time");
  if (found.length === 0) throw new CallError("could not be called: its name was not resolved");
  const allowed = found.filter((address) => mayReach(address, webhooks.networks));
  if (allowed.length > 0) return allowed;
  throw new CallError("may not be called: its address is not public; webhook.networks may allow it");
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
