import { FILE_MS } from "./files.ts";
import type { CallOptions, Http, SubmitOptions } from "./http.ts";
import type { BulkAnswer, BulkRequest, ExecRequest, Job, TestAnswer, TestRequest } from "./types.ts";
import { orThrow, type WaitOptions, waitForEnd } from "./wait.ts";

/** A device may take `job.test_timeout` to be reached, which the API waits for. */
export const TEST_MS = 3_660_000;

/** Jobs are stored while the API makes its answer: thousands of devices take their time. */
const BULK_MS = 300_000;

/** `/device`. */
export class Devices {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Queues a command or a config; a repeat after a lost answer gets the job of the first. */
  exec(request: ExecRequest, options?: SubmitOptions): Promise<Job> {
    return this.#http.submit("/device/exec", request, options);
  }

  /** With a file that its one upload brings to the device. */
  execWithFile(request: ExecRequest, file: File, options: SubmitOptions = {}): Promise<Job> {
    const form = new FormData();
    form.set("request", JSON.stringify(request));
    form.set("file", file, file.name);
    return this.#http.submit("/device/exec", form, { timeoutMs: FILE_MS, ...options });
  }

  /** {@link exec}, and waits for the end. Throws `JobFailed` unless the job finished well. */
  async run(request: ExecRequest, options: WaitOptions & { idempotencyKey?: string } = {}): Promise<Job> {
    const { signal, idempotencyKey } = options;
    const { id } = await this.exec(request, { signal, idempotencyKey });
    return orThrow(await waitForEnd(this.#http, id, options));
  }

  /** Queues a job for each device. What was refused of it stands in the answer's `failed`. */
  bulk(request: BulkRequest, options: SubmitOptions = {}): Promise<BulkAnswer> {
    return this.#http.submit("/device/bulk", request, { timeoutMs: BULK_MS, ...options });
  }

  /** Connects, logs in and says how it went. Aborting cancels it. */
  test(request: TestRequest, options: CallOptions = {}): Promise<TestAnswer> {
    const call = { path: "/device/test", body: request, repeatable: false };
    return this.#http.post(call, { timeoutMs: TEST_MS, ...options });
  }
}
