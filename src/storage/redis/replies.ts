import type { Reply } from "./link.ts";

/** What our own scripts answer is known; a reply of another shape is a fault of ours, and says so. */
export function list(reply: Reply | undefined): Reply[] {
  if (!Array.isArray(reply)) throw new TypeError("a script answered something that is no list");
  return reply;
}

export function bytes(reply: Reply | undefined): Buffer {
  if (!Buffer.isBuffer(reply)) throw new TypeError("a script answered something that is no string");
  return reply;
}

export function text(reply: Reply | undefined): string {
  return bytes(reply).toString();
}

export function int(reply: Reply | undefined): number {
  if (typeof reply !== "number") throw new TypeError("a script answered something that is no number");
  return reply;
}

/** Every shard, for what is asked of all. */
export function everyShard<R>(shards: number, ask: (shard: number) => Promise<R>): Promise<R[]> {
  return Promise.all(Array.from({ length: shards }, (_, shard) => ask(shard)));
}

/** The argument for `now`: empty outside tests, when the server's clock decides. */
export function nowArgument(now: number | undefined): string {
  return now === undefined ? "" : String(now);
}
