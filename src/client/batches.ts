import { at, type CallOptions, entries, type Http } from "./http.ts";
import { pause } from "./timing.ts";
import type {
  Batch,
  BatchJobsQuery,
  BatchPage,
  BulkRequest,
  Cancelled,
  Job,
  Page,
  Paging,
  RetryAnswer,
} from "./types.ts";

/** How a batch is watched. */
export interface WatchOptions extends CallOptions {
  /** Pause between two looks, ms. Default 1,000. */
  everyMs?: number | undefined;
}

/** `/batch`. */
export class Batches {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** How far it has come. */
  async get(id: string, options?: CallOptions): Promise<Batch> {
    const query = { limit: 1, result: false };
    const { jobs: _jobs, ...batch } = await this.#http.get<BatchPage>(at`/batch/${id}`, query, options);
    return batch;
  }

  /** A page of its jobs, those that failed first. */
  async list(id: string, query: BatchJobsQuery & Paging = {}, options?: CallOptions): Promise<Page<Job>> {
    const [{ jobs }, nextCursor] = await this.#http.getWhole<BatchPage>(at`/batch/${id}`, query, options);
    return { items: jobs, nextCursor };
  }

  /** All of its jobs, read page by page. */
  all(id: string, query: BatchJobsQuery = {}, options?: CallOptions): AsyncGenerator<Job, void> {
    return entries((paging) => this.list(id, { ...query, ...paging }, options));
  }

  /** How far it has come, again and again, up to and with its end. */
  async *watch(id: string, options: WatchOptions = {}): AsyncGenerator<Batch, void> {
    const { everyMs = 1000, ...call } = options;
    for (;;) {
      const batch = await this.get(id, call);
      yield batch;
      if (isOver(batch)) return;
      await pause(this.#http.clock, everyMs, call.signal);
    }
  }

  /** What of it is queued or held. */
  async cancel(id: string, options?: CallOptions): Promise<Cancelled> {
    return (await this.#http.delete<Cancelled>(at`/batch/${id}`, {}, options)).data;
  }

  /** What of it has failed, with the body of the bulk request again. The API makes one retry of it, however often asked. */
  retry(
    id: string,
    request: BulkRequest,
    options: CallOptions & { cancelled?: boolean } = {},
  ): Promise<RetryAnswer> {
    const { cancelled, ...call } = options;
    const path = at`/batch/${id}/retry`;
    return this.#http.post({ path, query: { cancelled }, body: request, repeatable: true }, call);
  }
}

/** Whether nothing more comes of it: all jobs are stored and in a final status, or forgotten. */
export function isOver({ counts, size, forgotten, phase }: Batch): boolean {
  const ended = counts.finished + counts.failed + counts.cancelled;
  return (
    counts.queued + counts.started === 0 &&
    ended + forgotten >= size &&
    (phase === "open" || phase === "stopped")
  );
}
