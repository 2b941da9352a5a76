import { createHmac } from "node:crypto";
import { deliveryOfJob, eventOf } from "../core/webhook.ts";
import type { JobView } from "../engine/engine.ts";
import type { Delivery } from "../storage/deliveries.ts";

export interface MessageTerms {
  /** A job as the API shows it. */
  present: { job(view: JobView): object; jobHead(view: JobView): object };
  /** Output beyond it is left out, bytes: the job is told of without its result. */
  maxBody: number;
}

/** What a receiver is sent. */
export function bodyOf({ present, maxBody }: MessageTerms, { jobId, status }: Delivery, view: JobView) {
  const whole = sizeOf(view) <= maxBody;
  const job = whole ? present.job(view) : { ...present.jobHead(view), result: null };
  return Buffer.from(
    JSON.stringify({
      event_type: eventOf(status),
      final: true,
      delivery_id: deliveryOfJob(jobId),
      ...(!whole && { result_omitted: true }),
      job,
    }),
  );
}

/** What it printed, which is most of a large body; it may stand in `retval` and in `outputs`. */
function sizeOf({ outputs }: JobView): number {
  return (outputs ?? []).reduce((sum, { stdout, stderr }) => sum + 2 * (stdout.length + stderr.length), 0);
}

/** `v1=` and the HMAC-SHA256 over the timestamp, a dot and the body, in hex. */
export function signatureOf(secret: string, timestamp: number, body: Uint8Array): string {
  return `v1=${createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest("hex")}`;
}

export interface Signing {
  secret: string;
  /** Milliseconds since the epoch. */
  now: number;
  body: Uint8Array;
}

/** What says what a message is, and that it is ours. */
export function ourHeaders(
  { jobId, status, tries }: Delivery,
  { secret, now, body }: Signing,
): [string, string][] {
  const timestamp = Math.floor(now / 1000);
  return [
    ["X-NetPulse-Event", eventOf(status)],
    ["X-NetPulse-Delivery", deliveryOfJob(jobId)],
    ["X-NetPulse-Attempt", String(tries)],
    ["X-NetPulse-Timestamp", String(timestamp)],
    ["X-NetPulse-Signature", signatureOf(secret, timestamp, body)],
  ];
}
