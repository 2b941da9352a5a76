import { createHash } from "node:crypto";
import { ID_DIGITS, idOf } from "../core/ids.ts";
import type { Batch } from "../storage/batches.ts";

/** Five-bit digits of a job's id that tell its place in the batch: a million places. */
const PLACE_DIGITS = 4;

/** The id of a batch by what it is known by: a repeat of the request makes the same one. */
export function batchIdFor(key: string): string {
  const digits = digitsOf(key, ID_DIGITS.all);
  return idOf("batch", digits);
}

/** The id of a batch's job by its place in the request: a repeat makes the same one, which is stored once. */
export function batchJobId(
  { id, createdAt }: Pick<Batch, "id" | "createdAt">,
  place: number,
  shard: number,
): string {
  const digits = digitsOf(id, ID_DIGITS.random - PLACE_DIGITS);
  for (let n = PLACE_DIGITS - 1; n >= 0; n--) digits.push((place >> (5 * n)) & 31);
  return idOf("job", digits, { time: createdAt, shard });
}

function digitsOf(text: string, count: number): number[] {
  return Array.from(createHash("sha256").update(text).digest().subarray(0, count), (byte) => byte & 31);
}
