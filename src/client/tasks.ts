import { TEST_MS } from "./devices.ts";
import { at, type CallOptions, entries, type Http, type SubmitOptions } from "./http.ts";
import type {
  Page,
  Paging,
  Task,
  TaskFilter,
  TaskLogin,
  TaskLook,
  TaskLookQuery,
  TaskRequest,
  TaskStarted,
} from "./types.ts";

/** `/detached-tasks`: commands on Linux hosts that outlive their jobs. */
export class Tasks {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Queues the job that starts it; a repeat after a lost answer gets the same task. */
  start(request: TaskRequest, options?: SubmitOptions): Promise<TaskStarted> {
    return this.#http.submit("/detached-tasks", request, options);
  }

  /** As they were seen last. */
  list(filter: TaskFilter & Paging = {}, options?: CallOptions): Promise<Page<Task>> {
    return this.#http.page("/detached-tasks", filter, options);
  }

  /** All that match, read page by page. */
  all(filter: TaskFilter = {}, options?: CallOptions): AsyncGenerator<Task, void> {
    return entries((paging) => this.list({ ...filter, ...paging }, options));
  }

  /** Logs in to its host, and looks at it and at what it has printed from `offset` on. */
  look(id: string, query: TaskLookQuery = {}, options: CallOptions = {}): Promise<TaskLook> {
    return this.#http.get(at`/detached-tasks/${id}`, query, { timeoutMs: TEST_MS, ...options });
  }

  /** Ends it with all that it has started, and forgets it. */
  async end(id: string, options: CallOptions = {}): Promise<void> {
    await this.#http.delete(at`/detached-tasks/${id}`, {}, { timeoutMs: TEST_MS, ...options });
  }

  /** Logs in to a host, and finds the tasks of its user. */
  discover(login: TaskLogin, options: CallOptions = {}): Promise<Task[]> {
    const call = { path: "/detached-tasks/discover", body: login, repeatable: false };
    return this.#http.post(call, { timeoutMs: TEST_MS, ...options });
  }
}
