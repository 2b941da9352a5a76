import { join, resolve } from "node:path";
import { Netpulse as ApiClient, type ExecRequest } from "../../src/client/index.ts";
import type { Fault } from "../../src/lab/fault.ts";
import { type Child, type Exit, startChild } from "./process.ts";
import { netpulseCommand } from "./product.ts";
import { type TempDir, tempDir } from "./tempdir.ts";

/** An answer of the API as a client sees it. */
export interface Answer<T> {
  status: number;
  headers: Headers;
  body: Envelope<T>;
}

/** What every JSON answer is wrapped in. */
export interface Envelope<T> {
  code: number;
  message: string;
  data: T;
  pagination?: { next_cursor: string | null; limit: number };
}

/** A job as the API lists it. */
export interface JobView {
  id: string;
  status: "queued" | "started" | "finished" | "failed" | "cancelled";
  queue: string;
  created_at: string;
  enqueued_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  worker: string | null;
  result: ResultView | null;
  duration: number | null;
  queue_time: number | null;
  driver: string;
  host: string;
  node: string | null;
  command: string[];
  attempts: number;
  batch_id: string | null;
  waiting_on: WaitingView | null;
}

export interface WaitingView {
  reason: "position" | "device_busy" | "capacity" | "no_node" | "suspended" | "delayed" | "held";
  message: string;
  ahead: number | null;
  job: string | null;
  until: string | null;
}

export interface ResultView {
  type: "success" | "failed" | "stopped" | "timeout";
  retval: string | Record<string, string> | null;
  error: { type: string; message: string; retryable: boolean } | null;
  outputs: OutputView[];
}

export interface OutputView {
  command: string;
  stdout: string;
  stderr: string;
  exit_status: number | null;
  ok: boolean;
  parsed: unknown;
  parse_error: string | null;
  started_at: string;
  duration: number;
}

/** A worker as the API lists it. */
export interface WorkerView {
  name: string;
  status: "busy" | "idle" | "suspended" | "dead";
  pid: number;
  hostname: string;
  queues: string[];
  last_heartbeat: string;
  birth_at: string;
  successful_job_count: number;
  failed_job_count: number;
  node: string;
  host: string | null;
  current_jobs: string[];
  session: "connected" | "connecting" | "none";
}

export interface RequestOptions {
  /** Sent as JSON. */
  body?: unknown;
  /** Beside the key, which `"X-API-KEY"` here replaces. */
  headers?: Record<string, string>;
}

export interface NetpulseOptions {
  /** More configuration, by environment name. Nothing else of this process' environment is passed on. */
  env?: Record<string, string>;
  /** A binary to start, whatever the other tests run. */
  program?: string;
  /** Kept at the end, so that another can be started on it. Default: a temporary one, removed. */
  dataDir?: string;
}

