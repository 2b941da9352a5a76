import { describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { builtinDrivers } from "../../drivers/index.ts";
import type { ApiDeps } from "../../src/api/app.ts";
import { FileError, StorageError } from "../../src/core/errors.ts";
import { Contract, type Operation } from "../support/openapi.ts";
import { KEY, SETTINGS, TestApi } from "./client.ts";
import { HEALTHY } from "./memory-engine.ts";

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
const document: any = await (
  await new TestApi({}, builtinDrivers).api.handle(new Request("http://np/swagger/json"))
).json();
const contract = new Contract(document);

/** A folder with one file, and no room for another. */
const FULL: ApiDeps["files"] = {
  id: "folder",
  maxSize: 1024 ** 3,
  stat: async () => ({ kind: "file", size: 42, modifiedAt: 0, mode: 0o644 }),
  list: async () => [],
  open: () => Promise.reject(new FileError("not_found", "is gone")),
  create: () => Promise.reject(new FileError("full", "does not fit: the disk of the storage folder is full")),
  remove: async () => false,
};

/** A folder that takes what comes. */
const ROOMY: ApiDeps["files"] = {
  ...FULL,
  create: async () => ({
    size: 0,
    read: async () => new Uint8Array(),
    append: async () => {},
    restart: async () => {},
    commit: async () => {},
    close: async () => {},
  }),
};

/** With limits as the document's examples have them. */
function fresh(files = FULL, terms: Partial<typeof SETTINGS.server> = {}): TestApi {
  const server = { ...SETTINGS.server, maxBody: 4 * 1024 ** 2, maxStreams: 256, ...terms };
  return new TestApi({ server, storageFiles: { ttl: 3600, uploadTimeout: 3600 } }, builtinDrivers, files);
}

const isUpload = ({ id }: Operation) => id === "uploadFile";
const FORM = { "content-type": "multipart/form-data; boundary=B" };

/** A job with its file, or a file alone. */
function formOf({ body }: Operation): string {
  const upload = { operation: "upload", remote_path: "motd.txt" };
  const connection_args = { host: "192.0.2.10", username: "ops", password: "secret" };
  const job = JSON.stringify({ driver: "linux", connection_args, file_transfer: upload });
  const parts = [
    ...(body ? [`Content-Disposition: form-data; name="request"\r\n\r\n${job}`] : []),
    'Content-Disposition: form-data; name="file"; filename="motd.txt"\r\n\r\nhello',
  ];
  return `--B\r\n${parts.join("\r\n--B\r\n")}\r\n--B--\r\n`;
}

interface Sent {
  query?: string;
  headers?: Record<string, string>;
  body?: string | ReadableStream;
}

/** A request for an operation that is right but for what is said. */
function requestFor({ method, path, body, parameters }: Operation, sent: Sent = {}): Request {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) =>
    String(parameters.find((each) => each.name === name)?.example),
  );
  const content = sent.body ?? (body ? JSON.stringify(body.examples[0]) : null);
  return new Request(`http://np:9000${filled}${sent.query ?? ""}`, {
    method,
    headers: { "x-api-key": KEY, ...(content && { "content-type": "application/json" }), ...sent.headers },
    ...(content && { body: content }),
  });
}

/** What must be said of which things are meant. */
const REQUIRED: Record<string, string> = {
  cancelJobs: "?queue=FifoQ",
  deleteJobs: "?queue=FifoQ",
  stopWorkers: "?node=n1",
  deleteWorkers: "?node=n1",
  suspendWorkers: "?node=n1",
  resumeWorkers: "?node=n1",
  forgetHostKey: "?host=192.0.2.1",
};

const rightQuery = ({ id }: Operation): Sent => ({ query: REQUIRED[id] ?? "" });

function withFault(fault: Error): TestApi {
  const fail = () => Promise.reject(fault);
  const api = fresh({ ...FULL, stat: fail, open: fail, create: fail, remove: fail });
  api.engine.fault = fault;
  api.hostKeys.fault = fault;
  api.audit.fault = fault;
  api.templates.refuse = fault;
  api.engine.tasks.fault = fault;
  api.engine.deliveries.fault = fault;
  api.engine.report = () => Promise.reject(fault);
  return api;
}

async function tooManyStreams(operation: Operation): Promise<Response> {
  const api = fresh();
  api.engine.onFollow = async function* () {
    yield* [];
    await new Promise(() => {});
  };
  for (let n = 0; n < 256; n++) void api.api.handle(requestFor(operation));
  return await api.api.handle(requestFor(operation));
}

async function tooManyRequests(operation: Operation): Promise<Response> {
  const api = fresh(FULL, { rateLimit: 60 });
  for (let n = 0; n < 60; n++) await api.get("/health");
  return await api.api.handle(requestFor(operation));
}

