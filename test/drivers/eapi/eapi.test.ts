import { describe, expect, test } from "bun:test";
import type { EapiConnectionArgs, EapiDriverArgs } from "../../../drivers/eapi/args.ts";
import { eapiDriver } from "../../../drivers/eapi/index.ts";
import { type ConnectContext, DeviceError } from "../../../src/device/driver.ts";
import { type EapiOptions, EapiServer } from "../../support/eapi-server.ts";
import { context, run } from "../support.ts";

const commands = (...lines: string[]) => ({ kind: "command" as const, commands: lines });
const config = (...lines: string[]) => ({ kind: "config" as const, lines });

const LOGIN = { host: "127.0.0.1", username: "admin", password: "admin", transport: "http" as const };

function connect(
  { port }: EapiServer,
  args: Partial<EapiConnectionArgs> = {},
  more: Partial<ConnectContext<EapiConnectionArgs>> = {},
) {
  return eapiDriver.connect(context({ ...LOGIN, port, ...args }, more));
}

async function refusal(connecting: Promise<unknown>): Promise<DeviceError> {
  const error = await connecting.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DeviceError)) throw new Error(`no DeviceError: ${error}`);
  return error;
}

/** Runs one operation on a server of its own. */
async function once(
  operation: Parameters<typeof run>[1],
  driverArgs: EapiDriverArgs = {},
  options: EapiOptions = {},
  args: Partial<EapiConnectionArgs> = {},
) {
  await using server = await EapiServer.start(options);
  const session = await connect(server, args);
  const ran = await run(session, operation, driverArgs);
  await session.close();
  return { ...ran, server };
}

describe("commands", () => {
  test("answer in data, as the device wrote it: each digit, each key in its place", async () => {
    await using server = await EapiServer.start();
    const written = '{"b":18446744073709551615,"2":1.50,"1":"a\\"]}\\u00e9","a":[{"x":[]},{}]}';
    server.box.extra.set("show counters", written);
    const session = await connect(server);
    const { outputs, error } = await run(session, commands("show version", "show counters"), {});
    expect(error).toBeNull();
    expect(JSON.parse(outputs[0]?.stdout ?? "")).toMatchObject({ version: "4.22.1F" });
    expect(outputs[1]?.stdout).toBe(`${written}\n`);
    expect(outputs.map(({ ok }) => ok)).toEqual([true, true]);
  });

  test("answer in text where that is asked for", async () => {
    const { outputs, error } = await once(commands("show version"), { encoding: "text" });
    expect(error).toBeNull();
    expect(outputs[0]?.stdout).toBe("Arista DCS-7050TX-64-F\nSoftware image version: 4.22.1F\n");
  });

  test("answer in text where the device has no JSON for them", async () => {
    const { outputs, error, server } = await once(commands("show clock", "show version"));
    expect(error).toBeNull();
    expect(outputs[0]?.stdout).toStartWith("Fri Nov 27");
    expect(outputs[1]?.stdout).toStartWith("{");
    expect(server.received.map(({ request }) => request.params.format)).toEqual([
      "json",
      "json",
      "text",
      "json",
    ]);
  });

  test("are refused there when that is to be strict", async () => {
    const { error } = await once(commands("show clock"), { strict: true });
    expect(error).toMatchObject({ type: "CommandError", retryable: false });
    expect(String(error)).toContain(
      '"show clock" was refused: This is an unconverted command (eAPI code 1003)',
    );
  });

  test.each([
    ["show vlan 999", "VLAN 999 not found in current VLAN database (eAPI code 1000)"],
    ["show nonsense", "Invalid input (at token 0: 'show') (eAPI code 1002)"],
    ["bash timeout 10 id", "Authorization denied for command 'bash' input=****** (eAPI code 1005)"],
  ])("end at %s, which is refused in the device's words", async (command, words) => {
    const { outputs, error, server } = await once(commands("show version", command, "show hostname"));
    expect(outputs.map(({ ok }) => ok)).toEqual([true, false]);
    expect(error).toMatchObject({ type: "CommandError" });
    expect(String(error)).toContain(words);
    // The one that proves the login, and two more.
    expect(server.received).toHaveLength(3);
  });

  test("run privileged, with the enable password where there is one; or not", async () => {
    const asked = { encoding: "text" as const };
    const running = commands("show running-config");
    expect((await once(running, asked, { enable: "s3cret" }, { secret: "s3cret" })).error).toBeNull();
    expect((await once(running, asked)).error).toBeNull();
    const { error } = await once(running, { ...asked, enable_mode: false });
    expect(String(error)).toContain("Invalid input (privileged mode required)");
  });

  test("a wrong enable password is an AuthenticationError that does not show it", async () => {
    const { error, outputs } = await once(
      commands("show version"),
      {},
      { enable: "s3cret" },
      { secret: "wr0ng-one" },
    );
    expect(error).toMatchObject({ type: "AuthenticationError", retryable: false });
    expect(String(error)).toContain("connection_args.secret");
    expect(String(error)).not.toContain("wr0ng");
    expect(outputs.map(({ ok }) => ok)).toEqual([false]);
  });

  test("parameters of eAPI are handed on", async () => {
    const { server } = await once(commands("show version"), { autoComplete: true, expandAliases: false });
    expect(server.received.at(-1)?.request).toMatchObject({
      jsonrpc: "2.0",
      method: "runCmds",
      params: { version: 1, cmds: ["enable", "show version"], autoComplete: true, expandAliases: false },
    });
  });
});

