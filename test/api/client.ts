import type { TObject } from "@sinclair/typebox";
import { Type } from "@sinclair/typebox";
import { type Api, type ApiDeps, createApi } from "../../src/api/app.ts";
import type { DriverInfo } from "../../src/api/drivers.ts";
import { httpServers } from "../../src/mcp/http.ts";
import { openLog } from "../../src/observe/log.ts";
import { FakeClock } from "../support/clock.ts";
import { DirectTemplates } from "../support/direct-templates.ts";
import { MemoryEngine, NOON } from "./memory-engine.ts";
import { MemoryHostKeys } from "./memory-host-keys.ts";
import { MemoryAudit, MemoryKeys } from "./memory-keys.ts";

export const KEY = "test-key-0123456789";

export const SETTINGS: ApiDeps["config"] = {
  timeZone: "Asia/Shanghai",
  server: {
    host: "127.0.0.1",
    port: 0,
    maxBody: 64 * 1024,
    bodyTimeout: 30,
    idleTimeout: 120,
    maxStreams: 2,
    streamStall: 30,
    keyCache: 5,
    rateLimit: 0,
    maxUrl: 8192,
    maxHeaders: 16_384,
    headerTimeout: 20,
    trustProxy: null,
    corsOrigins: null,
    tls: { cert: null, key: null },
  },
  job: { maxBulk: 100 },
  storageFiles: { ttl: 3600, uploadTimeout: 60 },
  mcp: { maxSessions: 4, sessionsPerKey: 3, sessionIdle: 60, sessionAge: 600 },
  health: { maxErrorRate: 0.05 },
};

export const DRIVERS: DriverInfo[] = [
  {
    name: "cli",
    aliases: ["netmiko"],
    summary: "Network command lines over SSH.",
    defaultQueue: "pinned",
    operations: ["command", "config"],
    connectionArgs: connectionArgs(),
    driverArgs: Type.Object({}, { additionalProperties: false }),
  },
];

function connectionArgs(): TObject {
  return Type.Object(
    {
      host: Type.String({ description: "Host." }),
      password: Type.Optional(Type.String({ description: "Password.", secret: true })),
    },
    { additionalProperties: false },
  );
}

const noFile = () => Promise.reject(new Error("this test has no storage folder"));
const NO_FILES: ApiDeps["files"] = {
  id: "folder",
  maxSize: 0,
  stat: noFile,
  list: noFile,
  open: noFile,
  create: noFile,
  remove: noFile,
};

const SCRIPT = Uint8Array.from(Buffer.from("1;"));

/** Stands for the bundled one, which test/dashboard/ opens. */
const DASHBOARD: Awaited<ReturnType<ApiDeps["dashboard"]>> = {
  html: '<!doctype html><script type="module" src="dashboard/page.js"></script>',
  assets: new Map([
    ["page.js", { type: "text/javascript;charset=utf-8", bytes: SCRIPT, gzip: Bun.gzipSync(SCRIPT) }],
  ]),
};

/** An answer, its envelope taken apart. */
export interface Answer {
  status: number;
  headers: Headers;
  code: number;
  message: string;
  // The tests say what they expect of it.
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
  data: any;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
  envelope: any;
}

export interface CallOptions {
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: string | Uint8Array<ArrayBuffer> | ReadableStream;
  headers?: Record<string, string>;
  /** `null`: none. */
  key?: string | null;
  signal?: AbortSignal;
}

/** An API over an engine in memory, on a clock that stands still. */
export class TestApi {
  readonly engine = new MemoryEngine();
  readonly hostKeys = new MemoryHostKeys();
  readonly keys = new MemoryKeys();
  readonly audit = new MemoryAudit();
  readonly templates = new DirectTemplates();
  readonly clock = new FakeClock(NOON);
  readonly logged: string[] = [];
  readonly api: Api;
  readonly deps: ApiDeps;

  constructor(
    settings: Partial<ApiDeps["config"]> = {},
    drivers: ApiDeps["drivers"] = DRIVERS,
    files = NO_FILES,
  ) {
    const destination = { write: (line: string) => void this.logged.push(line) };
    const { log } = openLog({ level: "debug", format: "json", destination });
    this.deps = {
      engine: this.engine,
      hostKeys: this.hostKeys,
      files,
      keys: this.keys,
      audit: this.audit,
      templates: this.templates,
      mcp: httpServers({
        ...{ platforms: [], approval: "any", clock: this.clock },
        onFault: (error) => log.error("a tool of MCP failed", { error }),
      }),
      config: { ...SETTINGS, ...settings },
      apiKey: KEY,
      drivers,
      dashboard: async () => DASHBOARD,
      clock: this.clock,
      log,
    };
    this.api = createApi(this.deps);
  }

  get log(): string {
    return this.logged.join("");
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const response = await this.api.handle(request(method, path, options));
    return await answerOf(response);
  }

  get(path: string, options?: CallOptions): Promise<Answer> {
    return this.call("GET", path, options);
  }

  exec(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.call("POST", "/device/exec", { body, headers });
  }
}

export function request(method: string, path: string, options: CallOptions = {}): Request {
  const { key = KEY, body, raw, headers = {}, signal } = options;
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  return new Request(`http://localhost:9000${path}`, {
    method,
    headers: {
      ...(key !== null && { "x-api-key": key }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(payload !== undefined && { body: payload }),
    ...(signal && { signal }),
  });
}

export async function answerOf(response: Response): Promise<Answer> {
  const envelope = JSON.parse(await response.text());
  const { code, message, data } = envelope;
  return { status: response.status, headers: response.headers, code, message, data, envelope };
}

/** `{ "body.ttl": "must be …" }` of a 422. */
export function wrongFields(answer: Answer): Record<string, string> {
  const fields: { loc: (string | number)[]; msg: string }[] = answer.data;
  return Object.fromEntries(fields.map(({ loc, msg }) => [loc.join("."), msg]));
}
