import type { Static, TSchema } from "@sinclair/typebox";
import { Type } from "@sinclair/typebox";
import {
  CancelledSchema,
  FieldErrorsSchema,
  type Job,
  JobSchema,
  type Result,
  StoppedSchema,
  shaped,
  WorkerSchema,
} from "./contract.ts";

/** An answer whose envelope was checked. */
export interface Answer {
  status: number;
  headers: Headers;
  code: number;
  message: string;
  data: unknown;
  /** Beside `data`, where the endpoint documents it. */
  details: unknown;
  pagination: Pagination | null;
  /** The body, byte for byte. */
  text: string;
}

export interface Pagination {
  next_cursor: string | null;
  limit: number;
}

export interface Call {
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is, instead of `json`. */
  body?: string | ReadableStream<Uint8Array>;
  /** Beside the key; `null` takes a header out. */
  headers?: Record<string, string | null>;
}

const PaginationSchema = Type.Object(
  { next_cursor: Type.Union([Type.String(), Type.Null()]), limit: Type.Integer({ minimum: 1 }) },
  { additionalProperties: false },
);

/** A client that holds every answer to the documented envelope. */
export class Api {
  readonly #url: string;
  readonly #key: string;
  /** Every answer so far, with its headers, as it came. */
  readonly transcript: string[] = [];

  constructor({ url, key }: { url: string; key: string }) {
    this.#url = url;
    this.#key = key;
  }

  async call(method: string, path: string, { json, body, headers = {} }: Call = {}): Promise<Answer> {
    const sent = new Headers({ "X-API-KEY": this.#key });
    if (json !== undefined) sent.set("Content-Type", "application/json");
    for (const [name, value] of Object.entries(headers)) {
      if (value === null) sent.delete(name);
      else sent.set(name, value);
    }
    const content = json === undefined ? body : JSON.stringify(json);
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: sent,
      ...(content === undefined ? {} : { body: content }),
    });
    const text = await response.text();
    this.transcript.push(JSON.stringify([...response.headers]), text);
    return checked(`${method} ${path.split("?", 1)[0]}`, response, text);
  }

  get(path: string): Promise<Answer> {
    return this.call("GET", path);
  }

  delete(path: string): Promise<Answer> {
    return this.call("DELETE", path);
  }

  /** `POST /device/exec` with whatever body; the answer may be a refusal. */
  tryExec(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.call("POST", "/device/exec", { json: body, headers });
  }

  /** A job that was accepted. */
  async exec(body: unknown, headers: Record<string, string> = {}): Promise<Job> {
    const answer = await this.tryExec(body, headers);
    return dataOf(answer, 201, JobSchema);
  }

  /** The job as it stands. */
  async job(id: string, query = ""): Promise<Job> {
    const [job] = dataOf(await this.get(`/job?id=${id}${query}`), 200, Type.Array(JobSchema));
    if (job === undefined) throw new Error(`GET /job?id=${id} answered an empty list`);
    return job;
  }

  /** The job once it has ended, whichever way; held by the server, so no polling. */
  async ended(id: string, deadline = 20_000): Promise<Job> {
    const until = performance.now() + deadline;
    for (;;) {
      const left = (until - performance.now()) / 1000;
      if (left <= 0) throw new Error(`${id} has not ended within ${deadline} ms`);
      const job = await this.job(id, `&wait=${Math.min(left, 30).toFixed(3)}`);
      if (job.ended_at !== null) return job;
    }
  }

  /** Submits and waits for the end. */
  async run(body: unknown, deadline?: number): Promise<Job> {
    const { id } = await this.exec(body);
    return await this.ended(id, deadline);
  }

  async jobs(query = ""): Promise<Job[]> {
    return dataOf(await this.get(`/job?${query}`), 200, Type.Array(JobSchema));
  }

  async workers(query = "") {
    return dataOf(await this.get(`/worker?${query}`), 200, Type.Array(WorkerSchema));
  }

  /** Stops workers: their names, and beside them what each was doing. */
  async stopWorkers(query: string) {
    const answer = await this.delete(`/worker?${query}`);
    const names = dataOf(answer, 200, Type.Array(Type.String()));
    return { names, details: shaped(Type.Array(StoppedSchema), answer.details, "details") };
  }

  async cancel(query: string) {
    return dataOf(await this.delete(`/job?${query}`), 200, CancelledSchema);
  }
}

/** What a job that has ended came to. */
export function resultOf(job: Job): Result {
  if (job.result === null) throw new Error(`${job.id} is ${job.status} and has no result`);
  return job.result;
}

/** How a job failed, in three words. */
export function failure(job: Job) {
  const { type, error } = resultOf(job);
  return { status: job.status, type, error: error?.type ?? null };
}

/** The answer's data, known to be what the documents say; throws for another status or shape. */
export function dataOf<T extends TSchema>(answer: Answer, status: number, schema: T): Static<T> {
  if (answer.status !== status) {
    throw new Error(`answered ${answer.status} instead of ${status}: ${answer.text}`);
  }
  return shaped(schema, answer.data, "the answer's data");
}

/** What a 422 says is wrong in the body or the query: dotted paths to what it says of them. */
export function wrongFields(answer: Answer, part: "body" | "query" = "body"): Record<string, string> {
  const fields = dataOf(answer, 422, FieldErrorsSchema);
  return Object.fromEntries(
    fields.map(({ loc: [root, ...path], msg }) => {
      if (root !== part) throw new Error(`names ${root}, not ${part}: ${answer.text}`);
      return [path.join("."), msg];
    }),
  );
}

function checked(what: string, response: Response, text: string): Answer {
  const type = response.headers.get("content-type") ?? "none";
  if (!/^application\/json\b/.test(type)) {
    throw new Error(`${what} answered ${response.status} with content type ${type}: ${text.slice(0, 500)}`);
  }
  const body = JSON.parse(text) as Record<string, unknown>;
  const known = ["code", "message", "data", "pagination", "details"];
  const wrong = [
    ...known.slice(0, 3).filter((name) => !(name in body)),
    ...Object.keys(body).filter((name) => !known.includes(name)),
  ];
  const { code, message, data, details, pagination } = body;
  const rightCode = response.ok ? 200 : -1;
  if (wrong.length > 0 || code !== rightCode || typeof message !== "string" || message === "") {
    throw new Error(`${what} answered ${response.status} in another envelope: ${text.slice(0, 500)}`);
  }
  return {
    status: response.status,
    headers: response.headers,
    code: rightCode,
    message,
    data,
    details,
    pagination: pagination === undefined ? null : shaped(PaginationSchema, pagination, "pagination"),
    text,
  };
}