describe("configuration", () => {
  test("goes in one request, and is saved when that is asked for", async () => {
    const lines = ["interface Ethernet7", "description uplink", "vlan 10"];
    const { outputs, error, server } = await once(config(...lines), { save: true });
    expect(error).toBeNull();
    expect(outputs.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(outputs[2]?.stdout).toBe("note\n");
    expect(server.box.running).toEqual([
      "interface Ethernet7",
      "interface Ethernet7 description uplink",
      "vlan 10",
    ]);
    expect(server.box.startup).toEqual(server.box.running);
    expect(server.received.map(({ request }) => request.params.cmds)).toEqual([
      ["show hostname"],
      ["enable", "configure", ...lines],
      ["enable", "copy running-config startup-config"],
    ]);
  });

  test.each([
    ["ip address 300.0.0.1/24", "Invalid input (at token 2: '300.0.0.1/24')", 1002],
    ["vlan 5001", "VLAN 5001 is not available", 1000],
    ["descripton wrong", "Invalid input (at token 0: 'descripton')", 1002],
  ])("stops at %s: those before it are in force, nothing is saved", async (line, words, code) => {
    const { outputs, error, server } = await once(config("interface Ethernet7", line, "vlan 10"), {
      save: true,
    });
    expect(outputs.map(({ ok }) => ok)).toEqual([true, false]);
    expect(error).toMatchObject({ type: "ConfigError", retryable: false });
    expect(String(error)).toContain(`line 2 was refused: ${words} (eAPI code ${code})`);
    expect(server.box.running).toEqual(["interface Ethernet7"]);
    expect(server.box.startup).toEqual([]);
  });

  test("a refusal that quotes a secret of the line does not show it", async () => {
    await using server = await EapiServer.start();
    const session = await connect(server);
    server.box.refuses.set("username bob secret hunter2222", "Invalid input (at token 3: 'hunter2222')");
    const { error } = await run(session, config("username bob secret hunter2222"), {});
    expect(String(error)).toContain("line 1 was refused: Invalid input (at token 3: '******')");
  });

  test("a configuration that someone has locked may be tried again", async () => {
    await using server = await EapiServer.start();
    server.box.lockedBy = "bob";
    const session = await connect(server);
    const { error, outputs } = await run(session, config("vlan 10"), {});
    expect(error).toMatchObject({ type: "ConfigLocked", retryable: true });
    expect(String(error)).toContain("locked by bob");
    expect(outputs).toMatchObject([{ ok: null }]);
  });

  test("a user who may not configure is told so", async () => {
    const { error } = await once(config("vlan 10"), { enable_mode: false });
    expect(error).toMatchObject({ type: "ConfigError" });
    expect(String(error)).toContain(
      "configuration mode was refused: Invalid input (privileged mode required)",
    );
  });
});

describe("the connection", () => {
  test("is kept for the next job", async () => {
    await using server = await EapiServer.start();
    const session = await connect(server);
    for (let job = 0; job < 3; job += 1) {
      expect((await run(session, commands("show version", "show hostname"), {})).error).toBeNull();
    }
    expect(await session.health(new AbortController().signal)).toBe(true);
    expect(server.connections).toBe(1);
    await session.close();
    await session.close();
  });

  test("is made anew where the device does not keep it", async () => {
    const { error, server, outputs } = await once(
      commands("show version", "show hostname"),
      {},
      { closes: true },
    );
    expect(error).toBeNull();
    expect(outputs).toHaveLength(2);
    expect(server.connections).toBe(3);
  });

  test("is made anew after the device has closed it between two jobs", async () => {
    await using server = await EapiServer.start();
    const session = await connect(server);
    server.dropConnections();
    // Until both ends know of it.
    for (let turn = 0; turn < 100 || server.open > 0; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await run(session, commands("show version"), {})).error).toBeNull();
    expect(server.connections).toBe(2);
  });

  test.each([1, 7, 4096])("may answer in chunks of %d bytes", async (chunks) => {
    const { error, outputs } = await once(commands("show version"), {}, { chunks });
    expect(error).toBeNull();
    expect(JSON.parse(outputs[0]?.stdout ?? "")).toMatchObject({ version: "4.22.1F" });
  });

  test("that breaks in the middle of a request fails the job: nothing is sent twice", async () => {
    await using server = await EapiServer.start();
    const session = await connect(server);
    server.hold();
    const running = run(session, commands("show version"), {});
    await server.waits();
    server.dropConnections();
    const { error, outputs } = await running;
    expect(error).toMatchObject({ type: "ConnectionError", retryable: true });
    expect(String(error)).toContain("before it answered");
    expect(outputs).toMatchObject([{ ok: null }]);
    expect(server.received).toHaveLength(1);
  });

  test("a device that does not answer is given up", async () => {
    await using server = await EapiServer.start();
    const session = await connect(server);
    server.hold();
    const { error } = await run(session, commands("show version"), { read_timeout: 0.2 });
    expect(error).toMatchObject({ type: "TimeoutError", retryable: true });
    expect(String(error)).toContain("did not answer for 0.2 s");
  });

  test("an abort ends the request, and the session with it", async () => {
    await using server = await EapiServer.start();
    const closed: string[] = [];
    const session = await connect(server, {}, { onClosed: (reason) => closed.push(reason) });
    server.hold();
    const abort = new AbortController();
    const stop = new DeviceError("JobAborted", "the job was aborted");
    const running = run(session, commands("show version"), {}, { signal: abort.signal });
    await server.waits();
    abort.abort(stop);
    expect((await running).error).toBe(stop);
    expect(closed).toEqual(["the run was cut short"]);
    while (server.open > 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await run(session, commands("show version"), {})).error).toMatchObject({
      type: "ConnectionError",
    });
  });

  test("nothing is sent once nothing may be written", async () => {
    await using server = await EapiServer.start();
    const lapsed = new DeviceError("WorkerLost", "the lease lapsed");
    let may = true;
    const guard = {
      assertMayWrite() {
        if (!may) throw lapsed;
      },
    };
    const session = await connect(server, {}, { guard });
    may = false;
    expect((await run(session, commands("show version"), {})).error).toBe(lapsed);
    expect(server.received).toHaveLength(1);
  });

  test("a session that cannot answer any more is not healthy", async () => {
    const server = await EapiServer.start();
    const session = await connect(server);
    await server[Symbol.asyncDispose]();
    expect(await session.health(new AbortController().signal)).toBe(false);
  });
});

