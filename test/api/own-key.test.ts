import { describe, expect, test } from "bun:test";
import { Netpulse } from "../../src/client/index.ts";
import { request, TestApi } from "./client.ts";

describe("GET /key", () => {
  test("says what the key of the request may do, and not by which lists", async () => {
    const api = new TestApi();
    const devices = { allow: ["192.0.2.0/24"], deny: [] };
    const key = api.keys.add({ name: "noc", scopes: ["exec"], devices });
    expect((await api.get("/key", { key })).data).toEqual({
      ...{ name: "noc", scopes: ["exec"] },
      ...{ limited_devices: true, limited_commands: false },
    });
    expect((await api.get("/key")).data).toMatchObject({
      name: "default",
      scopes: ["read", "exec", "config", "admin"],
    });
  });
});

describe("X-NetPulse-Scopes", () => {
  const narrowed = (scopes: string) => ({ headers: { "x-netpulse-scopes": scopes } });

  test("leaves a request some of its key's scopes, and gives it none", async () => {
    const api = new TestApi();
    const key = api.keys.add({ scopes: ["read", "exec"] });
    const { data } = await api.get("/key", { key, ...narrowed("exec, config,admin") });
    expect(data.scopes).toEqual(["exec"]);
    expect((await api.get("/job", { key, ...narrowed("exec") })).status).toBe(403);
    expect((await api.get("/job", { key, ...narrowed("read") })).status).toBe(200);
    expect((await api.get("/key", { key, ...narrowed("") })).status).toBe(403);
    expect((await api.get("/key", { key })).data.scopes).toEqual(["read", "exec"]);
  });

  test("reaches the engine, which judges jobs by it", async () => {
    const api = new TestApi();
    const body = { driver: "netmiko", connection_args: { host: "192.0.2.1" }, command: "show version" };
    await api.exec(body, { "x-netpulse-scopes": "exec" });
    expect(api.engine.submitted.at(-1)?.caller.access.scopes).toEqual(["exec"]);
  });

  test("that names what is no scope is refused, not passed over", async () => {
    for (const scopes of ["reads", "read;exec", "read,,exec", "*"]) {
      const { status, message } = await new TestApi().get("/key", narrowed(scopes));
      expect([scopes, status]).toEqual([scopes, 400]);
      expect(message).toContain("X-NetPulse-Scopes");
    }
  });

  test("is sent by a client that is told to act with fewer", async () => {
    const api = new TestApi();
    const key = api.keys.add({ scopes: ["read", "exec"] });
    const client = new Netpulse({
      ...{ url: "http://np", apiKey: key, scopes: ["read"] },
      fetch: (url, init) => api.api.handle(new Request(url, init)),
    });
    expect((await client.keys.own()).scopes).toEqual(["read"]);
  });
});

test("a key that is not known learns nothing of keys", async () => {
  const response = await new TestApi().api.handle(request("GET", "/key", { key: "wrong" }));
  expect(response.status).toBe(401);
});
