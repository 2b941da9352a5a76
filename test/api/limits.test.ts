import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { type RunningApi, startApi } from "../../src/api/server.ts";
import { systemClock } from "../../src/core/clock.ts";
import { until } from "../e2e/support/until.ts";
import { KEY, SETTINGS, TestApi } from "./client.ts";
import { anEndedJob, anOutput } from "./memory-engine.ts";
import { RawClient } from "./raw-client.ts";

const running: RunningApi[] = [];
afterAll(async () => {
  await Promise.all(running.map((api) => api.stop()));
});

async function start(server: Partial<typeof SETTINGS.server> = {}): Promise<RunningApi> {
  const { deps, engine } = new TestApi({ server: { ...SETTINGS.server, ...server } });
  engine.add(anEndedJob(), [anOutput({ stdout: "x".repeat(8_000_000) })]);
  const api = await startApi({ ...deps, clock: systemClock });
  running.push(api);
  return api;
}

/** The whole answer to bytes, after which the server is asked to close. */
async function answerTo(api: RunningApi, target: string, headers: string[] = []): Promise<string> {
  const client = new RawClient(api.url);
  const all = ["Host: np", `X-API-KEY: ${KEY}`, "Connection: close", ...headers];
  client.send(`GET ${target} HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n`);
  return await client.closed;
}

function envelopeOf(answer: string): { code: number; message: string; data: unknown } {
  return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")));
}

