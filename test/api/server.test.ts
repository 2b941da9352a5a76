import { afterAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { type RunningApi, startApi } from "../../src/api/server.ts";
import { systemClock } from "../../src/core/clock.ts";
import { StartupError } from "../../src/core/errors.ts";
import { KEY, SETTINGS, TestApi } from "./client.ts";
import { aJob, anEndedJob, anOutput } from "./memory-engine.ts";
import { RawClient } from "./raw-client.ts";

const running: RunningApi[] = [];
afterAll(async () => {
  await Promise.all(running.map((api) => api.stop()));
});

async function start(server: Partial<typeof SETTINGS.server> = {}) {
  const made = new TestApi({ server: { ...SETTINGS.server, ...server } });
  const api = await startApi({ ...made.deps, clock: systemClock });
  running.push(api);
  return { api, engine: made.engine, deps: made.deps };
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: np\r\nX-API-KEY: ${KEY}\r\n\r\n`;
}

function postHead(length: number | "chunked"): string {
  const size = length === "chunked" ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`;
  return `POST /device/exec HTTP/1.1\r\nHost: np\r\nX-API-KEY: ${KEY}\r\nContent-Type: application/json\r\n${size}\r\n\r\n`;
}

const BODY = JSON.stringify({
  driver: "cli",
  connection_args: { host: "192.0.2.1" },
  command: "show version",
});

describe("over a real port", () => {
  test("a client submits a job and reads it", async () => {
    const { api } = await start();
    const headers = { "X-API-KEY": KEY, "content-type": "application/json" };
    const submitted = await fetch(`${api.url}/device/exec`, { method: "POST", headers, body: BODY });
    expect(submitted.status).toBe(201);
    const read = await fetch(`${api.url}/job?id=job_1`, { headers });
    expect(((await read.json()) as { data: { id: string }[] }).data[0]?.id).toBe("job_1");
    const head = await fetch(`${api.url}/job`, { method: "HEAD", headers });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const whole = await (await fetch(`${api.url}/job`, { headers })).arrayBuffer();
    expect(head.headers.get("content-length")).toBe(String(whole.byteLength));
  });

  test("requests sent at once on one connection are answered in order", async () => {
    const { api } = await start();
    const client = new RawClient(api.url);
    client.send(`${get("/health")}${postHead(BODY.length)}${BODY}${get("/job?id=job_1")}${get("/none")}`);
    const answers = await client.answers(4);
    expect(answers.map((answer) => answer.slice(9, 12))).toEqual(["200", "201", "200", "404"]);
    client.end();
  });

  test("a suspend without a body is taken, with a length of 0 too", async () => {
    const { api } = await start();
    const client = new RawClient(api.url);
    const head = `POST /worker/suspend?node=n1 HTTP/1.1\r\nHost: np\r\nX-API-KEY: ${KEY}\r\n`;
    client.send(`${head}Content-Length: 0\r\n\r\n`);
    expect((await client.answers(1))[0]).toStartWith("HTTP/1.1 200");
    client.end();
  });

  test.each([
    ["whose length is told", 10_000_000, ""],
    ["that comes in chunks", "chunked" as const, "100000\r\n"],
  ])(
    "a body of 10 MB %s is a 413 in the envelope, and the connection is closed",
    async (_how, length, chunkHead) => {
      const { api } = await start();
      const client = new RawClient(api.url);
      client.send(postHead(length));
      for (let sent = 0; sent < 10; sent++)
        client.send(`${chunkHead}${"x".repeat(0x100000)}${chunkHead ? "\r\n" : ""}`);
      const answer = await client.closed;
      expect(answer).toStartWith("HTTP/1.1 413");
      expect(answer).toContain('{"code":-1,"message":"the body is larger than 65536 bytes');
    },
  );

  test("a client of the usual kind gets that 413 too, not a broken connection", async () => {
    const { api } = await start({ maxBody: 4 * 1024 ** 2 });
    const response = await fetch(`${api.url}/device/exec`, {
      method: "POST",
      headers: { "X-API-KEY": KEY, "content-type": "application/json" },
      body: "x".repeat(10_000_000),
    });
    expect(response.status).toBe(413);
  });

  test("a body that stops half-way is a 408, and the connection is closed", async () => {
    const { api } = await start({ bodyTimeout: 0.05 });
    const client = new RawClient(api.url);
    client.send(`${postHead(1000)}{"driver":`);
    const answer = await client.closed;
    expect(answer).toStartWith("HTTP/1.1 408");
    expect(answer).toContain('"code":-1');
  });

  test("a client that hangs up in the middle of a body breaks nothing", async () => {
    const { api, engine } = await start();
    const client = new RawClient(api.url);
    client.send(`${postHead(1000)}{"driver":`);
    client.end();
    await client.closed;
    expect((await fetch(`${api.url}/livez`)).status).toBe(200);
    expect(engine.submitted).toEqual([]);
  });

  test("a client that hangs up ends its wait", async () => {
    const { api, engine } = await start();
    engine.add(aJob());
    const waiting = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    engine.onWait = (signal) => {
      signal.addEventListener("abort", () => released.resolve());
      waiting.resolve();
      return released.promise;
    };
    const client = new RawClient(api.url);
    client.send(get("/job?id=job_1&wait=60"));
    await waiting.promise;
    client.end();
    await released.promise;
  });

  test("a large result arrives whole", async () => {
    const { api, engine } = await start();
    const stdout = `${"interface Gi0/1 😀\n".repeat(100_000)}`;
    engine.add(anEndedJob(), [anOutput({ stdout })]);
    const response = await fetch(`${api.url}/job?id=job_1`, { headers: { "X-API-KEY": KEY } });
    const { data } = (await response.json()) as { data: { result: { retval: string } }[] };
    expect(data[0]?.result.retval).toBe(stdout);
  });

  test("a path written as a whole URL cannot pass for another one", async () => {
    const { api } = await start();
    for (const target of ["http://np/job", "//np/livez/../job", "/livez/%2e%2e/job", "/swagger/../job"]) {
      const client = new RawClient(api.url);
      client.send(`GET ${target} HTTP/1.1\r\nHost: np\r\nConnection: close\r\n\r\n`);
      const answer = await client.closed;
      expect([target, /^HTTP\/1\.1 (401|404)/.test(answer)]).toEqual([target, true]);
      expect(answer).not.toContain('"success"');
    }
  });
});

describe("a Host that is none", () => {
  test.each(["a b", "a/b", "a\\b", "a@b", "a?b", "a b/../", "[", "%", "a%00b", "np:99999999", "np:99999"])(
    "opens no door, and is a 400: %p",
    async (host) => {
      const { api } = await start();
      for (const target of [
        "/job",
        "/x/swagger/job",
        "/swagger/job",
        "/abcde/job",
        "/x/livez/job",
        "/12345/livez",
      ]) {
        for (const method of ["GET", "HEAD"]) {
          const client = new RawClient(api.url);
          const key = `X-API-KEY: ${target === "/job" ? KEY : "none"}`;
          client.send(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${key}\r\nConnection: close\r\n\r\n`);
          expect([method, target, (await client.closed).slice(9, 12)]).toEqual([method, target, "400"]);
        }
      }
    },
  );

  test.each([
    ["/livez", "200"],
    ["/job", "401"],
    ["/x/swagger/job", "401"],
    ["/swagger/job", "401"],
    ["/swagger", "200"],
  ])("is not needed in HTTP/1.0: %s is %s", async (target, status) => {
    const { api } = await start();
    for (const method of ["GET", "HEAD"]) {
      for (const host of ["", "Host:\r\n"]) {
        const client = new RawClient(api.url);
        client.send(`${method} ${target} HTTP/1.0\r\n${host}Connection: close\r\n\r\n`);
        expect((await client.closed).slice(9, 12)).toBe(status);
      }
    }
  });

  test("is needed for no key", async () => {
    const { api } = await start();
    const client = new RawClient(api.url);
    client.send(`GET /health HTTP/1.0\r\nX-API-KEY: ${KEY}\r\n\r\n`);
    expect(await client.closed).toContain('"data":"ok"');
  });
});

describe("start and stop", () => {
  test("a port in use stops the start with one line", async () => {
    const { api, deps } = await start();
    const port = Number(new URL(api.url).port);
    const config = { ...deps.config, server: { ...deps.config.server, port } };
    const again = startApi({ ...deps, config });
    await expect(again).rejects.toBeInstanceOf(StartupError);
    await expect(again).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: the port is in use`);
  });

  test("a host that is not ours stops the start", async () => {
    await expect(start({ host: "192.0.2.77" })).rejects.toThrow(/^cannot listen on 192\.0\.2\.77:0/);
  });

  test("stop lets who waits go with the job as it is, then takes no more", async () => {
    const { api, engine } = await start();
    engine.add(aJob());
    const waiting = Promise.withResolvers<void>();
    engine.onWait = (signal) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => resolve());
      waiting.resolve();
      return promise;
    };
    const answer = fetch(`${api.url}/job?id=job_1&wait=60`, { headers: { "X-API-KEY": KEY } });
    await waiting.promise;
    await Promise.all([api.stop(), api.stop()]);
    expect((await answer).status).toBe(200);
    await expect(fetch(`${api.url}/livez`)).rejects.toThrow();
  });
});

describe("an event stream", () => {
  test("whose client takes nothing is cut off, with little kept for it", async () => {
    const { api, engine } = await start({ streamStall: 1 });
    const ended = Promise.withResolvers<void>();
    const job = aJob({ status: "started", command: ["x".repeat(100_000)] });
    let told = 0;
    engine.onFollow = async function* () {
      try {
        for (;;) {
          told += 1;
          yield { kind: "state", job, place: { attempts: 1, offset: 0 } };
        }
      } finally {
        ended.resolve();
      }
    };
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.write(`GET /job/job_1/events HTTP/1.1\r\nHost: a\r\nX-API-KEY: ${KEY}\r\n\r\n`);
    await ended.promise;
    // What the sockets of both sides hold: some megabytes.
    expect(told).toBeLessThan(500);
    socket.destroy();
  });
});
