import { describe, expect, test } from "bun:test";
import { cliDriver } from "../../drivers/cli/index.ts";
import { acceptedTypes } from "../../drivers/cli/platforms/index.ts";
import { idSource } from "../../src/core/ids.ts";
import { FakeClock } from "../support/clock.ts";
import { Contract } from "../support/openapi.ts";
import { TestApi } from "./client.ts";
import { HEALTHY } from "./memory-engine.ts";

const { api } = new TestApi();

function open(path: string): Promise<Response> {
  return api.handle(new Request(`http://localhost:9000${path}`));
}

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
const document: any = await (await open("/swagger/json")).json();
const contract = new Contract(document);

/** Every object inside a value, itself included. */
// biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
function* objectsIn(value: any): Generator<any> {
  if (value === null || typeof value !== "object") return;
  yield value;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}

describe("the page /swagger", () => {
  test("loads nothing from elsewhere and runs no script of its own", async () => {
    const response = await open("/swagger");
    const html = await response.text();
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(html).not.toMatch(/https?:|\/\/[a-z]/i);
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(response.headers.get("cross-origin-opener-policy")).toBe("same-origin");
  });

  test("names only assets that we serve, each with its type", async () => {
    const html = await (await open("/swagger")).text();
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
    expect(assets).toHaveLength(4);
    for (const path of assets) {
      const response = await open(path);
      const type = path.endsWith(".js")
        ? "text/javascript"
        : path.endsWith(".css")
          ? "text/css"
          : "image/png";
      expect([path, response.status]).toEqual([path, 200]);
      expect(response.headers.get("content-type")).toStartWith(type);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100);
    }
  });

  test("shows our document and asks no validator elsewhere", async () => {
    const script = await (await open("/swagger/assets/initializer.js")).text();
    const [, url = ""] = /url: "([^"]+)"/.exec(script) ?? [];
    expect((await open(url)).status).toBe(200);
    expect(script).toContain("validatorUrl: null");
    expect(script).not.toMatch(/https?:/);
    // It must be a script that runs: the bundle's global is all it needs.
    const made: unknown[] = [];
    const bundle = Object.assign((options: unknown) => made.push(options), { presets: { apis: "apis" } });
    const window = { addEventListener: (_event: string, run: () => void) => run() };
    new Function("window", "SwaggerUIBundle", script)(window, bundle);
    expect(made).toEqual([expect.objectContaining({ url: "/swagger/json", dom_id: "#swagger-ui" })]);
  });

  test.each(["/swagger", "/swagger/json", "/swagger/assets/initializer.js"])(
    "takes no parameter: %s",
    async (path) => {
      const response = await open(`${path}?url=http://192.0.2.1/`);
      expect(response.status).toBe(422);
      expect((await open(path)).status).toBe(200);
    },
  );

  test("is the only one: the plugin's page, which loads from elsewhere, is not served", async () => {
    for (const path of ["/page", "/document", "/swagger/page", "/swagger/assets/none.js"]) {
      const { status } = await new TestApi().get(path);
      expect(status).toBe(404);
    }
  });
});

/** What an operation answers with. */
const typeOf = (operationId: string) => TEXTS[operationId] ?? "application/json";
const TEXTS: Record<string, string> = {
  downloadFile: "application/octet-stream",
  getMetrics: "text/plain",
  followJob: "text/event-stream",
  sendMcpMessage: "text/event-stream",
};

