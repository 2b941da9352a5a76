import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { jobExample } from "../../src/api/modules/jobs/docs.ts";
import { JobSchema } from "../../src/api/modules/jobs/schema.ts";
import { WorkerSchema } from "../../src/api/modules/workers/schema.ts";
import { TestApi } from "./client.ts";

const { api } = new TestApi();

function open(path: string): Promise<Response> {
  return api.handle(new Request(`http://localhost:9000${path}`));
}

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
const document: any = await (await open("/swagger/json")).json();

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

describe("the document", () => {
  test("has every route, with its methods", () => {
    const routes = Object.entries(document.paths).map(([path, operations]) => [
      path,
      Object.keys(operations as object),
    ]);
    expect(Object.fromEntries(routes)).toEqual({
      "/device/exec": ["post"],
      "/device/execute": ["post"],
      "/job": ["get", "delete"],
      "/worker": ["get", "delete"],
      "/worker/suspend": ["post"],
      "/worker/resume": ["post"],
      "/health": ["get"],
      "/livez": ["get"],
      "/readyz": ["get"],
    });
  });

  test("has for each operation a name of its own, a summary, answers in the envelope and an example", () => {
    // biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
    const operations: any[] = Object.values(document.paths).flatMap((path) => Object.values(path as object));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { summary, responses, tags } of operations) {
      expect(summary.length).toBeGreaterThan(10);
      expect(document.tags.map(({ name }: { name: string }) => name)).toContain(tags[0]);
      const [status = ""] = Object.keys(responses);
      const { schema, example } = responses[status].content["application/json"];
      expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(["code", "message", "data"]));
      expect(example).toMatchObject({ code: 200, message: "success" });
      for (const [code, failure] of Object.entries(responses).slice(1)) {
        const name = code === "422" ? "FieldErrors" : "Failure";
        expect(failure).toMatchObject({
          content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } },
        });
      }
    }
  });

  test("asks for the key wherever it is asked for", () => {
    expect(document.security).toEqual([{ ApiKey: [] }, { Bearer: [] }]);
    expect(document.components.securitySchemes.ApiKey).toEqual({
      type: "apiKey",
      in: "header",
      name: "X-API-KEY",
    });
    expect(document.paths["/livez"].get.security).toEqual([]);
    expect(document.paths["/job"].get).not.toHaveProperty("security");
    expect(document.paths["/job"].get.responses).toHaveProperty("401");
  });

  test("names each parameter as the route takes it", () => {
    const names = (path: string, method: string) =>
      document.paths[path][method].parameters.map(({ name }: { name: string }) => name);
    const filters = ["queue", "status", "node", "host", "worker", "driver", "batch_id", "since", "until"];
    expect(names("/job", "get")).toEqual(["id", ...filters, "order", "limit", "cursor", "result", "wait"]);
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

  test("its examples are true", async () => {
    expect(Value.Check(JobSchema, jobExample)).toBe(true);
    const worker = document.paths["/worker"].get.responses[200].content["application/json"].example.data[0];
    expect(Value.Check(WorkerSchema, worker)).toBe(true);
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
