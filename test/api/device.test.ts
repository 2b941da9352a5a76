import { describe, expect, test } from "bun:test";
import { RequestError } from "../../src/core/errors.ts";
import { aCaller } from "../support/callers.ts";
import { TestApi, wrongFields } from "./client.ts";
import { anEndedJob, anOutput } from "./memory-engine.ts";

const SECRET = "hunter2-hunter2-hunter2";
const connection_args = { device_type: "cisco_ios", host: "192.0.2.1", username: "admin", password: SECRET };
const body = { driver: "netmiko", connection_args, command: "show version" };

describe("POST /device/exec", () => {
  test.each(["/device/exec", "/device/execute"])("%s queues a job and answers with it", async (path) => {
    const api = new TestApi();
    const { status, envelope } = await api.call("POST", path, { body });
    expect(status).toBe(201);
    expect(envelope).toMatchObject({
      code: 200,
      message: "success",
      data: { id: "job_1", status: "queued", command: ["show version"], driver: "netmiko", result: null },
    });
    expect(api.engine.submitted).toEqual([
      {
        caller: aCaller("default"),
        request: {
          driver: "netmiko",
          connectionArgs: connection_args,
          driverArgs: {},
          operation: { kind: "command", text: "show version" },
        },
      },
    ]);
  });

  test("hands every field to the engine in its own terms", async () => {
    const api = new TestApi();
    const { status } = await api.exec({
      driver: "cli",
      connection_args,
      config: ["interface Loopback0", "shutdown"],
      driver_args: { save: true },
      queue_strategy: "pinned",
      ttl: 60,
      execution_timeout: 12.5,
      result_ttl: 3600,
      priority: -5,
      retries: 2,
      retry_config: true,
    });
    expect(status).toBe(201);
    expect(api.engine.submitted[0]?.request).toEqual({
      driver: "cli",
      connectionArgs: connection_args,
      driverArgs: { save: true },
      operation: { kind: "config", text: ["interface Loopback0", "shutdown"] },
      queueStrategy: "pinned",
      ttl: 60,
      executionTimeout: 12.5,
      resultTtl: 3600,
      priority: -5,
      retries: 2,
      retryConfig: true,
    });
  });

  test("takes the options from an options object as well", async () => {
    const api = new TestApi();
    await api.exec({ ...body, options: { queue_strategy: "fifo", ttl: 60, retries: null }, priority: 1 });
    expect(api.engine.submitted[0]?.request).toMatchObject({ queueStrategy: "fifo", ttl: 60, priority: 1 });
    expect(api.engine.submitted[0]?.request).not.toHaveProperty("retries");
  });

  test("takes a script without a command: its interpreter is what runs", async () => {
    const requestOf = async (driver_args: object, more = {}) => {
      const api = new TestApi();
      const { status } = await api.exec({ driver: "netmiko", connection_args, driver_args, ...more });
      const request = api.engine.submitted[0]?.request;
      return { status, operation: request?.operation, driverArgs: request?.driverArgs };
    };
    const script_content = "echo hello";
    expect(await requestOf({ script_content })).toEqual({
      status: 201,
      operation: { kind: "command", text: "bash" },
      driverArgs: { script_content },
    });
    expect(await requestOf({ script_content, script_interpreter: "python3 -" })).toMatchObject({
      operation: { kind: "command", text: "python3 -" },
      driverArgs: { script_content },
    });
    expect(await requestOf({ script_content, script_interpreter: "sh" }, { command: "cat" })).toMatchObject({
      operation: { kind: "command", text: "cat" },
      driverArgs: { script_content, script_interpreter: "sh" },
    });
    expect(await requestOf({ script_content: 1 })).toMatchObject({ status: 422 });
  });

  test("takes one file transfer or several", async () => {
    const transfer = {
      operation: "upload",
      local_path: "a",
      remote_path: "b",
      chmod: "0600",
      recursive: true,
    };
    for (const file_transfer of [transfer, [transfer, { ...transfer, operation: "download" }]]) {
      const api = new TestApi();
      const { command: _command, ...rest } = body;
      expect((await api.exec({ ...rest, file_transfer })).status).toBe(201);
      expect(api.engine.submitted[0]?.request.operation).toEqual({
        kind: "file_transfer",
        transfers: [file_transfer].flat() as never,
      });
    }
  });

  test("takes null for absent, as many clients send it", async () => {
    const api = new TestApi();
    const { status } = await api.exec({
      ...body,
      config: null,
      file_transfer: null,
      rendering: null,
      parsing: null,
      webhook: null,
      credential: null,
      driver_args: null,
      queue_strategy: null,
      ttl: null,
      options: null,
    });
    expect(status).toBe(201);
    expect(api.engine.submitted[0]?.request.operation).toEqual({ kind: "command", text: "show version" });
  });

  test("and in the arguments of connection and driver", async () => {
    const api = new TestApi();
    const connection_args = { ...body.connection_args, password: null, device_type: null };
    const { status } = await api.exec({ ...body, connection_args, driver_args: { read_timeout: null } });
    expect(status).toBe(201);
    expect(api.engine.submitted[0]?.request).toMatchObject({ driverArgs: {} });
    expect(Object.keys(api.engine.submitted[0]?.request.connectionArgs ?? {})).not.toContain("password");
  });

  test.each([
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON;charset=UTF-8",
    "application/vnd.api+json",
  ])("takes JSON as %s", async (type) => {
    const api = new TestApi();
    const raw = JSON.stringify(body);
    expect((await api.call("POST", "/device/exec", { raw, headers: { "content-type": type } })).status).toBe(
      201,
    );
  });
});

