import { type Static, Type } from "@sinclair/typebox";
import { CancelledSchema, type Job, JobSchema, shaped, WorkerSchema } from "../e2e/support/contract.ts";

/** How long a client waits for an answer beyond what it asked the API to wait. */
const PATIENCE_MS = 6_000;

export interface Answered {
  status: number;
  data: unknown;
  cursor: string | null;
}

/** One of the APIs, or nobody: null is no answer, of which nothing follows. */
export class ApiClient {
  readonly #url: string;
  readonly #key: string;
  readonly #hear: (text: string) => void;

  constructor(url: string, key: string, hear: (text: string) => void) {
    this.#url = url;
    this.#key = key;
    this.#hear = hear;
  }

  async call(
    method: string,
    path: string,
    {
      json,
      headers = {},
      waitMs = 0,
    }: { json?: unknown; headers?: Record<string, string>; waitMs?: number } = {},
  ): Promise<Answered | null> {
    try {
      const response = await fetch(`${this.#url}${path}`, {
        method,
        headers: { "X-API-KEY": this.#key, "Content-Type": "application/json", ...headers },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        signal: AbortSignal.timeout(waitMs + PATIENCE_MS),
      });
      const text = await response.text();
      this.#hear(text);
      const { data, pagination } = JSON.parse(text);
      return { status: response.status, data, cursor: pagination?.next_cursor ?? null };
    } catch {
      return null;
    }
  }
}

/** A job without its result, as lists show it when asked to. */
const PlainJobSchema = Type.Omit(JobSchema, ["result"]);
export type PlainJob = Static<typeof PlainJobSchema>;

export const plainJobs = (answer: Answered, what: string): PlainJob[] =>
  shaped(Type.Array(PlainJobSchema), answer.data, what);
export const jobs = (answer: Answered, what: string): Job[] =>
  shaped(Type.Array(JobSchema), answer.data, what);
export const workers = (answer: Answered) => shaped(Type.Array(WorkerSchema), answer.data, "GET /worker");
export const cancelled = (answer: Answered): string[] =>
  shaped(CancelledSchema, answer.data, "DELETE /job").cancelled_jobs;
