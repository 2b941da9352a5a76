import { readAnswer } from "./answer.ts";
import { backoffMs, mayRepeat, wishOf } from "./backoff.ts";
import { BadAnswer, NetpulseError, NetworkError } from "./errors.ts";
import { at, type Http, lost } from "./http.ts";
import { EventParser, type ServerSentEvent } from "./sse.ts";
import { type Deadline, deadline, pause } from "./timing.ts";
import type { JobEvent } from "./types.ts";
import { PATIENCE_MS } from "./wait.ts";

/** How a job is followed. */
export interface FollowOptions {
  /** Ends the stream, with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** `id` of the last event had before: goes on behind it. */
  lastEventId?: string | undefined;
  /** How long the API may be out of reach, ms. Default 60,000. */
  patienceMs?: number | undefined;
}

const EVENT_STREAM = "text/event-stream";

/** The API says something at least every 15 s; a connection that is silent for longer is dead. */
const SILENCE_MS = 45_000;

/** One that still says something after so long is of use, also when that is no event. */
const LIVES_MS = 10_000;

/**
 * Follows a job to its end over as many connections as it takes: each goes on behind the last event that came.
 */
export async function* followJob(
  http: Http,
  id: string,
  options: FollowOptions = {},
): AsyncGenerator<JobEvent, void> {
  const stream = new EventStream(http, id, options);
  while (!stream.over) {
    try {
      yield* stream.connection();
      if (!stream.over) throw new NetworkError("the API ends the stream before the job has ended");
    } catch (error) {
      stream.endure(error);
    }
    if (!stream.over) await stream.pause();
  }
}

class EventStream {
  /** There is no more to come. */
  over = false;
  readonly #http: Http;
  readonly #path: string;
  readonly #signal: AbortSignal | undefined;
  readonly #patienceMs: number;
  #last: string;
  #retryMs = 0;
  /** How often in a row nothing came of a connection, and since when. */
  #fruitless = 0;
  #since = 0;

  constructor(http: Http, id: string, { signal, lastEventId = "", patienceMs = PATIENCE_MS }: FollowOptions) {
    this.#http = http;
    this.#path = at`/job/${id}/events`;
    this.#signal = signal;
    this.#last = lastEventId;
    this.#patienceMs = patienceMs;
  }

  /** Ends when the server ends it; throws `NetworkError` when it breaks. */
  async *connection(): AsyncGenerator<JobEvent, void> {
    this.#signal?.throwIfAborted();
    const silence = deadline(this.#http.clock, SILENCE_MS, this.#signal);
    try {
      const response = await this.#connect(silence);
      if (response !== null) yield* this.#read(response, silence);
    } catch (error) {
      this.#signal?.throwIfAborted();
      if (error instanceof NetpulseError) throw error;
      throw lost(silence.passed ? `nothing came for ${SILENCE_MS / 1000} s` : null, error);
    } finally {
      silence.end();
    }
  }

  /** Throws what no other connection would mend, and when there is no patience left. */
  endure(error: unknown): void {
    this.#signal?.throwIfAborted();
    if (!mayRepeat(error, true)) throw error;
    const wish = wishOf(error);
    const silentMs = this.#fruitless === 0 ? 0 : this.#http.clock.monotonic() - this.#since;
    if (silentMs + wish >= this.#patienceMs) throw error;
    this.#retryMs = Math.max(this.#retryMs, wish);
  }

  /** As long as the server wants, and longer from time to time where nothing comes. */
  async pause(): Promise<void> {
    const { clock, random } = this.#http;
    const ms = this.#retryMs + backoffMs(this.#fruitless, random);
    if (this.#fruitless === 0) this.#since = clock.monotonic();
    this.#fruitless += 1;
    await pause(clock, ms, this.#signal);
  }

  /** null: there is no more to come. */
  async #connect(silence: Deadline): Promise<Response | null> {
    const place = this.#last === "" ? {} : { "last-event-id": this.#last };
    const response = await this.#http.open(this.#path, { accept: EVENT_STREAM, ...place }, silence);
    if (response.status === 204) {
      this.over = true;
      return null;
    }
    if (response.ok && response.headers.get("content-type")?.startsWith(EVENT_STREAM)) return response;
    await readAnswer(response, this.#http.clock.now());
    throw new BadAnswer(response.status, "the answer is not an event stream; check the URL");
  }

  async *#read(response: Response, silence: Deadline): AsyncGenerator<JobEvent, void> {
    const reader = response.body?.getReader();
    if (reader === undefined) return;
    const decoder = new TextDecoder();
    // A new one: what a broken connection had begun is no begin of what the next one says.
    const parser = new EventParser();
    const openedAt = this.#http.clock.monotonic();
    try {
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        silence.restart();
        if (this.#http.clock.monotonic() - openedAt >= LIVES_MS) this.#fruitless = 0;
        for (const event of parser.push(decoder.decode(part.value, { stream: true })))
          yield this.#take(event);
        this.#retryMs = parser.retryMs ?? this.#retryMs;
        if (this.over) return;
      }
    } finally {
      // Whoever stops listening in the middle lets the connection go.
      await reader.cancel().catch(() => {});
    }
  }

  #take({ type, id, data }: ServerSentEvent): JobEvent {
    if (id !== "") this.#last = id;
    this.#fruitless = 0;
    if (type === "end") this.over = true;
    try {
      return { type, id, data: JSON.parse(data) } as JobEvent;
    } catch (cause) {
      throw new BadAnswer(200, "the event stream holds what is not an event of a job", { cause });
    }
  }
}