describe("Idempotency-Key", () => {
  const headers = { "Idempotency-Key": "order-66" };

  test("a repeat answers with the first job and says so", async () => {
    const api = new TestApi();
    const first = await api.exec(body, headers);
    const second = await api.exec(body, headers);
    expect(second.status).toBe(201);
    expect(second.data.id).toBe(first.data.id);
    expect(first.headers.has("idempotency-replayed")).toBe(false);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(api.engine.submitted).toHaveLength(1);
    expect(api.engine.submitted[0]?.request.idempotencyKey).toBe("order-66");
  });

  test("a repeat shows what the job waits for by then; the first answer does not ask", async () => {
    const api = new TestApi();
    const { data } = await api.exec(body, headers);
    expect(data.waiting_on).toMatchObject({ reason: "position", ahead: null, job: null, until: null });
    const busy = {
      reason: "device_busy" as const,
      message: "a job is started",
      ahead: 2,
      job: "job_0",
      until: null,
    };
    api.engine.waiting.set(data.id, busy);
    expect((await api.exec(body, headers)).data.waiting_on).toEqual(busy);
  });

  test("a repeat after the job has ended shows its result", async () => {
    const api = new TestApi();
    const { data } = await api.exec(body, headers);
    Object.assign(api.engine.all[0] ?? {}, anEndedJob({ id: data.id }));
    api.engine.printed.set(data.id, [anOutput()]);
    expect((await api.exec(body, headers)).data.result.retval).toBe("Cisco IOS Software, Version 15.2...");
  });

  test("with another body is refused, at the header and not at a field of the body", async () => {
    const api = new TestApi();
    api.engine.fault = new RequestError("invalid", "this key was used with another body", [
      { loc: ["header", "Idempotency-Key"], msg: "was used with another body" },
    ]);
    const answer = await api.exec(body, headers);
    expect(answer.status).toBe(422);
    expect(Object.keys(wrongFields(answer))).toEqual(["header.Idempotency-Key"]);
  });

  test.each([
    "",
    "two words",
    "x".repeat(256),
    "ключ".normalize("NFKD").replace(/[^\u0000-\u00ff]/g, "\u00e9"),
  ])("that is no key is refused (%#)", async (key) => {
    const answer = await new TestApi().exec(body, { "Idempotency-Key": key });
    expect(answer.status).toBe(422);
    expect(Object.keys(wrongFields(answer))).toEqual(["header.Idempotency-Key"]);
  });
});