/** The real product, `netpulse serve`, on a free port with a data folder of its own. */
export interface Netpulse {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly key: string;
  readonly dataDir: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** The product's own client, for tests of other things than the API's answers. */
  readonly client: ApiClient;
  request<T>(method: string, path: string, options?: RequestOptions): Promise<Answer<T>>;
  get<T = JobView[]>(path: string): Promise<Answer<T>>;
  post<T = JobView>(path: string, body: unknown): Promise<Answer<T>>;
  del<T>(path: string): Promise<Answer<T>>;
  /** `POST /device/exec`; rejects unless it was accepted. */
  exec(body: unknown): Promise<JobView>;
  /** The job as soon as it has ended, whichever way. */
  ended(id: string): Promise<JobView>;
  /** What it printed so far: its log, and the line that names its URL. */
  output(): string;
  waitForOutput(pattern: RegExp, deadline?: number): Promise<RegExpMatchArray>;
  /** The orderly end, by SIGTERM. */
  stop(): Promise<Exit>;
  /** The end without a chance to tidy up, by SIGKILL, of this process alone. */
  kill9(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Environment that has the product load a driver that can do what none may. */
export const WITH_TEST_DRIVERS = { NETPULSE_DRIVERS_DIR: resolve(import.meta.dir, "drivers") };

export async function startNetpulse(options: NetpulseOptions = {}): Promise<Netpulse> {
  const temporary = options.dataDir === undefined ? tempDir("data") : null;
  const dataDir = options.dataDir ?? temporary?.path ?? "";
  const command = options.program === undefined ? netpulseCommand("serve") : [options.program, "serve"];
  const child = startChild(command, {
    env: {
      ...surroundings(),
      NETPULSE_SERVER__PORT: "0",
      NETPULSE_LOG__FORMAT: "json",
      NETPULSE_WORKER__DRAIN_GRACE: "1",
      NETPULSE_DATA_DIR: dataDir,
      ...options.env,
    },
  });
  try {
    const [, url = ""] = await child.waitFor(/^netpulse serving at (\S+?)\/?$/m, { deadline: 30_000 });
    const key =
      options.env?.NETPULSE_SERVER__API_KEY ?? (await Bun.file(join(dataDir, "api-key")).text()).trim();
    return handle(child, url, key, dataDir, temporary);
  } catch (error) {
    await child.stop();
    temporary?.remove();
    throw error;
  }
}

function handle(
  child: Child,
  url: string,
  key: string,
  dataDir: string,
  temporary: TempDir | null,
): Netpulse {
  const stop = async () => {
    const exit = await child.stop(15_000);
    temporary?.remove();
    return exit;
  };
  return {
    ...client(url, key),
    url,
    key,
    dataDir,
    pid: child.pid,
    exited: child.exited,
    output: () => child.output(),
    waitForOutput: (pattern, deadline = 15_000) => child.waitFor(pattern, { deadline }),
    stop,
    async kill9() {
      child.kill("SIGKILL");
      await child.exited;
    },
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

type Client = Pick<Netpulse, "client" | "request" | "get" | "post" | "del" | "exec" | "ended">;

function client(url: string, key: string): Client {
  const request = async <T>(
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<Answer<T>> => {
    const json = options.body === undefined ? {} : { body: JSON.stringify(options.body) };
    const headers = new Headers({ "X-API-KEY": key, "Content-Type": "application/json", ...options.headers });
    const response = await fetch(`${url}${path}`, { method, headers, ...json });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Envelope<T>,
    };
  };
  const get = <T = JobView[]>(path: string) => request<T>("GET", path);
  // One try: what a test has broken must show at once.
  const client = new ApiClient({ url, apiKey: key, retryForMs: 0 });
  return {
    client,
    request,
    get,
    post: (path, body) => request("POST", path, { body }),
    del: (path) => request("DELETE", path),
    // Bodies of tests may be anything; what comes back is checked by the tests of the contract.
    exec: async (body) => (await client.devices.exec(body as ExecRequest)) as JobView,
    ended: async (id) => (await client.jobs.wait(id, { patienceMs: 0 })) as JobView,
  };
}

export interface LabOptions {
  /** Default `cisco_ios`. */
  platform?: string;
  /** Default 1. */
  devices?: number;
  /** How the devices misbehave; see `netpulse lab --help`. */
  fault?: Fault;
  /** More options of `netpulse lab`, e.g. `["--latency", "200"]`. */
  args?: string[];
}

/** The simulated devices of `netpulse lab`, in a process of their own. */
export interface Lab {
  readonly devices: LabDevice[];
  /** The first of them. */
  readonly device: LabDevice;
  /** Of the host key they share: `SHA256:…`. */
  readonly hostKeyFingerprint: string;
  output(): string;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface LabDevice {
  host: string;
  port: number;
  name: string;
}

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const folder = tempDir("lab");
  const what = ["--platform", options.platform ?? "cisco_ios", "--devices", String(options.devices ?? 1)];
  const how = options.fault === undefined ? [] : ["--fault", options.fault];
  const where = ["--port", "0", "--host-key", folder.file("host_key"), "--json"];
  const child = startChild([...netpulseCommand("lab"), ...what, ...how, ...where, ...(options.args ?? [])], {
    env: surroundings(),
  });
  const stop = async () => {
    await child.stop();
    folder.remove();
  };
  try {
    const [line] = await child.waitFor(/^\{"lab":"ready".*\}$/m);
    const { devices, fingerprint } = JSON.parse(line) as { devices: LabDevice[]; fingerprint: string };
    const [device] = devices;
    if (device === undefined) throw new Error(`the lab has no device: ${line}`);
    return {
      devices,
      device,
      hostKeyFingerprint: fingerprint,
      output: () => child.output(),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function surroundings(): Record<string, string> {
  const { PATH = "", TMPDIR = "/tmp" } = process.env;
  return { PATH, TMPDIR };
}
