import type { Clock } from "../../core/clock.ts";
import { nameOf } from "./connection-slots.ts";
import { askOnce, type SocketOptions } from "./connection-socket.ts";
import { Subscription } from "./connection-subscription.ts";
import { isLasting, translated, UnfitError } from "./errors.ts";
import type { Reply } from "./link.ts";
import type { Endpoint } from "./url.ts";

export interface SentinelParams {
  sentinels: Endpoint[];
  /** The name of the master. */
  master: string;
  clock: Clock;
  /** How to connect to a sentinel. */
  socket: SocketOptions;
}

/** One that is silent must not keep us from asking the next. */
const ANSWER_MS = 1_000;

/** Asks sentinels where the master is, and is told by one of them when it is another. */
export class Sentinels {
  readonly #params: SentinelParams;
  readonly #socket: SocketOptions;
  /** Where the next round begins: another one each time, in case what the last one said was out of date. */
  #first = 0;
  #watched = 0;
  #watch: Subscription | null = null;

  constructor(params: SentinelParams) {
    this.#params = params;
    this.#socket = { ...params.socket, timeoutMs: Math.min(ANSWER_MS, params.socket.timeoutMs) };
  }

  /** Asks one after another until one knows the master. Rejects with why the last one does not. */
  async find(): Promise<Endpoint> {
    const { sentinels, master } = this.#params;
    const first = this.#first++;
    let failure: unknown = null;
    for (const index of sentinels.keys()) {
      const sentinel = sentinels[(first + index) % sentinels.length];
      if (sentinel === undefined) continue;
      try {
        const reply = await askOnce(sentinel, this.#socket, ["sentinel", "get-master-addr-by-name", master]);
        return address(reply, master);
      } catch (error) {
        const said = translated(error, `its sentinel at ${nameOf(sentinel)}`);
        failure = new UnfitError(messageOf(said), { lasting: isLasting(error) });
      }
    }
    throw failure;
  }

  /** Calls `onSwitch` when the master is another. */
  watch(onSwitch: () => void): void {
    const { sentinels, master, clock } = this.#params;
    this.#watch = new Subscription({
      clock,
      socket: this.#socket,
      place: "a Redis sentinel",
      channel: "+switch-master",
      find: async () => sentinels[this.#watched++ % sentinels.length] as Endpoint,
      onMessage(message) {
        if (message.split(" ", 1)[0] === master) onSwitch();
      },
    });
  }

  close(): void {
    this.#watch?.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function address(reply: Reply, master: string): Endpoint {
  if (Array.isArray(reply)) return { host: String(reply[0]), port: Number(reply[1]) };
  throw new UnfitError(`it knows no master named ${master}; see the end of storage.url`, {
    lasting: true,
  });
}
