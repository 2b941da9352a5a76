import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { Api, wrongFields } from "./support/api.ts";
import {
  type CountingDevice,
  expectRefusal,
  goodRequest,
  startCountingDevice,
  stateOf,
  VALUE,
} from "./support/refusal.ts";

setDefaultTimeout(30_000);

let netpulse: Netpulse;
let api: Api;
let device: CountingDevice;
let before: Awaited<ReturnType<typeof stateOf>>;
beforeAll(async () => {
  device = startCountingDevice();
  netpulse = await startNetpulse();
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
  device?.stop();
});
beforeEach(async () => {
  before = await stateOf(api, device);
});
afterEach(async () => {
  expect(await stateOf(api, device)).toEqual(before);
});

/** `goodRequest(device)` with the fields at these dotted paths replaced; `undefined` takes a field out. */
function with_(changes: Record<string, unknown>): Record<string, unknown> {
  const body: Record<string, unknown> = goodRequest(device);
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let parent = body;
    for (const name of names) {
      parent[name] ??= {};
      parent = parent[name] as Record<string, unknown>;
    }
    if (value === undefined) delete parent[last];
    else parent[last] = value;
  }
  return body;
}

describe("a wrong field is named, with the way out", () => {
  const long = `${VALUE}${"x".repeat(300)}`;
  const cases: [what: string, changes: Record<string, unknown>, field: string, says: RegExp][] = [
    ["no driver", { driver: undefined }, "driver", /required/],
    ["a driver of the wrong type", { driver: 7 }, "driver", /./],
    ["an unknown driver", { driver: VALUE }, "driver", /netmiko.*paramiko|paramiko.*netmiko/s],
    ["a mistyped driver", { driver: "netmico" }, "driver", /netmiko/],
    ["no connection_args", { connection_args: undefined }, "connection_args", /required/],
    ["connection_args of the wrong type", { connection_args: VALUE }, "connection_args", /object/],
    ["no host", { "connection_args.host": undefined }, "connection_args.host", /required/],
    ["an empty host", { "connection_args.host": "" }, "connection_args.host", /./],
    ["a host of the wrong type", { "connection_args.host": 12345 }, "connection_args.host", /string/],
    ["a host with a space", { "connection_args.host": `${VALUE} x` }, "connection_args.host", /./],
    ["a host with a control character", { "connection_args.host": "a\nb" }, "connection_args.host", /./],
    ["a host that is too long", { "connection_args.host": long }, "connection_args.host", /./],
    ["port 0", { "connection_args.port": 0 }, "connection_args.port", /\b1\b/],
    ["port 65536", { "connection_args.port": 65536 }, "connection_args.port", /65535/],
    ["a port with a fraction", { "connection_args.port": 22.5 }, "connection_args.port", /integer|whole/],
    ["a port that is text", { "connection_args.port": VALUE }, "connection_args.port", /integer|number/],
    [
      "a user name of the wrong type",
      { "connection_args.username": [VALUE] },
      "connection_args.username",
      /string/,
    ],
    [
      "a password that is an object",
      { "connection_args.password": { [VALUE]: VALUE } },
      "connection_args.password",
      /string/,
    ],
    [
      "a password that is a number",
      { "connection_args.password": 98765432123 },
      "connection_args.password",
      /string/,
    ],
    ["a mistyped password", { "connection_args.passwrod": VALUE }, "connection_args.passwrod", /password/],
    ["a mistyped secret", { "connection_args.secert": VALUE }, "connection_args.secert", /secret/],
    [
      "no device type",
      { "connection_args.device_type": undefined },
      "connection_args.device_type",
      /required/,
    ],
    [
      "an unknown device type",
      { "connection_args.device_type": VALUE },
      "connection_args.device_type",
      /cisco_ios.*frr|frr.*cisco_ios/s,
    ],
    ["a timeout of 0", { "connection_args.timeout": 0 }, "connection_args.timeout", /./],
    ["a negative timeout", { "connection_args.timeout": -1 }, "connection_args.timeout", /./],
    ["a timeout that is text", { "connection_args.timeout": VALUE }, "connection_args.timeout", /number/],
    [
      "a keepalive of the wrong type",
      { "connection_args.keepalive": VALUE },
      "connection_args.keepalive",
      /number/,
    ],
    ["a command of the wrong type", { command: 7 }, "command", /text|string/],
    ["an empty command", { command: "" }, "command", /./],
    ["an empty list of commands", { command: [] }, "command", /./],
    ["a list with a number", { command: ["show version", 7] }, "command.1", /text|string/],
    ["a list with an empty command", { command: ["show version", ""] }, "command.1", /./],
    ["a command with a control character", { command: `show \u0003${VALUE}` }, "command", /control/],
    ["a command with a NUL", { command: `show \u0000${VALUE}` }, "command", /control/],
    [
      "a listed command with a control character",
      { command: ["show version", `${VALUE}\u001b[A`] },
      "command.1",
      /control/,
    ],
    [
      "config with a control character",
      { command: undefined, config: ["interface lo", `${VALUE}\u0003`] },
      "config.1",
      /control/,
    ],
    [
      "config of the wrong type",
      { command: undefined, config: { [VALUE]: VALUE } },
      "config",
      /string|array|list/,
    ],
    ["an unknown queue strategy", { queue_strategy: VALUE }, "queue_strategy", /fifo.*pinned|pinned.*fifo/s],
    ["a ttl of 0", { ttl: 0 }, "ttl", /./],
    ["a negative ttl", { ttl: -5 }, "ttl", /./],
    ["a ttl that is text", { ttl: VALUE }, "ttl", /number|seconds/],
    ["an execution timeout of 0", { execution_timeout: 0 }, "execution_timeout", /./],
    ["an execution timeout beyond measure", { execution_timeout: 1e15 }, "execution_timeout", /./],
    ["a result ttl that is an object", { result_ttl: {} }, "result_ttl", /number|seconds/],
    ["an unknown field", { colour: VALUE }, "colour", /unknown/],
    ["a mistyped field", { excution_timeout: 5 }, "excution_timeout", /execution_timeout/],
    ["driver_args of the wrong type", { driver_args: VALUE }, "driver_args", /object/],
    ["an unknown driver argument", { "driver_args.xyzzy": VALUE }, "driver_args.xyzzy", /unknown/],
    ["an unknown option", { "options.xyzzy": VALUE }, "options.xyzzy", /unknown/],
    ["a wrong option", { "options.ttl": -1 }, "options.ttl", /./],
  ];
  test.each(cases)("%s", async (_what, changes, field, says) => {
    const answer = await api.tryExec(with_(changes));
    expectRefusal(answer, 422);
    const wrong = wrongFields(answer);
    expect(Object.keys(wrong)).toEqual([field]);
    expect(wrong[field]).toMatch(says);
  });

  test("all of them at once, whatever part of the request they are in", async () => {
    const answer = await api.tryExec(
      with_({
        "connection_args.host": 7,
        "connection_args.port": -1,
        "connection_args.passwrod": VALUE,
        "connection_args.password": { [VALUE]: VALUE },
        "connection_args.device_type": VALUE,
        command: ["show version", 3, `${VALUE}\u0000`],
        queue_strategy: VALUE,
        ttl: VALUE,
        execution_timeout: -1,
        "driver_args.xyzzy": VALUE,
        colour: VALUE,
      }),
    );
    expectRefusal(answer, 422);
    expect(Object.keys(wrongFields(answer)).sort()).toEqual(
      [
        "connection_args.host",
        "connection_args.port",
        "connection_args.passwrod",
        "connection_args.password",
        "connection_args.device_type",
        "command.1",
        "command.2",
        "queue_strategy",
        "ttl",
        "execution_timeout",
        "driver_args.xyzzy",
        "colour",
      ].sort(),
    );
  });

  test("for a Linux device as well", async () => {
    const answer = await api.tryExec({
      driver: "paramiko",
      connection_args: { host: "127.0.0.1", port: "22", username: 5, passphras: VALUE },
      command: "id",
    });
    expectRefusal(answer, 422);
    const wrong = wrongFields(answer);
    expect(wrong["connection_args.port"]).toMatch(/integer|number/);
    expect(wrong["connection_args.username"]).toMatch(/string/);
    expect(wrong["connection_args.passphras"]).toMatch(/passphrase/);
  });
});