/** Connections that a listener on this port has open, as the kernel says. */
function connectionsOf(port: string): number {
  const local = `:${Number(port).toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = readFileSync("/proc/net/tcp", "utf8").split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, at = "", , state]) => at.endsWith(local) && state === "01").length;
}

/** A `GET /job` whose path and query are so long. */
function urlOf(length: number): string {
  return `/job?queue=${"q".repeat(length - "/job?queue=".length)}`;
}

describe("a URL", () => {
  test("of 8 KiB is read", async () => {
    const answer = await answerTo(await start(), urlOf(8192));
    expect(answer).toStartWith("HTTP/1.1 422");
  });

  test.each([8193, 16_000, 30_000])("of %d characters is a 414 that does not repeat it", async (length) => {
    const answer = await answerTo(await start(), urlOf(length));
    expect(answer).toStartWith("HTTP/1.1 414");
    expect(envelopeOf(answer)).toMatchObject({
      code: -1,
      message: expect.stringContaining("server.max_url"),
    });
    expect(answer).not.toContain("qqq");
  });

  test("is as long as the configuration says", async () => {
    const api = await start({ maxUrl: 65_536 });
    expect(await answerTo(api, urlOf(65_536))).toStartWith("HTTP/1.1 422");
    expect(await answerTo(api, urlOf(65_537))).toStartWith("HTTP/1.1 414");
  });

  test("that no server would read is refused by the parser, without reading on", async () => {
    expect(await answerTo(await start(), urlOf(1_000_000))).toStartWith("HTTP/1.1 431");
  });
});

describe("headers", () => {
  test("of nearly 16 KiB are read, in one or in many", async () => {
    const api = await start();
    expect(await answerTo(api, "/health", [`X-A: ${"a".repeat(16_000)}`])).toStartWith("HTTP/1.1 200");
    const many = Array.from({ length: 100 }, (_, n) => `X-${n}: ${"a".repeat(140)}`);
    expect(await answerTo(api, "/health", many)).toStartWith("HTTP/1.1 200");
  });

  test.each([
    ["one", [`X-A: ${"SECRET".repeat(3000)}`]],
    ["many", Array.from({ length: 100 }, (_, n) => `X-${n}: ${"SECRET".repeat(40)}`)],
  ])("of more are a 431 that does not repeat them: %s", async (_how, headers) => {
    const answer = await answerTo(await start(), "/health", headers);
    expect(answer).toStartWith("HTTP/1.1 431");
    expect(envelopeOf(answer)).toMatchObject({
      code: -1,
      message: expect.stringContaining("server.max_headers"),
    });
    expect(answer).not.toContain("SECRET");
  });

  test("beyond measure, in size or number, are refused by the parser", async () => {
    const api = await start();
    expect(await answerTo(api, "/health", [`X-A: ${"a".repeat(100_000)}`])).toStartWith("HTTP/1.1 431");
    const many = Array.from({ length: 1000 }, (_, n) => `X-${n}: a`);
    expect(await answerTo(api, "/health", many)).toStartWith("HTTP/1.1 431");
    expect((await fetch(`${api.url}/livez`)).status).toBe(200);
  });
});

describe("a client that is slow", () => {
  // Bun looks at its connections every 4 s.
  const TERM = { headerTimeout: 4 };
  const START = `GET /livez HTTP/1.1\r\nHost: np\r\n`;

  test("is cut off: silent, stuck in its headers, or with one now and then", async () => {
    const api = await start(TERM);
    const clients = ["", START, START].map((text) => {
      const client = new RawClient(api.url);
      client.send(text);
      return client;
    });
    const trickling = setInterval(() => clients.at(-1)?.send("X-A: b\r\n"), 500);
    expect(await Promise.all(clients.map((client) => client.closed))).toEqual(["", "", ""]);
    clearInterval(trickling);
  });

  test("is not taken for one while it waits for a job or keeps its connection", async () => {
    const api = await start(TERM);
    const [silent, kept] = [new RawClient(api.url), new RawClient(api.url)];
    kept.send(`${START}\r\n`);
    await kept.answers(1);
    expect(await silent.closed).toBe("");
    kept.send(`${START}\r\n`);
    expect(await kept.answers(2)).toHaveLength(2);
    kept.end();
  });

  test("to read is cut off, once it has taken nothing for long enough", async () => {
    const api = await start({ ...TERM, idleTimeout: 4 });
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.write(`GET /job?id=job_1 HTTP/1.1\r\nHost: np\r\nX-API-KEY: ${KEY}\r\n\r\n`);
    await until("its answer is on its way", () => (connectionsOf(port) === 1 ? true : null));
    await until("its connection is closed", () => (connectionsOf(port) === 0 ? true : null), 18_000);
    socket.destroy();
  });

  test("does not keep others waiting, a hundred of them neither", async () => {
    const api = await start(TERM);
    const slow = Array.from({ length: 100 }, () => {
      const client = new RawClient(api.url);
      client.send(START);
      return client;
    });
    for (let n = 0; n < 20; n++) expect((await fetch(`${api.url}/livez`)).status).toBe(200);
    await Promise.all(slow.map((client) => client.closed));
  });
});

describe("every answer, whatever it is", () => {
  const expected = {
    "cache-control": /^no-(store|cache)$/,
    "content-security-policy": /^default-src 'none'/,
    "referrer-policy": /^no-referrer$/,
    "x-content-type-options": /^nosniff$/,
    "x-frame-options": /^DENY$/,
    "cross-origin-resource-policy": /^same-origin$/,
  };

  test.each([
    ["GET", "/swagger", 200],
    ["GET", "/swagger/json", 200],
    ["GET", "/swagger/assets/swagger-ui-bundle.js", 200],
    ["GET", "/swagger/assets/initializer.js", 200],
    ["GET", "/health", 200],
    ["GET", "/metrics", 200],
    ["HEAD", "/job", 200],
    ["GET", "/livez", 200],
    ["GET", "/job?limit=0", 422],
    ["GET", "/none", 404],
    ["PATCH", "/job", 405],
    ["OPTIONS", "/job", 405],
    ["POST", "/device/exec", 400],
    ["GET", `/job?queue=${"q".repeat(9000)}`, 414],
  ])("%s %s has the headers that keep browsers safe", async (method, path, status) => {
    const { api } = new TestApi();
    const response = await api.handle(
      new Request(`http://np${path}`, { method, headers: { "x-api-key": KEY } }),
    );
    expect(response.status).toBe(status);
    for (const [name, value] of Object.entries(expected)) {
      expect([name, response.headers.get(name)]).toEqual([name, expect.stringMatching(value)]);
    }
    expect(response.headers.has("access-control-allow-origin")).toBe(false);
  });
});
