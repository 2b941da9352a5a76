import { createHmac } from "node:crypto";
import { deliveryOfJob, eventOf } from "../core/webhook.ts";
import type { JobView } from "../engine/engine.ts";
import type { Delivery } from "../storage/deliveries.ts";

export interface MessageTerms {
  /** A job as the API shows it: of its output no more than that shows. */
  present: { job(view: JobView): object };
}

/** What a receiver is sent. */
export function bodyOf({ present }: MessageTerms, { jobId, status }: Delivery, view: JobView) {
  return Buffer.from(
    JSON.stringify({
      event_type: eventOf(status),
      final: true,
      delivery_id: deliveryOfJob(jobId),
      job: present.job(view),
    }),
  );
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
