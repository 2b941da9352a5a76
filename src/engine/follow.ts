import { RequestError } from "../core/errors.ts";
import { isFinal, type Job } from "../core/job.ts";
import { decodeFrames, type OutputFrame } from "../core/output-log.ts";
import type { OutputSlice, Storage } from "../storage/storage.ts";
import type { JobWatch } from "./job-watch.ts";

/** Where in a job's output somebody is: how many runs it had then, and the byte of the log. */
export interface OutputPlace {
  attempts: number;
  offset: number;
}

export type JobEvent =
  /** It has come to another status, or is in this one at the beginning. Of a final one it is the last event. */
  | { kind: "state"; job: Job; place: OutputPlace }
  | { kind: "output"; frames: PlacedFrame[] }
  /** What was printed up to now counts no more: another run has begun. */
  | { kind: "reset"; place: OutputPlace };

/** A frame, and the place behind it. */
export interface PlacedFrame {
  frame: OutputFrame;
  place: OutputPlace;
}

export interface FollowDeps {
  storage: Storage;
  watch: JobWatch;
}

export interface FollowParams {
  id: string;
  /** What is behind it is not told again. null: from the beginning. */
  from: OutputPlace | null;
  signal: AbortSignal;
}

/** Log read in one go; more where a single line is longer. */
const SLICE = 64 * 1024;
const NEWLINE = 10;

/**
 * What happens to a job, from a place in its output to its end. Pulled: nothing is read ahead of who listens. Throws
 * `not_found` when there is no such job at the beginning, ends early when `signal` aborts or the job is forgotten.
 */
export async function* follow(deps: FollowDeps, params: FollowParams): AsyncGenerator<JobEvent, void> {
  const { id, signal } = params;
  const bell = new Bell();
  const stop = deps.watch.on(id, bell.ring);
  signal.addEventListener("abort", bell.ring);
  try {
    const follower = new Follower(deps.storage, id);
    yield* await follower.begin(params.from);
    while (!signal.aborted && !follower.over) {
      // Armed before the look, so that what happens meanwhile is not missed.
      const rung = bell.next();
      const { events, more } = await follower.look();
      yield* events;
      if (!more && !follower.over) await rung;
    }
  } finally {
    stop();
    signal.removeEventListener("abort", bell.ring);
  }
}

/** Rung any number of times before somebody waits, it counts once. */
class Bell {
  #rung = Promise.withResolvers<void>();

  readonly ring = (): void => this.#rung.resolve();

  next(): Promise<void> {
    this.#rung = Promise.withResolvers<void>();
    return this.#rung.promise;
  }
}

interface Look {
  events: JobEvent[];
  /** There may be more at once. */
  more: boolean;
}

/** One who reads a job and its log, and knows how far he is. */
class Follower {
  readonly #storage: Storage;
  readonly #id: string;
  #place: OutputPlace = { attempts: 0, offset: 0 };
  #status: Job["status"] | null = null;
  #most = SLICE;
  /** There is nothing more to tell. */
  over = false;

  constructor(storage: Storage, id: string) {
    this.#storage = storage;
    this.#id = id;
  }

  /** A place of another run, or where no line begins, counts as none. */
  async begin(from: OutputPlace | null): Promise<JobEvent[]> {
    const [job] = await this.#storage.get({ ids: [this.#id] });
    if (!job) throw new RequestError("not_found", "no such job; ended jobs are forgotten after result_ttl");
    this.#place = { attempts: job.attempts, offset: 0 };
    if (from === null || from.offset === 0) return [];
    if (from.attempts !== job.attempts || !(await this.#beginsLine(from.offset))) return [this.#reset()];
    this.#place = from;
    return [];
  }

  /** The slice is read before the job: where that has as many runs as before, the slice is of the last of them. */
  async look(): Promise<Look> {
    const { attempts, offset } = this.#place;
    const slice = await this.#storage.readOutput({ id: this.#id, offset, max: this.#most });
    const [job] = await this.#storage.get({ ids: [this.#id] });
    if (!job) return this.#end([]); // forgotten
    if (job.attempts !== attempts || slice.offset < offset) return this.#begunAnew(job);
    const frames = this.#take(slice);
    const printed: JobEvent[] = frames.length > 0 ? [{ kind: "output", frames }] : [];
    if (!isFinal(job.status)) return { events: [...this.#state(job), ...printed], more: this.#full(slice) };
    if (slice.ended) return this.#end([...printed, ...this.#state(job)]);
    return { events: printed, more: true };
  }

  async #beginsLine(offset: number): Promise<boolean> {
    const before = offset - 1;
    const slice = await this.#storage.readOutput({ id: this.#id, offset: before, max: 1 });
    return slice.offset === before && slice.bytes[0] === NEWLINE;
  }

  /** The log is that of another run now, or a part of it was lost. */
  #begunAnew(job: Job): Look {
    const toldSome = this.#place.offset > 0;
    this.#place = { attempts: job.attempts, offset: 0 };
    return { events: toldSome ? [this.#reset()] : [], more: true };
  }

  #reset(): JobEvent {
    return { kind: "reset", place: this.#place };
  }

  #state(job: Job): JobEvent[] {
    if (job.status === this.#status) return [];
    this.#status = job.status;
    return [{ kind: "state", job, place: this.#place }];
  }

  #end(events: JobEvent[]): Look {
    this.over = true;
    return { events, more: false };
  }

  /** The whole lines of a slice; the begin of another one is left for the next. */
  #take({ bytes }: OutputSlice): PlacedFrame[] {
    const frames: PlacedFrame[] = [];
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      const line = utf8.decode(bytes.subarray(from, end + 1));
      const { attempts, offset } = this.#place;
      this.#place = { attempts, offset: offset + end + 1 - from };
      for (const frame of decodeFrames(line)) frames.push({ frame, place: this.#place });
      from = end + 1;
    }
    // A line that is longer than a slice.
    this.#most = frames.length === 0 && bytes.length === this.#most ? 2 * this.#most : SLICE;
    return frames;
  }

  #full({ bytes }: OutputSlice): boolean {
    return bytes.length >= SLICE;
  }
}

const utf8 = new TextDecoder();
