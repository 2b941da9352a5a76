import { type FollowOptions, followJob } from "./events.ts";
import { type CallOptions, entries, type Http } from "./http.ts";
import type { Cancelled, Job, JobEvent, JobFilter, JobQuery, Page, Paging } from "./types.ts";
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
