import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { type Answer, Api, wrongFields } from "./support/api.ts";

/** Stands wherever a request holds a value: no answer may ever repeat it. */
const VALUE = "xq7-never-echoed-9vk";

let netpulse: Netpulse;
let api: Api;
let device: Device;

/** Counts who connects: nothing that was refused may reach a device. */
interface Device {
  port: number;
  connections(): number;
  stop(): void;
}

function startDevice(): Device {
  let connections = 0;
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open() {
        connections += 1;
      },
      data() {},
    },
  });
  return { port: listener.port, connections: () => connections, stop: () => listener.stop(true) };
}

beforeAll(async () => {
  device = startDevice();
  netpulse = await startNetpulse();
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
  device?.stop();
});

/** What the store and the workers hold; a refused request changes none of it. */
async function state() {
  const workers = await api.workers();
  const done = workers.map((worker) => [worker.name, worker.successful_job_count, worker.failed_job_count]);
  return { jobs: await api.jobs(), done, connections: device.connections() };
}
let before: Awaited<ReturnType<typeof state>>;
beforeEach(async () => {
  before = await state();
});
afterEach(async () => {
  expect(await state()).toEqual(before);
});

/** A request with nothing wrong in it. */
function good(): { connection_args: Record<string, unknown>; [field: string]: unknown } {
  return {
    driver: "netmiko",
    connection_args: {
      host: "127.0.0.1",
      port: device.port,
      username: "admin",
      password: VALUE,
      device_type: "cisco_ios",
    },
    command: "show version",
  };
}

/** `good()` with the fields at these dotted paths replaced; `undefined` takes a field out. */
function with_(changes: Record<string, unknown>): Record<string, unknown> {
  const body: Record<string, unknown> = good();
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

function expectRefusal(answer: Answer, status: number) {
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status });
  expect(answer.text).not.toContain(VALUE);
  expect(answer.text).not.toMatch(/\bat \S+ \(|\.ts:\d+|node_modules/);
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
      body: JSON.stringify(good()),
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

  test("__proto__ is an unknown field like any other", async () => {
    const body = JSON.stringify(good()).replace("{", `{"__proto__": {"ttl": "${VALUE}"}, "constructor": 1, `);
    const answer = await api.call("POST", "/device/exec", {
      body,
      headers: { "Content-Type": "application/json" },
    });
    expectRefusal(answer, 422);
  });
});

describe("query parameters", () => {
  const cases: [method: string, path: string, field: string, says: RegExp][] = [
    ["GET", "/job?statsu=queued", "statsu", /status/],
    ["GET", "/job?status=runing", "status", /queued.*started.*finished/s],
    ["GET", "/job?limit=0", "limit", /./],
    ["GET", "/job?limit=1001", "limit", /1000/],
    ["GET", "/job?limit=ten", "limit", /./],
    ["GET", "/job?order=up", "order", /asc/],
    ["GET", "/job?since=yesterday", "since", /./],
    [`GET`, `/job?cursor=${VALUE}`, "cursor", /./],
    ["GET", "/job?id=job_x&wait=61", "wait", /60/],
    ["GET", "/job?id=job_x&wait=-1", "wait", /./],
    ["DELETE", "/job?hots=10.0.0.1&queue=FifoQ", "hots", /host/],
    ["GET", "/worker?nam=x", "nam", /./],
    ["GET", "/worker?status=alive", "status", /busy.*idle/s],
    ["DELETE", "/worker?nmae=w&node=n", "nmae", /name/],
    ["DELETE", `/worker?queue=FifoQ&x=${VALUE}`, "x", /unknown/],
  ];
  test.each(cases)("%s %s is 422 and names %s", async (method, path, field, says) => {
    const answer = await api.call(method, path);
    expectRefusal(answer, 422);
    const wrong = wrongFields(answer, "query");
    expect(Object.keys(wrong)).toEqual([field]);
    expect(wrong[field]).toMatch(says);
  });

  test.each([["/job"], ["/job?force=true"], ["/worker"]])(
    "DELETE %s without a filter is 422",
    async (path) => {
      expectRefusal(await api.delete(path), 422);
    },
  );

  test.each([["/job?queue="], ["/job?host="], ["/worker?name="], ["/worker?node="]])(
    "DELETE %s, a filter left empty by mistake, is 422",
    async (path) => {
      expectRefusal(await api.delete(path), 422);
    },
  );
});

