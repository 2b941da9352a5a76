import { describe, expect, test } from "bun:test";
import { DeviceError } from "../../src/core/errors.ts";
import { type LogFields, type LogOptions, openLog } from "../../src/observe/log.ts";

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const { log } = openLog({ level: "debug", format: "json", destination, ...options });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? "null") };
}

describe("a line", () => {
  test("is one JSON object with time, level, message and fields", () => {
    const { log, last, lines } = capture();
    log.info("job queued", { job: "job_1", queue: "FifoQ", ms: 1.5 });
    expect(last()).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      message: "job queued",
      job: "job_1",
      queue: "FifoQ",
      ms: 1.5,
    });
    expect(lines[0]?.endsWith("\n")).toBe(true);
  });

  test("below the level is not written", () => {
    const { log, lines } = capture({ level: "warn" });
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(["c", "d"]);
    expect(log.enabled("info")).toBe(false);
    expect(log.enabled("error")).toBe(true);
  });

  test("of a child carries its fields", () => {
    const { log, last } = capture();
    log.child({ component: "reaper" }).child({ node: "n1" }).warn("lease lapsed", { job: "job_1" });
    expect(last()).toMatchObject({ component: "reaper", node: "n1", job: "job_1" });
  });

  test("with an error tells type, message, stack and causes", () => {
    const { log, last } = capture();
    const cause = new Error("ECONNREFUSED");
    log.error("job failed", { error: new DeviceError("ConnectionError", "no route", { cause }) });
    expect(last().error).toMatchObject({
      type: "DeviceError",
      message: "no route",
      stack: expect.stringContaining("log.test.ts"),
      cause: { type: "Error", message: "ECONNREFUSED" },
    });
  });

  test("is bounded, whatever it is given", () => {
    const { log, lines } = capture();
    log.info("x".repeat(1_000_000), {
      reason: "y".repeat(1_000_000),
      error: new Error("z".repeat(1_000_000)),
    });
    expect(lines[0]?.length).toBeLessThan(20_000);
  });

  test("absent values are left out", () => {
    const { log, last } = capture();
    log.info("m", { job: undefined, host: null });
    expect(Object.keys(last())).toEqual(["level", "time", "message"]);
  });
});

describe("a secret cannot be logged", () => {
  const SECRET = "correct-horse-battery";
  const circular: Record<string, unknown> = { password: SECRET };
  circular.self = circular;
  class Sneaky extends Error {
    readonly password = SECRET;
    toJSON() {
      return { password: SECRET };
    }
  }
  const fields = (given: Record<string, unknown>) => given as LogFields;

  test.each<[string, LogFields]>([
    ["under a name of its own", fields({ password: SECRET })],
    ["under a name nobody knows", fields({ whatever: SECRET })],
    ["under the prototype", fields({ ["__proto__"]: SECRET, constructor: SECRET, toString: SECRET })],
    ["as an object under an allowed name", fields({ job: { password: SECRET } })],
    ["as a list under an allowed name", fields({ job: [SECRET] })],
    ["as a circular object", fields({ reason: circular })],
    ["as something with toString", fields({ reason: { toString: () => SECRET } })],
    ["as something with toJSON", fields({ reason: { toJSON: () => SECRET } })],
    ["as text where a number belongs", fields({ port: SECRET })],
    ["in a Map", fields({ reason: new Map([["password", SECRET]]) })],
    ["in bytes", fields({ reason: new TextEncoder().encode(SECRET) })],
    ["in a property of an error", { error: new Sneaky("refused") }],
    ["as what was thrown", { error: { password: SECRET } }],
    ["in a property of a cause", { error: new Error("x", { cause: { password: SECRET } }) }],
    ["in an error's message", { error: new Error(`login failed: password ${SECRET}`) }],
    ["in a cause's message", { error: new Error("x", { cause: new Error(`secret=${SECRET}`) }) }],
    ["as thrown text", { error: `enable secret 5 ${SECRET}` }],
    ["as config text", { reason: `snmp-server community ${SECRET} RO` }],
    ["as JSON text", { reason: JSON.stringify({ connection_args: { password: SECRET } }) }],
    ["as JSON text cut short", { reason: `{"password":"${SECRET}` }],
    ["in a URL", { url: `redis://user:${SECRET}@db:6379/0` }],
    ["in a query", { path: `/job?X-API-KEY=${SECRET}` }],
    ["in a header", { reason: `Authorization: Bearer ${SECRET}` }],
    [
      "as a private key",
      { reason: `-----BEGIN RSA PRIVATE KEY-----\n${SECRET}\n-----END RSA PRIVATE KEY-----` },
    ],
    ["across the length limit", { reason: `${"x".repeat(1981)} password ${SECRET} and more` }],
    ["as a key cut short", { reason: `-----BEGIN OPENSSH PRIVATE KEY-----\n${SECRET}` }],
  ])("%s", (_how, given) => {
    for (const format of ["json", "pretty"] as const) {
      const { log, lines } = capture({ format });
      log.error("it failed", given);
      log.child(given).error("it failed");
      expect(lines).toHaveLength(2);
      expect(lines.join("")).not.toContain(SECRET);
    }
  });

  test("in the message", () => {
    const { log, lines } = capture();
    log.info(`connecting with password ${SECRET}`);
    log.info(`{"secret": "${SECRET}"}`);
    expect(lines.join("")).not.toContain(SECRET);
  });

  test("that this process knows, wherever it stands", () => {
    const { log, lines } = capture({ secrets: [SECRET] });
    log.info(`odd place: <${SECRET}>`, { path: `/a/${SECRET}/b`, error: new Error(SECRET) });
    expect(lines.join("")).not.toContain(SECRET);
    expect(lines.join("")).toContain("odd place: <******>");
  });

  test("and what was dropped is counted", () => {
    const { log, last } = capture();
    log.info("m", fields({ password: SECRET, job: { a: 1 }, queue: "FifoQ" }));
    expect(last()).toMatchObject({ queue: "FifoQ", dropped: 2 });
  });
});

describe("lines for people", () => {
  test("hold the same, in one line", () => {
    const { log, lines } = capture({ format: "pretty" });
    log.warn("lease lapsed", { job: "job_1", reason: "two words" });
    expect(Bun.stripANSI(lines[0] ?? "")).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} warn {2}lease lapsed {2}job=job_1 {2}reason="two words"\n$/,
    );
  });

  test("cannot be forged or coloured by what a device sent", () => {
    const { log, lines } = capture({ format: "pretty" });
    log.info("refused\n12:00:00.000 info all is well", { reason: "\u001b[2Jgone\r\u0007" });
    expect(lines[0]?.split("\n")).toHaveLength(2);
    expect(Bun.stripANSI(lines[0] ?? "")).toContain("\\u001b[2Jgone\\u000d\\u0007");
  });

  test("show an error's stack and causes", () => {
    const { log, lines } = capture({ format: "pretty" });
    log.error("failed", { error: new Error("outer", { cause: new TypeError("inner") }) });
    const text = lines.join("");
    expect(text).toContain("Error: outer");
    expect(text).toContain("caused by");
    expect(text).toContain("inner");
  });
});

test("standard error gets the lines, also those still buffered at the end", async () => {
  const script = `
    import { openLog } from "${import.meta.dir}/../../src/observe/log.ts";
    const { log, close } = openLog({ level: "info", format: "json" });
    for (let i = 0; i < 1000; i++) log.info("line", { count: i });
    close();
    process.exit(0);`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const counts = err
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).count);
  expect(out).toBe("");
  expect(counts).toEqual(Array.from({ length: 1000 }, (_, i) => i));
});