/** How each failure comes about that is the same everywhere. */
const WAYS: Record<number, (operation: Operation) => Promise<Response>> = {
  400: (operation) => {
    if (operation.body) return fresh().api.handle(requestFor(operation, { body: '{"driver":' }));
    const request = requestFor(operation);
    request.headers.set("host", "a b");
    Object.defineProperty(request, "url", { value: operation.path });
    return fresh().api.handle(request);
  },
  401: (operation) => {
    const request = requestFor(operation);
    request.headers.delete("x-api-key");
    return fresh().api.handle(request);
  },
  403: (operation) => {
    const headers = { cookie: `X-API-KEY=${KEY}`, origin: "https://evil.example" };
    const request = requestFor(operation, { headers });
    request.headers.delete("x-api-key");
    return fresh().api.handle(request);
  },
  408: async (operation) => {
    const api = fresh(ROOMY);
    const started = Promise.withResolvers<void>();
    const body = new ReadableStream({ pull: () => started.resolve() }, { highWaterMark: 0 });
    const answer = api.api.handle(requestFor(operation, { body }));
    await started.promise;
    api.clock.advance(isUpload(operation) ? 3_600_000 : 30_000);
    return await answer;
  },
  413: (operation) => {
    const headers = isUpload(operation) ? { "content-length": "2000000000" } : {};
    return fresh().api.handle(requestFor(operation, { headers, body: "x".repeat(5_000_000) }));
  },
  414: (operation) => fresh().api.handle(requestFor(operation, { query: `?q=${"q".repeat(8192)}` })),
  415: (operation) => {
    const type = isUpload(operation) ? "multipart/form-data" : "text/plain";
    return fresh().api.handle(requestFor(operation, { headers: { "content-type": type }, body: "x" }));
  },
  416: (operation) => fresh().api.handle(requestFor(operation, { headers: { range: "bytes=42-" } })),
  422: (operation) => fresh().api.handle(requestFor(operation, { query: "?colour=blue" })),
  429: (operation) => (operation.id === "followJob" ? tooManyStreams(operation) : tooManyRequests(operation)),
  431: (operation) => fresh().api.handle(requestFor(operation, { headers: { "x-a": "a".repeat(17_000) } })),
  507: (operation) => fresh().api.handle(requestFor(operation, { headers: FORM, body: formOf(operation) })),
  503: async (operation) => {
    if (!/health|stats|readiness/i.test(operation.id)) {
      const fault = new StorageError("unavailable", "disk I/O error");
      return await withFault(fault).api.handle(requestFor(operation, rightQuery(operation)));
    }
    const api = fresh();
    api.engine.report = async () => ({ ...HEALTHY, ok: false, down: ["storage: disk I/O error"] });
    return await api.api.handle(requestFor(operation));
  },
};

/** What asks nobody cannot fail; the health check tells of the fault instead. */
const ASKS_NOBODY = [
  ...["getLiveness", "getMetrics", "getHealth", "getReadiness", "getSystemStats"],
  ...["getOwnKey", "sendMcpMessage", "endMcpSession"],
];

/** What the real engine says; test/e2e/openapi.test.ts has them. */
const BY_ENGINE = ["404", "409"];

describe("the document", () => {
  test("is OpenAPI 3.0, as another one's validator says", async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  test("has an example for each parameter, body, answer and failure, and all are as their schemas say", () => {
    let examined = 0;
    const holds = (what: string, schema: unknown, example: unknown) => {
      examined += 1;
      expect([what, example === undefined, ...contract.departures(schema, example)]).toEqual([what, false]);
    };
    for (const { id, parameters, body, responses } of contract.operations) {
      for (const { name, schema, example } of parameters) holds(`${id} ${name}`, schema, example);
      for (const example of body?.examples ?? []) holds(`${id} body`, body?.schema, example);
      for (const [status, { content = {} }] of Object.entries(responses)) {
        for (const [type, { schema, example }] of Object.entries<{ schema: unknown; example: unknown }>(
          content,
        )) {
          holds(`${id} ${status} ${type}`, schema, example);
        }
      }
    }
    expect(examined).toBeGreaterThan(300);
  });

  test("describes every parameter, field and answer that is not plain by its name", () => {
    for (const { id, parameters, responses } of contract.operations) {
      for (const { name, description } of parameters as { name: string; description?: string }[]) {
        expect([id, name, description ?? ""]).toEqual([id, name, expect.stringMatching(/.{8}/)]);
      }
      for (const [status, { description }] of Object.entries(responses)) {
        expect([id, status, description]).toEqual([id, status, expect.stringMatching(/.{4}/)]);
      }
    }
  });
});

describe("every failure that is promised comes about, in the words of its example", () => {
  const promised = contract.operations.flatMap((operation) =>
    Object.keys(operation.responses)
      .filter((status) => Number(status) >= 400 && status !== "500" && !BY_ENGINE.includes(status))
      .map((status): [string, string, Operation] => [operation.id, status, operation]),
  );

  test.each(promised)("%s %s", async (_id, status, operation) => {
    const response = await WAYS[Number(status)]?.(operation);
    const text = (await response?.text()) ?? "";
    expect([response?.status, text]).toEqual([Number(status), expect.any(String)]);
    expect(
      contract.answer(operation, Number(status), response?.headers.get("content-type") ?? "", text),
    ).toEqual([]);
    const { example } = operation.responses[status].content["application/json"];
    const { message, data } = JSON.parse(text);
    expect(message).toBe(example.message);
    if (status === "422") expect(data).toEqual(example.data);
    for (const name of Object.keys(operation.responses[status].headers ?? {})) {
      expect([name, response?.headers.has(name)]).toEqual([name, true]);
    }
  });

  test("a fault of ours is a 500, wherever one can be", async () => {
    for (const operation of contract.operations) {
      const response = await withFault(new Error("broken")).api.handle(
        requestFor(operation, rightQuery(operation)),
      );
      const text = await response.text();
      const { example } = operation.responses[500].content["application/json"];
      const withoutId = (message: string) => message.replace(/[0-9a-f-]{36}/, "ID");
      if (ASKS_NOBODY.includes(operation.id)) continue;
      expect([operation.id, response.status]).toEqual([operation.id, 500]);
      expect(withoutId(JSON.parse(text).message)).toBe(withoutId(example.message));
      expect(contract.answer(operation, 500, "application/json", text)).toEqual([]);
    }
  });
});
