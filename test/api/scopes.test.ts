import { describe, expect, test } from "bun:test";
import { Elysia } from "elysia";
import { routeNeeds } from "../../src/api/gate.ts";
import { SCOPES, type Scope } from "../../src/core/access.ts";
import { answerOf, request, TestApi } from "./client.ts";

/** Which scopes each route asks for, one being enough. A new route has to be put here, so that somebody decides. */
const TABLE: Record<string, readonly Scope[]> = {
  "POST /device/exec": ["exec", "config"],
  "POST /device/execute": ["exec", "config"],
  "POST /device/test": ["exec", "config"],
  "POST /device/test-connection": ["exec", "config"],
  "POST /device/bulk": ["exec", "config"],
  "POST /detached-tasks": ["exec"],
  "POST /detached-tasks/discover": ["exec"],
  "GET /detached-tasks": ["read"],
  "GET /detached-tasks/{id}": ["exec"],
  "DELETE /detached-tasks/{id}": ["exec"],
  "POST /storage": ["config"],
  "GET /storage/{id}": ["read"],
  "DELETE /storage/{id}": ["config"],
  "GET /batch/{id}": ["read"],
  "DELETE /batch/{id}": ["exec", "config"],
  "POST /batch/{id}/retry": ["exec", "config"],
  "GET /job/{id}/events": ["read"],
  "GET /job/{id}/output": ["read"],
  "GET /job": ["read"],
  "DELETE /job": ["exec", "config"],
  "GET /jobs": ["read"],
  "DELETE /jobs": ["exec", "config"],
  "GET /jobs/{id}": ["read"],
  "DELETE /jobs/{id}": ["exec", "config"],
  "GET /worker": ["read"],
  "DELETE /worker": ["admin"],
  "POST /worker/suspend": ["admin"],
  "POST /worker/resume": ["admin"],
  "POST /template/render": ["read", "exec", "config"],
  "POST /template/render/{name}": ["read", "exec", "config"],
  "POST /template/parse": ["read", "exec", "config"],
  "POST /template/parse/{name}": ["read", "exec", "config"],
  "GET /workers": ["read"],
  "DELETE /workers": ["admin"],
  "GET /workers/{name}": ["read"],
  "DELETE /workers/{name}": ["admin"],
  "GET /webhook/deliveries": ["read"],
  "GET /webhook/deliveries/{id}": ["read"],
  "POST /webhook/deliveries/{id}/replay": ["exec", "config"],
  "GET /hostkeys": ["read"],
  "DELETE /hostkeys": ["admin"],
  "GET /audit": ["admin"],
  "GET /key": SCOPES,
  "POST /mcp": SCOPES,
  "DELETE /mcp": SCOPES,
  "GET /health": ["read"],
  "GET /metrics": ["read"],
  "GET /system/stats": ["read"],
};
const OPEN = ["GET /livez", "GET /readyz"];

const { paths } = (await new TestApi().get("/swagger/json", { key: null })).envelope;
const routes = Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
);

test("every route is in the table, and no other", () => {
  expect(routes.toSorted()).toEqual([...Object.keys(TABLE), ...OPEN].toSorted());
});

test("a route that does not say what it needs is not served", () => {
  const app = new Elysia().get("/forgotten", () => "x");
  expect(() => routeNeeds(app)).toThrow("GET /forgotten does not say which scope it needs");
});

describe.each(routes)("%s", (route) => {
  const [method = "", path = ""] = route.split(" ");
  const target = path.replace(/\{\w+\}/g, "x");

  /** Whether the request was let to its route: 403 names the scope. */
  async function enters(scopes: Scope[], at = target): Promise<boolean> {
    const api = new TestApi();
    const response = await api.api.handle(request(method, at, { key: api.keys.add({ scopes }) }));
    if (response.status !== 403) {
      await response.body?.cancel();
      return true;
    }
    expect((await answerOf(response)).message).toStartWith("the key lacks the scope ");
    return false;
  }

  if (OPEN.includes(route)) {
    test("needs no key", async () => {
      expect((await new TestApi().call(method, target, { key: null })).status).toBe(200);
    });
    return;
  }

  test.each(SCOPES)("with %s alone", async (scope) => {
    expect(await enters([scope])).toBe(TABLE[route]?.includes(scope) ?? false);
  });

  test("with no scope, or without a key, is shut, also spelled otherwise", async () => {
    expect(await enters([])).toBe(false);
    expect(await enters([], `${target}/`)).toBe(false);
    for (const at of [target, `${target}/`, `${target}?x-api-key=`]) {
      expect((await new TestApi().call(method, at, { key: null })).status).toBe(401);
    }
  });

  test("says so in the documentation", () => {
    const docs = paths[path][method.toLowerCase()];
    expect(docs["x-netpulse-scopes"]).toEqual(TABLE[route]);
    for (const scope of TABLE[route] ?? []) expect(docs.responses[403].description).toContain(`\`${scope}\``);
    expect(docs.responses).toHaveProperty("429");
  });
});

test("HEAD needs what GET does", async () => {
  const api = new TestApi();
  const head = (scopes: Scope[]) =>
    api.api.handle(
      new Request("http://localhost:9000/job", {
        method: "HEAD",
        headers: { "x-api-key": api.keys.add({ scopes }) },
      }),
    );
  expect((await head(["exec"])).status).toBe(403);
  expect((await head(["read"])).status).toBe(200);
});

test("what is no route is 404 or 405 for a key without scopes as well, and nothing is done", async () => {
  const api = new TestApi();
  const key = api.keys.add({ scopes: [] });
  const status = async (method: string, path: string) => (await api.call(method, path, { key })).status;
  expect(await status("GET", "/nothing")).toBe(404);
  expect(await status("GET", "/%6aob")).toBe(404);
  expect(await status("GET", "//job")).toBe(404);
  expect(await status("PUT", "/job")).toBe(405);
});