describe("connecting fails", () => {
  test("with a wrong password, after one request", async () => {
    await using server = await EapiServer.start();
    const error = await refusal(connect(server, { password: "not-admin" }));
    expect(error).toMatchObject({ type: "AuthenticationError", retryable: false });
    expect(error.message).not.toContain("not-admin");
    expect(server.connections).toBe(1);
  });

  test("where nothing listens", async () => {
    const error = await refusal(eapiDriver.connect(context({ ...LOGIN, port: 1 })));
    expect(error).toMatchObject({ type: "ConnectionError", retryable: true });
    expect(error.message).toContain("nothing listens there");
  });

  const head = "HTTP/1.1 200 OK\r\n";
  test.each([
    ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "no HTTP server", false],
    ["a head without end", `${head}X: ${"a".repeat(40_000)}`, "its head does not end", false],
    ["a length that is none", `${head}Content-Length: -1\r\n\r\n`, "a length is no number", false],
    [
      "a chunk that is longer than it says",
      `${head}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n`,
      "longer than it says",
      false,
    ],
    ["more than was asked", `${head}Content-Length: 2\r\n\r\n{}x`, "more than was asked", false],
    ["half an answer", `${head}Content-Length: 10\r\n\r\n{}`, "in the middle of its answer", true],
    ["a page", `${head}Content-Length: 6\r\n\r\n<html>`, "answers no JSON-RPC", false],
    ["JSON of another kind", `${head}Content-Length: 7\r\n\r\n{"a":1}`, "answers no JSON-RPC", false],
    ["an error of no form", `${head}Content-Length: 11\r\n\r\n{"error":1}`, "answers no JSON-RPC", false],
    [
      "a redirection",
      "HTTP/1.1 301 Moved\r\nLocation: https://x/\r\nContent-Length: 0\r\n\r\n",
      'transport to "https"',
      false,
    ],
    [
      "no such page",
      "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
      "management api http-commands",
      false,
    ],
    [
      "a server that is down",
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
      "HTTP status 503",
      true,
    ],
  ])("at %s", async (_what, instead, words, retryable) => {
    await using server = await EapiServer.start();
    server.instead = instead;
    const error = await refusal(connect(server));
    expect(error).toMatchObject({ type: "ConnectionError", retryable });
    expect(error.message).toContain(words);
  });

  test("at a user who may not use eAPI", async () => {
    await using server = await EapiServer.start();
    server.instead = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    expect(await refusal(connect(server))).toMatchObject({ type: "AuthenticationError", retryable: false });
  });

  test("at an answer that is too long, before it is read", async () => {
    await using server = await EapiServer.start();
    server.instead = `${head}Content-Length: 999999999\r\n\r\n`;
    expect(await refusal(connect(server))).toMatchObject({ type: "OutputLimit" });
  });
});

