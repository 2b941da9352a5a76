import { describe, expect, test } from "bun:test";
import { KEY, request, SETTINGS, TestApi } from "./client.ts";

const PAGE = "https://ops.example.net";

function served(corsOrigins: string | null): TestApi {
  return new TestApi({ server: { ...SETTINGS.server, corsOrigins } });
}

function asks(api: TestApi, origin: string, path = "/device/exec"): Promise<Response> {
  const headers = { origin, "access-control-request-method": "POST" };
  return api.api.handle(request("OPTIONS", path, { key: null, headers }));
}

function headersOf(response: Response): string[] {
  return [...response.headers.keys()].filter((name) => name.startsWith("access-control-"));
}

describe("pages of other sites", () => {
  test("may nothing unless it is configured", async () => {
    const api = served(null);
    const preflight = await asks(api, PAGE);
    expect([preflight.status, headersOf(preflight)]).toEqual([401, []]);
    const answer = await api.api.handle(request("GET", "/job", { headers: { origin: PAGE } }));
    expect([answer.status, headersOf(answer), answer.headers.get("vary")]).toEqual([200, [], null]);
  });

  test("may use the API where they are named, with a key of their own", async () => {
    const api = served(`https://other.example, ${PAGE}`);
    const preflight = await asks(api, PAGE);
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe(PAGE);
    expect(preflight.headers.get("access-control-allow-methods")).toBe("GET, HEAD, POST, DELETE");
    expect(preflight.headers.get("access-control-allow-headers")).toContain("X-API-KEY");
    expect(preflight.headers.get("vary")).toBe("Origin");
    const answer = await api.api.handle(request("GET", "/job?limit=1", { headers: { origin: PAGE } }));
    expect(answer.headers.get("access-control-allow-origin")).toBe(PAGE);
    expect(answer.headers.get("access-control-expose-headers")).toContain("Link");
    for (const { headers } of [preflight, answer]) {
      expect(headers.has("access-control-allow-credentials")).toBe(false);
    }
  });

  test("read refusals too", async () => {
    const answer = await served(PAGE).get("/job", { key: null, headers: { origin: PAGE } });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([401, PAGE]);
  });

  test.each([
    "https://evil.example",
    `${PAGE}:8443`,
    "http://ops.example.net",
    `${PAGE}.evil.example`,
    "null",
  ])("may nothing as %s where another is named", async (origin) => {
    const api = served(PAGE);
    const preflight = await asks(api, origin);
    expect([preflight.status, headersOf(preflight)]).toEqual([401, []]);
    const answer = await api.api.handle(request("GET", "/job", { headers: { origin } }));
    expect(headersOf(answer)).toEqual([]);
    // What is kept of one page's answer must not be given to another.
    expect(answer.headers.get("vary")).toBe("Origin");
  });

  test("may all use it where it says so, still without cookies", async () => {
    const api = served("*");
    expect((await asks(api, "https://any.example")).headers.get("access-control-allow-origin")).toBe("*");
    const headers = { origin: "https://any.example", host: "localhost:9000", cookie: `X-API-KEY=${KEY}` };
    expect((await api.get("/job", { key: null, headers })).status).toBe(403);
  });

  test("are not asked for anything else by OPTIONS", async () => {
    const headers = { origin: PAGE };
    expect((await served(PAGE).call("OPTIONS", "/job", { headers })).status).toBe(405);
  });
});
