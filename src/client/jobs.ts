import { type FollowOptions, followJob } from "./events.ts";
import { at, type CallOptions, entries, type Http } from "./http.ts";
import type {
  Cancelled,
  Job,
  JobEvent,
  JobFilter,
  JobQuery,
  OutputChunk,
  OutputPart,
  OutputQuery,
  Page,
  Paging,
} from "./types.ts";
import { getJob, type WaitOptions, waitForEnd } from "./wait.ts";

/** `/job`. */
export class Jobs {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async get(id: string, options?: CallOptions): Promise<Job> {
    return await getJob(this.#http, { id }, options);
  }

  /** One page, newest first unless `order` says otherwise. */
  list(query: JobQuery & Paging = {}, options?: CallOptions): Promise<Page<Job>> {
    return this.#http.page("/job", query, options);
  }

  /** All that match, read page by page. */
  all(query: JobQuery & { limit?: number } = {}, options?: CallOptions): AsyncGenerator<Job, void> {
    return entries((paging) => this.list({ ...query, ...paging }, options));
  }

  /** A part of what it has printed so far, from a byte offset: all of it, also where its result shows but a part. */
  output(id: string, query: OutputQuery = {}, options?: CallOptions): Promise<OutputPart> {
    return this.#http.get(at`/job/${id}/output`, query, options);
  }

  /** All that it has printed so far, part by part as they are wanted; `index`: by this command alone. */
  async *allOutput(
    id: string,
    query: { index?: number } = {},
    options?: CallOptions,
  ): AsyncGenerator<OutputChunk, void> {
    for (let offset = 0; ; ) {
      const { chunks, next_offset: next, ended } = await this.output(id, { ...query, offset }, options);
      yield* chunks;
      if (ended || next === offset) return;
      offset = next;
    }
  }

  /** The job once it has ended, whichever way; see {@link orThrow}. */
  wait(id: string, options?: WaitOptions): Promise<Job> {
    return waitForEnd(this.#http, id, options);
  }

  /** What happens to it from its begin, or from `lastEventId`, to its end; connections that break are made again. */
  events(id: string, options?: FollowOptions): AsyncGenerator<JobEvent, void> {
    return followJob(this.#http, id, options);
  }

  /** While it is queued; `Conflict` once it has started or ended. */
  async cancel(id: string, options?: CallOptions): Promise<void> {
    await this.#http.delete("/job", { id }, options);
  }

  /** Also when it has started: what it runs is interrupted, and it ends as `JobAborted`. */
  async abort(id: string, options?: CallOptions): Promise<void> {
    await this.#http.delete("/job", { id, force: true }, options);
  }

  /** All that are queued and match; one of `queue`, `host` and `batch_id` is required. */
  async cancelWhere(filter: JobFilter, options?: CallOptions): Promise<Cancelled> {
    return (await this.#http.delete<Cancelled>("/job", filter, options)).data;
  }
}