describe("a wrong field is named, with the way out, and nothing reaches the engine", () => {
  const without = (name: keyof typeof body) =>
    Object.fromEntries(Object.entries(body).filter(([key]) => key !== name));
  const operation = "exactly one of command, config and file_transfer is required";

  test.each<[string, unknown, Record<string, string | RegExp>]>([
    ["no driver", without("driver"), { "body.driver": "is required" }],
    ["a driver that is no name", { ...body, driver: 7 }, { "body.driver": "must be the name of a driver" }],
    ["no connection_args", without("connection_args"), { "body.connection_args": "is required" }],
    [
      "connection_args as a list",
      { ...body, connection_args: [] },
      { "body.connection_args": "must be an object" },
    ],
    ["no operation", without("command"), { "body.command": operation }],
    ["two operations", { ...body, config: "x" }, { "body.command": operation, "body.config": operation }],
    [
      "an empty command",
      { ...body, command: "" },
      { "body.command": /text or a list of texts, and not empty/ },
    ],
    ["an empty list", { ...body, command: [] }, { "body.command": /not empty/ }],
    ["a list with a number", { ...body, command: ["a", 7] }, { "body.command.1": /text, or an object/ }],
    [
      "a list with nothing to run",
      { ...body, command: [{ stop_after: 1 }] },
      { "body.command.0": /text, or an object/ },
    ],
    ["a command object", { ...body, command: { text: "a" } }, { "body.command": /text or a list/ }],
    [
      "a strategy",
      { ...body, queue_strategy: "lifo" },
      { "body.queue_strategy": 'must be one of "fifo", "pinned"' },
    ],
    ["a negative ttl", { ...body, ttl: -1 }, { "body.ttl": /must be seconds, above 0/ }],
    ["a ttl of zero", { ...body, ttl: 0 }, { "body.ttl": /must be seconds, above 0/ }],
    ["a ttl as text", { ...body, ttl: "60" }, { "body.ttl": /must be seconds/ }],
    ["a timeout without end", { ...body, execution_timeout: 1e300 }, { "body.execution_timeout": /at most/ }],
    ["half a retry", { ...body, retries: 0.5 }, { "body.retries": "must be an integer from 0 to 100" }],
    [
      "a mistyped field",
      { ...body, comand: "x" },
      { "body.comand": 'unknown field; did you mean "command"?' },
    ],
    ["an option unknown", { ...body, options: { tll: 1 } }, { "body.options.tll": /did you mean "ttl"/ }],
    ["a wrong option", { ...body, options: { ttl: "x" } }, { "body.options.ttl": /must be seconds/ }],
    [
      "an option twice",
      { ...body, ttl: 1, options: { ttl: 1 } },
      { "body.options.ttl": /in the body too; keep one/ },
    ],
    ["options as a list", { ...body, options: [] }, { "body.options": "must be an object" }],
    ["a list as body", [body], { body: "must be an object" }],
    ["text as body", "show version", { body: "must be an object" }],
    ["null as body", null, { body: "must be an object" }],
  ])("%s", async (_what, given, expected) => {
    const api = new TestApi();
    const answer = await api.exec(given);
    expect(answer.status).toBe(422);
    const wrong = wrongFields(answer);
    expect(Object.keys(wrong).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, msg] of Object.entries(expected)) {
      if (msg instanceof RegExp) expect(wrong[name]).toMatch(msg);
      else expect(wrong[name]).toBe(msg);
    }
    expect(api.engine.submitted).toEqual([]);
  });

  test("each wrong field of a file transfer, be it one or a list", async () => {
    const { command: _command, ...rest } = body;
    const wrong = { operation: "copy", local_path: "", remote_path: "a", chmod: "999", more: 1 };
    const names = ["operation", "local_path", "chmod", "more"].map((name) => `body.file_transfer.0.${name}`);
    for (const file_transfer of [wrong, [wrong]]) {
      const answer = await new TestApi().exec({ ...rest, file_transfer });
      expect(answer.status).toBe(422);
      expect(Object.keys(wrongFields(answer)).sort()).toEqual(names.sort());
    }
    const both = await new TestApi().exec({ ...body, file_transfer: wrong });
    expect(Object.keys(wrongFields(both))).toEqual(expect.arrayContaining(["body.command"]));
  });

  test("a parameter in the query", async () => {
    const answer = await new TestApi().call("POST", "/device/exec?ttl=5", { body });
    expect(Object.keys(wrongFields(answer))).toEqual(["query.ttl"]);
  });

  test("all of them in one answer, also what only the driver knows", async () => {
    const api = new TestApi();
    api.engine.wrong = [{ loc: ["connection_args", "port"], msg: "must be a port" }];
    const answer = await api.exec(
      { ...body, ttl: "x", foo: 1, options: { bar: 1 }, credential: {} },
      { "Idempotency-Key": "a b" },
    );
    expect(Object.keys(wrongFields(answer)).sort()).toEqual([
      "body.connection_args.port",
      "body.credential",
      "body.foo",
      "body.options.bar",
      "body.ttl",
      "header.Idempotency-Key",
    ]);
  });

  test("what the engine refuses is named as it stands in the body", async () => {
    const api = new TestApi();
    api.engine.wrong = [{ loc: ["driver"], msg: "no such driver" }];
    expect(wrongFields(await api.exec(body))).toEqual({ "body.driver": "no such driver" });
  });
});

