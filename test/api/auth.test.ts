import { describe, expect, test } from "bun:test";
import { KEY, TestApi } from "./client.ts";

async function status(options: { headers?: Record<string, string>; path?: string; method?: string }) {
  const { path = "/job?queue=none", method = "GET", headers = {} } = options;
  return (await new TestApi().call(method, path, { key: null, headers })).status;
}

describe("the key may come", () => {
  test.each(["X-API-KEY", "x-api-key", "X-Api-Key"])("in the header %s", async (name) => {
    expect(await status({ headers: { [name]: KEY } })).toBe(200);
  });

  test.each(["Bearer", "bearer", "BEARER"])("as Authorization: %s", async (scheme) => {
    expect(await status({ headers: { authorization: `${scheme} ${KEY}` } })).toBe(200);
  });

  test("in the query, on any route, without being taken for a filter", async () => {
    expect(await status({ path: `/job?X-API-KEY=${KEY}` })).toBe(200);
    expect(await status({ path: `/job?queue=none&x-api-key=${encodeURIComponent(KEY)}` })).toBe(200);
  });

  test("in a cookie", async () => {
    expect(await status({ headers: { cookie: `theme=dark; X-API-KEY=${KEY}` } })).toBe(200);
  });
});

describe("a request is refused", () => {
  test("without a key, and told how to give one", async () => {
    const { status, headers, envelope } = await new TestApi().get("/job", { key: null });
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toStartWith("Bearer");
    expect(envelope).toEqual({
      code: -1,
      message: "no API key; send it in the header X-API-KEY",
      data: null,
    });
  });

  test.each([
    ["another", "wrong-key-0123456789"],
    ["a longer", `${KEY}x`],
    ["a shorter", KEY.slice(0, -1)],
    ["an empty", ""],
    ["one in other case", KEY.toUpperCase()],
    ["a huge", "x".repeat(10_000)],
  ])("with %s key", async (_which, key) => {
    const { status, envelope } = await new TestApi().get("/job", { key });
    expect(status).toBe(401);
    expect(envelope.message).toBe("wrong API key");
  });

  test("with a wrong key in the first place that has one, whatever the others hold", async () => {
    expect(await status({ headers: { "x-api-key": "no", cookie: `X-API-KEY=${KEY}` } })).toBe(401);
    expect(await status({ headers: { "x-api-key": "no" }, path: `/job?X-API-KEY=${KEY}` })).toBe(401);
    expect(await status({ headers: { authorization: "Bearer no" }, path: `/job?X-API-KEY=${KEY}` })).toBe(
      401,
    );
  });

  test("with the key under another scheme, name, or badly encoded", async () => {
    expect(await status({ headers: { authorization: `Basic ${KEY}` } })).toBe(401);
    expect(await status({ path: `/job?NOT-X-API-KEY=${KEY}` })).toBe(401);
    expect(await status({ path: "/job?X-API-KEY=%zz" })).toBe(401);
    expect(await status({ headers: { cookie: `NOT-X-API-KEY=${KEY}` } })).toBe(401);
  });

  test("before anything is told about paths or bodies", async () => {
    const api = new TestApi();
    expect((await api.call("GET", "/none", { key: null })).status).toBe(401);
    expect((await api.call("POST", "/device/exec", { key: null, raw: "{" })).status).toBe(401);
    expect(api.engine.submitted).toEqual([]);
  });
});

describe("a cookie is sent along whoever made the browser ask", () => {
  const cookie = `X-API-KEY=${KEY}`;
  const host = "localhost:9000";

  test.each<[string, Record<string, string>, number]>([
    ["our own page", { origin: `http://${host}`, host, "sec-fetch-site": "same-origin" }, 200],
    ["our own page behind TLS", { origin: `https://${host}`, host }, 200],
    ["the address bar", { "sec-fetch-site": "none" }, 200],
    ["a program", {}, 200],
    ["another site", { origin: "https://evil.example", host }, 403],
    ["another port", { origin: "http://localhost:9001", host }, 403],
    ["a hidden origin", { origin: "null", host }, 403],
    ["a neighbour's site", { "sec-fetch-site": "same-site" }, 403],
    ["a link elsewhere", { "sec-fetch-site": "cross-site" }, 403],
  ])("%s", async (_who, headers, expected) => {
    for (const method of ["GET", "DELETE"]) {
      expect(await status({ method, headers: { ...headers, cookie } })).toBe(expected);
    }
  });

  test("which a key in a header is not: it was put there on purpose", async () => {
    const headers = { "x-api-key": KEY, origin: "https://tool.example", "sec-fetch-site": "cross-site" };
    expect(await status({ headers })).toBe(200);
  });

  test("and a wrong one is a 401 from anywhere", async () => {
    expect(await status({ headers: { cookie: "X-API-KEY=no", "sec-fetch-site": "cross-site" } })).toBe(401);
  });
});

test.each(["/livez", "/readyz", "/swagger", "/swagger/json"])("%s needs no key", async (path) => {
  const { api } = new TestApi();
  expect((await api.handle(new Request(`http://localhost:9000${path}`))).status).toBe(200);
});

test("nothing that only looks open is", async () => {
  for (const path of ["/livez/../job", "/swaggerx", "/livezz", "/job?/livez", "/job#/livez"]) {
    const { api } = new TestApi();
    expect((await api.handle(new Request(`http://localhost:9000${path}`))).status).toBe(401);
  }
});