test("a device that does not understand the request says so", async () => {
  await using server = await EapiServer.start();
  const session = await connect(server);
  const body =
    '{"jsonrpc":"2.0","id":"x","error":{"code":-32602,"message":"unexpected keyword argument \'autoComplete\'"}}';
  server.instead = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const { error } = await run(session, commands("show version"), { autoComplete: true });
  expect(error).toMatchObject({ type: "ConnectionError", retryable: false });
  expect(String(error)).toContain("did not understand the request (-32602): unexpected keyword argument");
});

test("a request's arguments are judged together", () => {
  const judge = (
    connectionArgs: Record<string, unknown>,
    driverArgs = {},
    operation = commands("show version"),
  ) =>
    eapiDriver
      .check({ connectionArgs: { ...LOGIN, ...connectionArgs } as EapiConnectionArgs, driverArgs, operation })
      .map(({ loc, msg }) => `${loc.join(".")} ${msg}`);
  const https = { transport: "https" };
  expect(judge(https)).toEqual([]);
  expect(judge({ ca_file: "ca.pem" })).toEqual(["connection_args.ca_file is of https; transport is http"]);
  expect(judge({ ...https, verify: false, ca_file: "ca.pem" })[0]).toStartWith(
    "connection_args.verify is false",
  );
  expect(judge({ ...https, cert_file: "c.pem" })[0]).toStartWith("connection_args.key_file is missing");
  expect(judge({ ...https, fingerprint: "00", ca_file: "ca.pem" })[0]).toStartWith(
    "connection_args.ca_file would",
  );
  expect(judge(https, { save: true })).toEqual(["driver_args.save applies to config only"]);
  expect(judge(https, {}, commands("show version\nreload"))[0]).toStartWith("command.0 holds a line break");
  expect(judge(https, {}, commands(" "))).toEqual(["command.0 is empty"]);
  expect(judge(https, {}, commands())[0]).toStartWith("command is empty");
});

test("the usual port goes by the transport", () => {
  expect(eapiDriver.usualPort?.({})).toBe(443);
  expect(eapiDriver.usualPort?.({ transport: "https" })).toBe(443);
  expect(eapiDriver.usualPort?.({ transport: "http" })).toBe(80);
});