describe("an answer to bad input never repeats its values", () => {
  test.each<[string, unknown]>([
    ["in a right field beside a wrong one", { ...body, ttl: "x" }],
    ["in an unknown field", { ...body, pasword: SECRET }],
    ["in a field of the wrong type", { ...body, driver: { password: SECRET } }],
    ["in a list", { ...body, command: [{ secret: SECRET }] }],
    ["as the body", SECRET],
    ["as an option", { ...body, options: { ttl: SECRET, queue_strategy: SECRET } }],
    ["as the options", { ...body, options: SECRET }],
  ])("%s", async (_where, given) => {
    const api = new TestApi();
    const answer = await api.exec(given);
    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.envelope)).not.toContain(SECRET);
    expect(api.log).not.toContain(SECRET);
  });

  test("in what is not JSON", async () => {
    const api = new TestApi();
    const raw = `{"password": "${SECRET}"`;
    const answer = await api.call("POST", "/device/exec", {
      raw,
      headers: { "content-type": "application/json" },
    });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.envelope)).not.toContain(SECRET);
    expect(api.log).not.toContain(SECRET);
  });
});

describe("keys that are names of JavaScript's own", () => {
  test("__proto__ is an unknown field wherever it stands", async () => {
    const headers = { "content-type": "application/json" };
    const send = (raw: string) => new TestApi().call("POST", "/device/exec", { raw, headers });
    const text = JSON.stringify(body).slice(0, -1);
    expect(wrongFields(await send(`${text},"__proto__":{"ttl":1}}`))).toHaveProperty(["body.__proto__"]);
    expect(wrongFields(await send(`${text},"options":{"__proto__":{"ttl":1}}}`))).toHaveProperty([
      "body.options.__proto__",
    ]);
    const inArgs = '{"driver":"cli","command":"x","connection_args":{"host":"h","__proto__":{"port":1}}}';
    expect(wrongFields(await send(inArgs))).toHaveProperty(["body.connection_args.__proto__"]);
    const inEntry =
      '{"driver":"cli","connection_args":{"host":"h"},"command":["a",{"command":"x","__proto__":{"stop_after":1}}]}';
    expect(wrongFields(await send(inEntry))).toHaveProperty(["body.command.1.__proto__"]);
    expect(Object.hasOwn(Object.prototype, "ttl")).toBe(false);
  });

  test("constructor and toString are unknown fields too", async () => {
    const answer = await new TestApi().exec({ ...body, constructor: 1, toString: 2 });
    expect(Object.keys(wrongFields(answer)).sort()).toEqual(["body.constructor", "body.toString"]);
  });

  test("of a repeated key the last one counts, once and for all", async () => {
    const api = new TestApi();
    const raw = '{"driver":"cli","connection_args":{"host":"a"},"command":"first","command":"second"}';
    await api.call("POST", "/device/exec", { raw, headers: { "content-type": "application/json" } });
    expect(api.engine.submitted[0]?.request.operation).toEqual({ kind: "command", text: "second" });
  });
});

