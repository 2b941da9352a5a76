import type { Clock } from "../../../core/clock.ts";

export const EVENT_STREAM = "text/event-stream";

/** A line for a client, and for what stands between, that there is still somebody, ms. */
export const HEARTBEAT_MS = 15_000;
const HEARTBEAT = ": still here\n\n";
const ENDED = { done: true, value: undefined } as const;

export interface StreamTerms {
  clock: Clock;
  /** How long the client may take nothing before it is cut off, ms. */
  stallMs: number;
  /** Called once, however it ends. */
  onEnd(): void;
}

/**
 * Pieces of text as the body of an answer. One is asked for when the client has taken those before, so no more than one is
 * kept; while none comes there are heart-beats. A client that takes nothing for too long is cut off.
 */
export function eventBody(
  pieces: AsyncIterator<string, void>,
  terms: StreamTerms,
): ReadableStream<Uint8Array> {
  const { clock, stallMs } = terms;
  const encoder = new TextEncoder();
  let next: Promise<IteratorResult<string, void>> | null = null;
  let stalled = { cancel() {} };
  let over = false;

  function end(): void {
    stalled.cancel();
    if (over) return;
    over = true;
    terms.onEnd();
    void pieces.return?.();
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        stalled.cancel();
        next ??= pieces.next();
        // A store that went away: the client comes back with its place, and hears of it then.
        const result = await orHeartbeat(clock, next).catch(() => ENDED);
        if (over) return;
        if (result !== null) next = null;
        if (result?.done) {
          end();
          controller.close();
          return;
        }
        controller.enqueue(encoder.encode(result?.value ?? HEARTBEAT));
        stalled = clock.after(stallMs, () => {
          end();
          controller.error(new Error("the client of an event stream took nothing for too long"));
        });
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}

/** null: nothing has come for so long that a heart-beat is due. */
async function orHeartbeat<T>(clock: Clock, next: Promise<T>): Promise<T | null> {
  const due = Promise.withResolvers<null>();
  const timer = clock.after(HEARTBEAT_MS, () => due.resolve(null));
  try {
    return await Promise.race([next, due.promise]);
  } finally {
    timer.cancel();
  }
}