describe("the document", () => {
  test("has every route, with its methods", () => {
    const routes = Object.entries(document.paths).map(([path, operations]) => [
      path,
      Object.keys(operations as object),
    ]);
    expect(Object.fromEntries(routes)).toEqual({
      "/device/exec": ["post"],
      "/device/execute": ["post"],
      "/detached-tasks": ["post", "get"],
      "/detached-tasks/discover": ["post"],
      "/detached-tasks/{id}": ["get", "delete"],
      "/storage": ["post"],
      "/storage/{id}": ["get", "delete"],
      "/device/test": ["post"],
      "/device/test-connection": ["post"],
      "/device/bulk": ["post"],
      "/batch/{id}": ["get", "delete"],
      "/batch/{id}/retry": ["post"],
      "/job/{id}/events": ["get"],
      "/job/{id}/output": ["get"],
      "/job": ["get", "delete"],
      "/webhook/deliveries": ["get"],
      "/webhook/deliveries/{id}": ["get"],
      "/webhook/deliveries/{id}/replay": ["post"],
      "/worker": ["get", "delete"],
      "/worker/suspend": ["post"],
      "/worker/resume": ["post"],
      "/jobs": ["get", "delete"],
      "/jobs/{id}": ["get", "delete"],
      "/workers": ["get", "delete"],
      "/workers/{name}": ["get", "delete"],
      "/system/stats": ["get"],
      "/hostkeys": ["get", "delete"],
      "/audit": ["get"],
      "/key": ["get"],
      "/mcp": ["post", "delete"],
      "/template/render": ["post"],
      "/template/render/{name}": ["post"],
      "/template/parse": ["post"],
      "/template/parse/{name}": ["post"],
      "/health": ["get"],
      "/metrics": ["get"],
      "/livez": ["get"],
      "/readyz": ["get"],
    });
  });

  test("has for each operation a name of its own, a summary, answers in the envelope and an example", () => {
    // biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
    const operations: any[] = Object.values(document.paths).flatMap((path) => Object.values(path as object));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { operationId, summary, responses, tags } of operations) {
      expect(summary.length).toBeGreaterThan(10);
      expect(document.tags.map(({ name }: { name: string }) => name)).toContain(tags[0]);
      const [status = ""] = Object.keys(responses);
      const { schema, example } = responses[status].content[typeOf(operationId)];
      if (operationId === "getMetrics") expect(example).toStartWith("# HELP netpulse_up");
      else if (operationId === "downloadFile") expect(schema).toEqual({ type: "string" });
      else if (operationId === "followJob") expect(example).toContain("\nevent: end\n");
      else if (operationId === "sendMcpMessage") expect(example).toContain("event: message\n");
      else if (operations.find((each) => each.operationId === operationId).deprecated) {
        expect(example).not.toHaveProperty("code"); // NetPulse 0.4 had no envelope
      } else {
        expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(["code", "message", "data"]));
        expect(example).toMatchObject({ code: 200, message: "success" });
      }
      for (const [code, failure] of Object.entries(responses)) {
        if (Number(code) < 400) continue;
        if (code === "503" && ["getHealth", "getSystemStats"].includes(operationId)) continue; // its data has a shape of its own
        const name = code === "422" ? "FieldErrors" : "Failure";
        expect(failure).toMatchObject({
          content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } },
        });
      }
    }
  });

  test("asks for the key wherever it is asked for", () => {
    const { securitySchemes } = document.components;
    expect(document.security).toEqual(Object.keys(securitySchemes).map((name) => ({ [name]: [] })));
    expect(securitySchemes).toEqual({
      ApiKey: { type: "apiKey", in: "header", name: "X-API-KEY" },
      Bearer: { type: "http", scheme: "bearer" },
      ApiKeyInQuery: { type: "apiKey", in: "query", name: "X-API-KEY" },
      ApiKeyInCookie: { type: "apiKey", in: "cookie", name: "X-API-KEY" },
    });
    expect(document.paths["/livez"].get.security).toEqual([]);
    expect(document.paths["/job"].get).not.toHaveProperty("security");
    expect(document.paths["/job"].get.responses).toHaveProperty("401");
    expect(document.paths["/job"].get.responses[403].description).toContain("cookie");
    expect(document.paths["/livez"].get.responses).not.toHaveProperty("403");
  });

  test("names the headers of the answers, and no failure that cannot be", () => {
    const headers = (path: string, method: string, status: number) =>
      Object.keys(document.paths[path][method].responses[status].headers ?? {});
    expect(headers("/job", "get", 200)).toEqual(["Link"]);
    expect(headers("/worker", "get", 200)).toEqual(["Link"]);
    expect(headers("/job", "delete", 200)).toEqual([]);
    expect(headers("/device/exec", "post", 201)).toEqual(["Idempotency-Replayed"]);
    expect(headers("/job", "get", 401)).toEqual(["WWW-Authenticate"]);
    for (const path of ["/job", "/health", "/readyz"])
      expect(headers(path, "get", 503)).toEqual(["Retry-After"]);
    expect(Object.keys(document.components.responses.MethodNotAllowed.headers)).toEqual(["Allow"]);
    expect(headers("/device/exec", "post", 429)).toEqual(["Retry-After"]);
    expect(document.paths["/livez"].get.responses).not.toHaveProperty("429");
    expect(document.paths["/device/execute"].post.deprecated).toBeUndefined();
  });

  test.each(["/health", "/health?verbose=true", "/readyz"])(
    "tells how %s is when something is down",
    async (path) => {
      const down = new TestApi();
      down.engine.report = async () => ({ ...HEALTHY, ok: false, down: ["storage: disk I/O error"] });
      const { status, envelope } = await down.get(path);
      const [route = ""] = path.split("?");
      const { schema } = document.paths[route].get.responses[status].content["application/json"];
      expect(status).toBe(503);
      expect(contract.departures(schema, envelope)).toEqual([]);
    },
  );

  test("names each parameter as the route takes it", () => {
    const names = (path: string, method: string) =>
      document.paths[path][method].parameters.map(({ name }: { name: string }) => name);
    const filters = ["queue", "status", "node", "host", "worker", "driver", "batch_id", "since", "until"];
    const paging = ["order", "limit", "cursor", "result", "outputs", "wait"];
    expect(names("/job", "get")).toEqual(["id", ...filters, ...paging]);
    expect(names("/job", "delete")).toEqual(["id", ...filters, "force"]);
    expect(names("/worker", "get")).toEqual(["queue", "node", "host", "status", "limit", "cursor"]);
    expect(names("/worker", "delete")).toEqual(["name", "queue", "node", "host"]);
    expect(names("/device/exec", "post")).toEqual(["Idempotency-Key"]);
    const limit = document.paths["/job"].get.parameters.find(
      ({ name }: { name: string }) => name === "limit",
    );
    expect(limit).toEqual({
      name: "limit",
      in: "query",
      required: false,
      description: "Entries of a page at most.",
      schema: { type: "integer", minimum: 1, maximum: 1000, default: 1000 },
      example: 1000,
    });
  });

  test("is in the dialect of OpenAPI 3.0, and every reference leads somewhere", () => {
    expect(document.openapi).toBe("3.0.3");
    for (const object of objectsIn(document)) {
      for (const word of ["const", "patternProperties", "expected", "$id"]) {
        expect([word, Object.hasOwn(object, word)]).toEqual([word, false]);
      }
      expect(object.type).not.toBe("null");
      if (typeof object.$ref !== "string") continue;
      expect(Object.keys(object)).toEqual(["$ref"]);
      expect(document.components.schemas).toHaveProperty(object.$ref.replace("#/components/schemas/", ""));
    }
  });

  test("knows what each driver takes, its secrets marked", () => {
    const { ExecRequest, ConnectionArgs_cli } = document.components.schemas;
    expect(ExecRequest.required).toEqual(["driver", "connection_args"]);
    expect(ExecRequest.properties.connection_args.anyOf).toEqual([
      { $ref: "#/components/schemas/ConnectionArgs_cli" },
    ]);
    expect(ConnectionArgs_cli.properties.password).toEqual({
      type: "string",
      description: "Password.",
      format: "password",
    });
    expect(document.paths["/device/exec"].post.description).toContain("`cli`, `netmiko`");
  });

  test("says of the body what is taken, and nothing else is", () => {
    const { properties, additionalProperties } = document.components.schemas.ExecRequest;
    expect([additionalProperties, properties.options.additionalProperties]).toEqual([false, false]);
    expect(properties.driver.enum).toEqual(["cli", "netmiko"]);
    expect(properties.queue_strategy.description).toEndWith("Default: `pinned` for `cli`.");
    expect(properties.options.properties.queue_strategy).toEqual(properties.queue_strategy);
    expect(document.paths["/device/exec"].post.description).toContain("takes `command`, `config`");
    for (const name of ["ttl", "execution_timeout", "result_ttl"]) {
      expect(properties[name].description).toContain("seconds");
    }
  });

  test("lists the device types of the driver that is served", async () => {
    const served = new TestApi({}, [cliDriver]);
    const response = await served.api.handle(new Request("http://localhost:9000/swagger/json"));
    // biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
    const { components }: any = await response.json();
    expect(components.schemas.ConnectionArgs_cli.properties.device_type.enum).toEqual(acceptedTypes());
  });

  test("its examples of answers are as their schemas say", () => {
    // biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
    const operations: any[] = Object.values(document.paths).flatMap((path) => Object.values(path as object));
    for (const { operationId, responses } of operations) {
      const [status = ""] = Object.keys(responses);
      const { schema, example } = responses[status].content[typeOf(operationId)];
      expect([operationId, ...contract.departures(schema, example)]).toEqual([operationId]);
    }
  });

  test("names jobs and workers in its examples as they are named", () => {
    const example = (path: string, method: string, status = 200) =>
      document.paths[path][method].responses[status].content["application/json"].example;
    const shapeOf = (id: string) => id.replace(/(?<=_)[0-9a-hjkmnp-tv-z]+$/, (tail) => String(tail.length));
    const ids = idSource(new FakeClock());
    const [job] = example("/job", "get").data;
    const stopped = example("/worker", "delete");
    const jobs = [
      job.id,
      example("/device/exec", "post", 201).data.id,
      ...example("/job", "delete").data.cancelled_jobs,
    ];
    const workers = [
      job.worker,
      example("/worker", "get").data[0].name,
      ...stopped.data,
      stopped.details[0].worker,
      ...example("/worker/suspend", "post").data,
      ...example("/worker/resume", "post").data,
    ];
    expect([...new Set(jobs.map(shapeOf))]).toEqual([shapeOf(ids.job())]);
    expect([...new Set(workers.map(shapeOf))]).toEqual([shapeOf(ids.worker())]);
  });

  test("its examples of requests are taken", async () => {
    const { examples } = document.paths["/device/exec"].post.requestBody.content["application/json"];
    for (const { value } of Object.values<{ value: unknown }>(examples)) {
      expect((await new TestApi().exec(value)).status).toBe(201);
    }
  });

  test("can be made without any driver", async () => {
    const bare = new TestApi({}, []);
    const response = await bare.api.handle(new Request("http://localhost:9000/swagger/json"));
    expect(((await response.json()) as { openapi: string }).openapi).toBe("3.0.3");
  });
});