describe("the key", () => {
  const wrong: [string, Record<string, string | null>][] = [
    ["missing", { "X-API-KEY": null }],
    ["empty", { "X-API-KEY": "" }],
    ["wrong", { "X-API-KEY": VALUE }],
    ["a beginning of the right one", { "X-API-KEY": "" }],
    ["wrong as bearer", { "X-API-KEY": null, Authorization: `Bearer ${VALUE}` }],
    ["of another scheme", { "X-API-KEY": null, Authorization: `Basic ${btoa(`x:${VALUE}`)}` }],
    ["wrong in a cookie", { "X-API-KEY": null, Cookie: `X-API-KEY=${VALUE}` }],
  ];
  const routes: [string, string][] = [
    ["GET", "/job"],
    ["DELETE", "/job?queue=FifoQ"],
    ["GET", "/worker"],
    ["DELETE", "/worker?queue=FifoQ"],
    ["GET", "/health"],
    ["POST", "/device/exec"],
  ];
  for (const [method, path] of routes) {
    test.each(wrong)(
      `${method} ${path.split("?", 1)[0]} with a key that is %s is 401`,
      async (what, headers) => {
        const sent = what.startsWith("a beginning") ? { "X-API-KEY": netpulse.key.slice(0, -1) } : headers;
        const answer = await api.call(method, path, {
          headers: sent,
          ...(method === "POST" ? { json: good() } : {}),
        });
        expectRefusal(answer, 401);
        expect(answer.headers.get("www-authenticate")).not.toBeNull();
        expect(answer.text).not.toContain(netpulse.key.slice(0, -1));
      },
    );
  }

  test("a wrong key in the query is 401, and so is none for a route that does not exist", async () => {
    const headers = { "X-API-KEY": null };
    expectRefusal(await api.call("GET", `/job?X-API-KEY=${VALUE}`, { headers }), 401);
    expect([401, 404]).toContain((await api.call("GET", "/nothing-here", { headers })).status);
  });

  test("is looked at before the body is", async () => {
    const answer = await api.call("POST", "/device/exec", {
      body: "not json",
      headers: { "Content-Type": "application/json", "X-API-KEY": null },
    });
    expectRefusal(answer, 401);
  });

  test.each([
    ["any case of the header", { "X-API-KEY": null, "x-Api-Key": "<key>" }],
    ["Authorization: Bearer", { "X-API-KEY": null, Authorization: "Bearer <key>" }],
    ["a cookie", { "X-API-KEY": null, Cookie: "X-API-KEY=<key>" }],
  ] as [string, Record<string, string | null>][])("is taken from %s", async (_what, template) => {
    const headers = Object.fromEntries(
      Object.entries(template).map(([name, value]) => [name, value?.replace("<key>", netpulse.key) ?? null]),
    );
    expect((await api.call("GET", "/health", { headers })).data).toBe("ok");
  });

  test("is taken from the query", async () => {
    const answer = await api.call("GET", `/health?X-API-KEY=${netpulse.key}`, {
      headers: { "X-API-KEY": null },
    });
    expect(answer.data).toBe("ok");
  });
});

describe("what is not there", () => {
  test.each([
    ["GET", "/"],
    ["GET", "/jobs"],
    ["GET", "/device/exec/again"],
    ["POST", "/nothing"],
    ["GET", "/job/../../etc/passwd"],
    ["GET", `/${VALUE}`],
    ["GET", "/%00"],
  ])("%s %s is 404", async (method, path) => {
    expectRefusal(await api.call(method, path), 404);
  });

  test.each([
    ["PUT", "/job"],
    ["PATCH", "/worker"],
    ["POST", "/health"],
    ["GET", "/device/exec"],
    ["DELETE", "/device/exec"],
  ])("%s %s, a method without meaning, is 404 or 405", async (method, path) => {
    const answer = await api.call(method, path);
    expect([404, 405]).toContain(answer.status);
    expectRefusal(answer, answer.status);
  });

  test("an unknown job and an unknown worker are 404", async () => {
    expectRefusal(await api.get("/job?id=job_00000000000000000000000000"), 404);
    expectRefusal(await api.delete("/job?id=job_00000000000000000000000000"), 404);
    expectRefusal(await api.delete(`/worker?name=${VALUE}`), 404);
  });
});