describe("a request says exactly one thing to do", () => {
  test("nothing", async () => {
    const answer = await api.tryExec(with_({ command: undefined }));
    expectRefusal(answer, 422);
    expect(answer.text).toMatch(/command.*config/s);
    wrongFields(answer);
  });

  test("a command and a config", async () => {
    const answer = await api.tryExec(with_({ config: `username bob secret ${VALUE}` }));
    expectRefusal(answer, 422);
    expect(Object.keys(wrongFields(answer)).join()).toMatch(/command|config/);
  });
});

describe("a body that is none", () => {
  const bodies: [string, string][] = [
    ["text", `not json ${VALUE}`],
    ["JSON that breaks off", `{"driver": "netmiko", "connection_args": {"password": "${VALUE}"`],
    ["a trailing comma", `{"driver": "${VALUE}",}`],
    ["nothing", ""],
    ["a byte order of another time", "\u0000\u0001"],
  ];
  test.each(bodies)("%s is 400", async (_what, body) => {
    const answer = await api.call("POST", "/device/exec", {
      body,
      headers: { "Content-Type": "application/json" },
    });
    expectRefusal(answer, 400);
  });

  test.each([["null"], ["[]"], ["7"], [`"${VALUE}"`]])("JSON that is no object (%#) is 422", async (body) => {
    const answer = await api.call("POST", "/device/exec", {
      body,
      headers: { "Content-Type": "application/json" },
    });
    expectRefusal(answer, 422);
  });

  test.each([
    ["text/plain"],
    ["application/x-www-form-urlencoded"],
    ["multipart/form-data; boundary=x"],
    ["application/xml"],
  ])("content type %s is refused", async (type) => {
    const answer = await api.call("POST", "/device/exec", {
      body: JSON.stringify(goodRequest(device)),
      headers: { "Content-Type": type },
    });
    expect([400, 415, 422]).toContain(answer.status);
    expectRefusal(answer, answer.status);
  });

  test("10 MB are 413, told by their length", async () => {
    const answer = await api.tryExec(with_({ command: VALUE + "x".repeat(10_000_000) }));
    expectRefusal(answer, 413);
  });

  test("10 MB are 413, also when no length was announced", async () => {
    const piece = new TextEncoder().encode("x".repeat(1_000_000));
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > 10) controller.close();
        else controller.enqueue(piece);
      },
    });
    const answer = await api.call("POST", "/device/exec", {
      body,
      headers: { "Content-Type": "application/json" },
    });
    expectRefusal(answer, 413);
  });

  test("a body nested a hundred thousand deep does no harm", async () => {
    const body = `{"command": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    const answer = await api.call("POST", "/device/exec", {
      body,
      headers: { "Content-Type": "application/json" },
    });
    expect([400, 422]).toContain(answer.status);
    expectRefusal(answer, answer.status);
    expect((await api.get("/health")).data).toBe("ok");
  });

  test("__proto__ hides no other wrong field beside it", async () => {
    const args = `{"host": "10.0.0.1; ${VALUE}", "device_type": "cisco_ios", "username": "a", "__proto__": {"x": 1}}`;
    const answer = await api.call("POST", "/device/exec", {
      body: `{"driver": "netmiko", "command": "show version", "connection_args": ${args}}`,
      headers: { "Content-Type": "application/json" },
    });
    expectRefusal(answer, 422);
    expect(Object.keys(wrongFields(answer)).sort()).toEqual([
      "connection_args.__proto__",
      "connection_args.host",
    ]);
  });

  test("__proto__ is an unknown field like any other", async () => {
    const body = JSON.stringify(goodRequest(device)).replace(
      "{",
      `{"__proto__": {"ttl": "${VALUE}"}, "constructor": 1, `,
    );
    const answer = await api.call("POST", "/device/exec", {
      body,
      headers: { "Content-Type": "application/json" },
    });
    expectRefusal(answer, 422);
  });
});
