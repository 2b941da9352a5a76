import type { FinalStatus } from "./job.ts";

/** What a receiver is told of a job. Each is the last word on it. */
export type WebhookEvent = `job.${FinalStatus}`;

/** Of how a job ended. */
export function eventOf(status: FinalStatus): WebhookEvent {
  return `job.${status}`;
}

/** `pending`: it is sent, now or when its moment comes. `dead`: no attempt is left. */
export const DELIVERY_STATES = ["pending", "delivered", "dead"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** A job has one delivery: whoever knows the job knows it, and a receiver knows by it what it has had. Itself for its id. */
export function deliveryOfJob(id: string): string {
  return id.startsWith("delivery_") ? id : `delivery_${id.replace(/^job_/, "")}`;
}

/** What an id of a delivery looks like. */
export const DELIVERY_ID = /^delivery_[0-9a-z]{16,40}$/;

/** Only for what matches `DELIVERY_ID`. */
export function jobOfDelivery(id: string): string {
  return id.replace(/^delivery_/, "job_");
}

/** One attempt to tell a receiver. */
export interface DeliveryAttempt {
  /** When it began, milliseconds since the epoch. */
  at: number;
  /** Until the answer, or until it was given up. */
  durationMs: number;
  /** HTTP status of the answer; null where there was none. */
  status: number | null;
  /** Why it counts for nothing; null where it was taken. Holds no secret. */
  error: string | null;
}

/** Seconds with commas between them; null when one is none. */
export function parseIntervals(text: string): number[] | null {
  const intervals = text.split(",").map((entry) => entry.trim());
  const right = intervals.every((entry) => /^\d{1,6}(\.\d{1,3})?$/.test(entry));
  return right && intervals.length <= MOST_INTERVALS ? intervals.map(Number) : null;
}

/** Pauses between attempts that a webhook may name. */
export const MOST_INTERVALS = 20;