describe("what is not a JSON body in time and size", () => {
  const post = (
    raw: string | Uint8Array<ArrayBuffer> | ReadableStream,
    headers: Record<string, string> = {},
  ) =>
    new TestApi().call("POST", "/device/exec", {
      raw,
      headers: { "content-type": "application/json", ...headers },
    });

  test.each([
    ["nothing", "", "the body is empty; send a JSON object"],
    ["half an object", '{"driver":', "the body is not valid JSON in UTF-8"],
    ["bytes that are no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "the body is not valid JSON in UTF-8"],
    ["two objects", "{}{}", "the body is not valid JSON in UTF-8"],
    ["brackets without end", "[".repeat(60_000), "the JSON is nested deeper than 64 levels"],
  ])("%s is a 400", async (_what, raw, message) => {
    const { status, envelope } = await post(raw);
    expect(status).toBe(400);
    expect(envelope).toEqual({ code: -1, message, data: null });
  });

  test("brackets inside text are text", async () => {
    const api = new TestApi();
    expect((await api.exec({ ...body, command: '[[{{"\\'.repeat(100) })).status).toBe(201);
  });

  test.each([
    ["application/x-www-form-urlencoded", "Content-Type: application/json"],
    ["text/plain", "Content-Type: application/json"],
    ["multipart/mixed; boundary=x", "multipart/form-data"],
    ["application/json; charset=latin1", "UTF-8"],
  ])("%s is a 415 that says what to send", async (type, hint) => {
    const { status, envelope } = await post(JSON.stringify(body), { "content-type": type });
    expect(status).toBe(415);
    expect(envelope).toMatchObject({ code: -1, message: expect.stringContaining(hint), data: null });
  });

  test("a compressed body is a 415", async () => {
    const packed = Bun.gzipSync(JSON.stringify(body));
    expect((await post(packed, { "content-encoding": "gzip" })).status).toBe(415);
  });

  test("a body over the limit is a 413, whether its length was told or not", async () => {
    const big = JSON.stringify({ ...body, command: "x".repeat(70_000) });
    for (const raw of [big, streamOf(big)]) {
      const { status, headers, envelope } = await post(raw);
      expect(status).toBe(413);
      expect(headers.get("connection")).toBe("close");
      expect(envelope).toEqual({
        code: -1,
        message: "the body is larger than 65536 bytes; send less, or raise server.max_body",
        data: null,
      });
    }
  });

  test("a body without end is cut off", async () => {
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
    expect((await post(endless)).status).toBe(413);
  });

  test("a body of unknown length within the limit is fine", async () => {
    expect((await post(streamOf(JSON.stringify(body)))).status).toBe(201);
  });

  test("a body that does not arrive is a 408", async () => {
    const api = new TestApi();
    const started = Promise.withResolvers<void>();
    const stuck = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('{"driver":'));
        started.resolve();
        return new Promise<void>(() => {});
      },
    });
    const answer = api.call("POST", "/device/exec", {
      raw: stuck,
      headers: { "content-type": "application/json" },
    });
    await started.promise;
    await api.clock.advance(30_000);
    expect((await answer).status).toBe(408);
    expect(api.clock.timers).toBe(0);
  });

  function streamOf(text: string): ReadableStream {
    return new ReadableStream({
      start(controller) {
        for (let i = 0; i < text.length; i += 8192)
          controller.enqueue(new TextEncoder().encode(text.slice(i, i + 8192)));
        controller.close();
      },
    });
  }
});
