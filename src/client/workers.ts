import { type CallOptions, entries, type Http } from "./http.ts";
import type { Page, Paging, StoppedWorker, Worker, WorkerFilter, WorkerTarget } from "./types.ts";

/** `/worker`. */
export class Workers {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(filter: WorkerFilter & Paging = {}, options?: CallOptions): Promise<Page<Worker>> {
    return this.#http.page("/worker", filter, options);
  }

  /** All that match, read page by page. */
  all(filter: WorkerFilter = {}, options?: CallOptions): AsyncGenerator<Worker, void> {
    return entries((paging) => this.list({ ...filter, ...paging }, options));
  }

  /** Interrupts what they run; those jobs fail. One filter is required. */
  async stop(target: WorkerTarget, options?: CallOptions): Promise<StoppedWorker[]> {
    return (await this.#http.delete("/worker", target, options)).details as StoppedWorker[];
  }

  /** They finish what they run and take nothing new. Answers with their names. */
  suspend(target: WorkerTarget, options?: CallOptions): Promise<string[]> {
    return this.#http.post({ path: "/worker/suspend", query: target, repeatable: true }, options);
  }

  resume(target: WorkerTarget, options?: CallOptions): Promise<string[]> {
    return this.#http.post({ path: "/worker/resume", query: target, repeatable: true }, options);
  }
}
