import { describe, expect, test } from "bun:test";
import { collectOutputs } from "../../src/core/output-log.ts";
import { DeviceError } from "../../src/device/driver.ts";
import { type FromHost, OUTPUT_WINDOW, type RunOrder } from "../../src/ipc/messages.ts";
import { SessionHost } from "../../src/worker/session-host.ts";
import { nodeSide } from "../support/admission.ts";
import { FakeClock } from "../support/clock.ts";
import { FILE_TERMS, noFiles } from "../support/no-files.ts";
import {
  echoScript,
  type Script,
  type ScriptedDevice,
  scriptedDriver,
  untilAborted,
} from "../support/scripted-driver.ts";
import { SSH_TERMS, TLS_TERMS } from "../support/ssh-terms.ts";

function hostWith(script: Script = echoScript, device: ScriptedDevice = {}) {
  const clock = new FakeClock();
  const sent: FromHost[] = [];
  const waiting: (() => void)[] = [];
  const { driver, log } = scriptedDriver(script, { health: () => it.health(), ...device });
  const host: SessionHost = new SessionHost({
    clock,
    build: "test",
    pid: 1,
    driver: (name) => (name === "scripted" ? driver : null),
    openFiles: noFiles,
    rssMb: () => 1,
    onFault: () => {},
    send(message) {
      sent.push(message);
      node.hear(message);
      for (const wake of waiting.splice(0)) wake();
    },
  });
  const node = nodeSide({ clock, answer: (message) => host.receive(message) });
  host.receive({
    type: "hello",
    protocol: 1,
    build: "test",
    hostKeyPolicy: "off",
    perDevice: 2,
    ssh: SSH_TERMS,
    tls: TLS_TERMS,
    files: FILE_TERMS,
  });

  /** Resolves with the first message that fits, sent before or from now on. */
  async function message<T extends FromHost["type"]>(type: T, job?: string): Promise<FromHost & { type: T }> {
    for (;;) {
      const found = sent.find((m) => m.type === type && (job === undefined || ("run" in m && m.run === job)));
      if (found) return found as FromHost & { type: T };
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  function run(change: Partial<RunOrder> = {}): void {
    host.receive({
      type: "run",
      run: "job_1",
      worker: "w1",
      keepSession: true,
      driver: "scripted",
      connectionArgs: { host: "10.0.0.1", port: 22, username: "u", password: "s3cr3t-value" },
      driverArgs: {},
      operation: { kind: "command", commands: ["show version"] },
      lineRules: null,
      maskOutput: false,
      secrets: ["s3cr3t-value"],
      deadline: clock.monotonic() + 60_000,
      timeoutMs: 60_000,
      mayWriteUntil: clock.monotonic() + 9_000,
      maxOutput: 1024 * 1024,
      ...change,
    });
  }

  const logOf = (job: string) =>
    sent.flatMap((m) => (m.type === "output" && m.run === job ? [m.log] : [])).join("");
  const it = {
    ...{ host, clock, sent, run, message, log },
    outputs: (job = "job_1") => collectOutputs(logOf(job)),
    health: async () => true,
  };
  return it;
}

/** Prints one line, then nothing more until it is interrupted. */
const stuck: Script = async function* ({ signal }) {
  yield { kind: "start", index: 0 };
  yield { kind: "data", index: 0, stream: "stdout", text: "so far\n" };
  signal.throwIfAborted();
  await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
};

describe("a run", () => {
  test("streams its output and ends without an error", async () => {
    const it = hostWith();
    it.run();
    expect(await it.message("outcome")).toMatchObject({ run: "job_1", error: null });
    expect(it.outputs()).toMatchObject([
      { command: "show version", stdout: "show version\n", ok: true, exitStatus: 0 },
    ]);
  });

  test("ends at its deadline as a TimeoutError with the output so far, and its session is not used again", async () => {
    const it = hostWith(stuck);
    it.run({ deadline: it.clock.monotonic() + 5_000, timeoutMs: 5_000 });
    await it.message("output");
    await it.clock.advance(5_000);
    expect((await it.message("outcome")).error).toEqual({
      type: "TimeoutError",
      message:
        'the job did not end within its execution_timeout of 5 s; it was in command 1 of 1, "show version"',
      retryable: true,
    });
    expect(it.outputs()).toMatchObject([{ stdout: "so far\n", ok: null }]);
    expect(it.log).toContain("close 1");
  });

  test("is cut off when its lease lapses: the connection is destroyed, not closed politely first", async () => {
    const it = hostWith(stuck);
    it.run();
    await it.message("output");
    await it.clock.advance(9_000);
    expect((await it.message("outcome")).error).toMatchObject({ type: "WorkerLost" });
    expect(it.log).toEqual(["connect 1", "run 1", "destroy 1"]);
  });

  test("goes on when its lease is renewed in time", async () => {
    const it = hostWith(stuck);
    it.run();
    await it.message("output");
    await it.clock.advance(8_000);
    it.host.receive({ type: "lease", runs: ["job_1"], mayWriteUntil: it.clock.monotonic() + 9_000 });
    await it.clock.advance(8_000);
    expect(it.sent.some((m) => m.type === "outcome")).toBe(false);
    it.host.receive({
      type: "abort",
      run: "job_1",
      error: { type: "JobAborted", message: "on request", retryable: false },
    });
    expect((await it.message("outcome")).error).toEqual({
      type: "JobAborted",
      message: "on request",
      retryable: false,
    });
  });

  test("may not write once its lease has lapsed, even when no timer fired yet", async () => {
    const it = hostWith(async function* (_request, context) {
      it.clock.jump(20_000);
      context.guard.assertMayWrite();
      yield { kind: "start", index: 0 };
    });
    it.run();
    expect((await it.message("outcome")).error).toMatchObject({ type: "WorkerLost" });
  });

  test("that prints more than its limit ends as OutputLimit and keeps what came before", async () => {
    const it = hostWith(async function* () {
      yield { kind: "start", index: 0 };
      for (;;) yield { kind: "data", index: 0, stream: "stdout", text: "x".repeat(1000) };
    });
    it.run({ maxOutput: 10_000 });
    expect((await it.message("outcome")).error).toMatchObject({ type: "OutputLimit", retryable: false });
    const [output] = it.outputs();
    expect(output?.stdout.length).toBeGreaterThan(8_000);
    expect(output?.stdout.length).toBeLessThan(10_000);
  });

  test("stops pulling from its session when the node takes nothing over", async () => {
    let pulled = 0;
    const it = hostWith(async function* () {
      yield { kind: "start", index: 0 };
      for (;;) {
        pulled += 1;
        yield { kind: "data", index: 0, stream: "stdout", text: "x".repeat(4096) };
      }
    });
    it.run({ maxOutput: 1e9 });
    await it.clock.advance(1);
    const held = pulled;
    expect(held * 4096).toBeLessThan(OUTPUT_WINDOW * 1.2);
    it.host.receive({ type: "credit", run: "job_1", bytes: OUTPUT_WINDOW });
    await it.clock.advance(1);
    expect(pulled).toBeGreaterThan(held);
    it.host.receive({ type: "close", worker: "w1" });
    await it.message("outcome");
  });

  test("a session that ignores its abort and goes on printing is left", async () => {
    const it = hostWith(async function* () {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        yield { kind: "start", index: 0 };
      }
    });
    it.run();
    await it.message("output");
    it.host.receive({ type: "close", worker: "w1" });
    expect((await it.message("outcome")).error).toMatchObject({ type: "WorkerStopped" });
  });

  test("an exception of a driver is an InternalError without secrets", async () => {
    const it = hostWith(async function* () {
      yield { kind: "start", index: 0 };
      throw new Error("cannot parse s3cr3t-value");
    });
    it.run();
    expect((await it.message("outcome")).error).toEqual({
      type: "InternalError",
      message: "the driver failed: Error: cannot parse ******",
      retryable: false,
    });
  });

  test("secrets in what is sent and in what a configured device repeats are masked", async () => {
    const it = hostWith();
    it.run({
      operation: { kind: "config", lines: ["username bob secret hunter2", "banner s3cr3t-value"] },
      maskOutput: true,
    });
    await it.message("outcome");
    expect(it.outputs()).toMatchObject([
      { command: "username bob secret ******", stdout: "username bob secret ******\n" },
      { command: "banner ******", stdout: "banner ******\n" },
    ]);
  });
});

describe("a recall", () => {
  test("hands a run back whose session is being opened, and one that waits for its turn behind it", async () => {
    const it = hostWith(echoScript, { connect: untilAborted });
    it.run();
    it.run({ run: "job_2" });
    await it.clock.settle();
    for (const run of ["job_1", "job_2"]) it.host.receive({ type: "recall", run });
    expect(await it.message("handed-back", "job_1")).toEqual({ type: "handed-back", run: "job_1" });
    await it.message("handed-back", "job_2");
    expect(it.log).toEqual(["connect 1"]);
    expect(it.sent.filter(({ type }) => type === "outcome" || type === "output")).toEqual([]);
  });

  test("leaves a run alone that has begun", async () => {
    const it = hostWith();
    it.run();
    await it.message("output");
    it.host.receive({ type: "recall", run: "job_1" });
    expect(await it.message("outcome")).toMatchObject({ run: "job_1", error: null });
  });

  test("that comes with the answer of a kept session hands the run back before a byte of it is written", async () => {
    const it = hostWith();
    it.run();
    await it.message("outcome", "job_1");
    const health = Promise.withResolvers<boolean>();
    it.health = () => health.promise;
    await it.clock.advance(61_000);
    it.run({ run: "job_2" });
    await it.clock.settle();
    it.host.receive({ type: "recall", run: "job_2" });
    health.resolve(true);
    await it.message("handed-back", "job_2");
    expect(it.log.filter((line) => line.startsWith("run"))).toEqual(["run 1"]);
  });
});

describe("sessions", () => {
  test("a pinned worker keeps its session for the next job of the same identity", async () => {
    const it = hostWith();
    it.run();
    it.run({ run: "job_2" });
    await it.message("outcome", "job_2");
    expect(it.log).toEqual(["connect 1", "run 1", "run 1"]);
  });

  test("another credential never shares the session", async () => {
    const it = hostWith();
    it.run();
    it.run({
      run: "job_2",
      connectionArgs: { host: "10.0.0.1", port: 22, username: "u", password: "another-value" },
    });
    await it.message("outcome", "job_2");
    expect(it.log).toEqual(["connect 1", "run 1", "connect 2", "run 2"]);
  });

  test("a FIFO worker closes its session after the job", async () => {
    const it = hostWith();
    it.run({ keepSession: false });
    it.run({ run: "job_2", keepSession: false });
    await it.message("outcome", "job_2");
    expect(it.log.slice(0, 4)).toEqual(["connect 1", "run 1", "close 1", "connect 2"]);
  });

  test("a refused command leaves the session usable; a lost connection does not", async () => {
    const errors = [new DeviceError("CommandError", "refused"), new DeviceError("ConnectionError", "gone")];
    const it = hostWith(async function* (_request, { guard }) {
      yield { kind: "start", index: 0 };
      guard.assertMayWrite();
      const error = errors.shift();
      if (error) throw error;
    });
    for (const run of ["job_1", "job_2", "job_3"]) it.run({ run });
    await it.message("outcome", "job_3");
    expect(it.log).toEqual(["connect 1", "run 1", "run 1", "close 1", "connect 2", "run 2"]);
  });

  test("one that was idle for a minute is asked for its health first", async () => {
    const it = hostWith();
    it.run();
    await it.message("outcome", "job_1");
    await it.clock.advance(60_000);
    it.run({ run: "job_2", mayWriteUntil: it.clock.monotonic() + 9_000 });
    await it.message("outcome", "job_2");
    expect(it.log).toEqual(["connect 1", "run 1", "health 1", "run 1"]);
  });

  test("jobs of one worker run one after another, also when the first hangs and is aborted", async () => {
    let running = 0;
    let most = 0;
    const it = hostWith(async function* (request, context) {
      running += 1;
      most = Math.max(most, running);
      try {
        yield* stuck(request, context);
      } finally {
        running -= 1;
      }
    });
    it.run();
    it.run({ run: "job_2" });
    await it.message("output", "job_1");
    const error = { type: "JobAborted", message: "x", retryable: false } as const;
    it.host.receive({ type: "abort", run: "job_1", error });
    await it.message("output", "job_2");
    it.host.receive({ type: "abort", run: "job_2", error });
    await it.message("outcome", "job_2");
    expect(most).toBe(1);
  });

  test("a job aborted before its turn never touches the device", async () => {
    const it = hostWith(stuck);
    it.run();
    it.run({ run: "job_2" });
    await it.message("output", "job_1");
    const error = { type: "JobAborted", message: "x", retryable: false } as const;
    it.host.receive({ type: "abort", run: "job_2", error });
    it.host.receive({ type: "abort", run: "job_1", error });
    await it.message("outcome", "job_2");
    expect(it.log.filter((line) => line.startsWith("run"))).toEqual(["run 1"]);
  });

  test("no more are open to one device than its places: a third waits, other devices do not", async () => {
    const it = hostWith(stuck);
    for (const n of [1, 2, 3]) it.run({ run: `job_${n}`, worker: `w${n}`, keepSession: false });
    it.run({
      run: "job_4",
      worker: "w4",
      connectionArgs: { host: "10.0.0.2", port: 22, username: "u" },
    });
    await it.message("output", "job_4");
    expect(it.log.filter((line) => line.startsWith("connect"))).toHaveLength(3);
    const error = { type: "JobAborted", message: "x", retryable: false } as const;
    it.host.receive({ type: "abort", run: "job_1", error });
    await it.message("output", "job_3");
    expect(it.log.filter((line) => line.startsWith("connect"))).toHaveLength(4);
  });

  test("an idle one gives its place to a job that needs it", async () => {
    const it = hostWith();
    it.run({ run: "job_1", worker: "w1" });
    it.run({ run: "job_2", worker: "w2" });
    await it.message("outcome", "job_2");
    it.run({ run: "job_3", worker: "w3" });
    await it.message("outcome", "job_3");
    expect(it.log.filter((line) => line.startsWith("close"))).toEqual(["close 1"]);
    it.run({ run: "job_4", worker: "w2" });
    await it.message("outcome", "job_4");
    expect(it.log.at(-1)).toBe("run 2");
  });

  test("a job that waits for a place can be aborted", async () => {
    const it = hostWith(stuck);
    for (const n of [1, 2, 3]) it.run({ run: `job_${n}`, worker: `w${n}` });
    await it.message("output", "job_2");
    const error = { type: "JobAborted", message: "x", retryable: false } as const;
    it.host.receive({ type: "abort", run: "job_3", error });
    expect((await it.message("outcome", "job_3")).error?.type).toBe("JobAborted");
    it.host.receive({ type: "abort", run: "job_1", error });
    await it.message("outcome", "job_1");
    expect(it.log.filter((line) => line.startsWith("connect"))).toHaveLength(2);
  });

  test("a run that does not obey is discarded with its session; the one behind it gets another", async () => {
    let calls = 0;
    const it = hostWith(async function* (request, context) {
      calls += 1;
      if (calls > 1) return yield* echoScript(request, context);
      yield { kind: "start", index: 0 };
      await new Promise(() => {});
    });
    it.run();
    it.run({ run: "job_2" });
    await it.message("output", "job_1");
    it.host.receive({ type: "discard", run: "job_1" });
    expect(await it.message("outcome", "job_2")).toMatchObject({ error: null });
    expect(it.log).toEqual(["connect 1", "run 1", "destroy 1", "connect 2", "run 2"]);
  });

  test("closing a worker says goodbye to its devices", async () => {
    const it = hostWith();
    it.run();
    await it.message("outcome");
    it.host.receive({ type: "close", worker: "w1" });
    await it.clock.advance(1);
    expect(it.log.at(-1)).toBe("close 1");
  });

  test("without its node every session is destroyed", async () => {
    const it = hostWith();
    it.run();
    await it.message("outcome");
    it.host.destroy();
    expect(it.log.at(-1)).toBe("destroy 1");
  });
});

describe("a kept session that is dead", () => {
  /** Loses the connection in its second run, with or without a byte written before. */
  function lostInSecondRun({ written }: { written: boolean }): Script {
    let calls = 0;
    return async function* (request, context) {
      calls += 1;
      if (calls !== 2) return yield* echoScript(request, context);
      yield { kind: "start", index: 0 };
      if (written) context.guard.assertMayWrite();
      throw new DeviceError("ConnectionError", "10.0.0.1 closed the session");
    };
  }

  test("before a byte of a job went to it costs the job nothing: it goes on on a new one", async () => {
    const it = hostWith(lostInSecondRun({ written: false }));
    it.run();
    it.run({ run: "job_2" });
    expect(await it.message("outcome", "job_2")).toMatchObject({ error: null });
    expect(it.log).toEqual(["connect 1", "run 1", "run 1", "destroy 1", "connect 2", "run 2"]);
    expect(it.outputs("job_2")).toMatchObject([{ stdout: "show version\n", ok: true }]);
  });

  test("after one did fails the job: the device may have done it", async () => {
    const it = hostWith(lostInSecondRun({ written: true }));
    it.run();
    it.run({ run: "job_2" });
    expect((await it.message("outcome", "job_2")).error).toMatchObject({ type: "ConnectionError" });
    expect(it.log.filter((line) => line.startsWith("connect"))).toEqual(["connect 1"]);
  });

  test("is replaced once: a new one that is dead as well fails the job", async () => {
    let calls = 0;
    const it = hostWith(async function* (request, context) {
      calls += 1;
      if (calls === 1) return yield* echoScript(request, context);
      throw new DeviceError("ConnectionError", "10.0.0.1 closed the session");
    });
    it.run();
    it.run({ run: "job_2" });
    expect((await it.message("outcome", "job_2")).error).toMatchObject({ type: "ConnectionError" });
    expect(it.log.filter((line) => line.startsWith("connect"))).toEqual(["connect 1", "connect 2"]);
  });
});

describe("a probe", () => {
  const probe = (it: ReturnType<typeof hostWith>, idleMs = 30_000) =>
    it.host.receive({ type: "probe", idleMs, mayWriteUntil: it.clock.monotonic() + 9_000 });
  const asked = (it: ReturnType<typeof hostWith>) => it.log.filter((line) => line.startsWith("health"));

  test("asks sessions that were idle for long enough, and each again after as long", async () => {
    const it = hostWith();
    it.run();
    await it.message("outcome");
    await it.clock.advance(29_999);
    probe(it);
    expect(asked(it)).toEqual([]);
    await it.clock.advance(1);
    probe(it);
    await it.clock.advance(29_999);
    probe(it);
    expect(asked(it)).toEqual(["health 1"]);
    await it.clock.advance(1);
    probe(it);
    expect(asked(it)).toEqual(["health 1", "health 1"]);
  });

  test("spares the next job the question", async () => {
    const it = hostWith();
    it.run();
    await it.message("outcome");
    await it.clock.advance(59_000);
    probe(it);
    await it.clock.advance(59_000);
    it.run({ run: "job_2", mayWriteUntil: it.clock.monotonic() + 9_000 });
    await it.message("outcome", "job_2");
    expect(it.log).toEqual(["connect 1", "run 1", "health 1", "run 1"]);
  });

  test("leaves a session alone on which a job runs", async () => {
    const it = hostWith(stuck);
    it.run({ mayWriteUntil: it.clock.monotonic() + 1e6, deadline: it.clock.monotonic() + 1e6 });
    await it.message("output");
    await it.clock.advance(100_000);
    probe(it);
    await it.clock.settle();
    expect(asked(it)).toEqual([]);
    it.host.receive({ type: "close", worker: "w1" });
    await it.message("outcome");
  });

  test("that gets no answer closes the session and says so; the next job connects anew", async () => {
    const it = hostWith();
    it.health = async () => false;
    it.run();
    await it.message("outcome");
    await it.clock.advance(30_000);
    probe(it);
    await it.clock.settle();
    expect(it.log.at(-1)).toBe("destroy 1");
    const told = it.sent.findLast((message) => message.type === "session");
    expect(told).toMatchObject({ worker: "w1", state: "none" });
    it.run({ run: "job_2", mayWriteUntil: it.clock.monotonic() + 9_000 });
    expect(await it.message("outcome", "job_2")).toMatchObject({ error: null });
    expect(it.log.at(-1)).toBe("run 2");
  });

  test("that fails altogether closes the session as well", async () => {
    const it = hostWith();
    it.health = () => Promise.reject(new Error("a fault of the driver"));
    it.run();
    await it.message("outcome");
    await it.clock.advance(30_000);
    probe(it);
    await it.clock.settle();
    expect(it.log.at(-1)).toBe("destroy 1");
  });

  test("under way holds a job up until it is answered", async () => {
    const it = hostWith();
    const answer = Promise.withResolvers<boolean>();
    it.health = () => answer.promise;
    it.run();
    await it.message("outcome");
    await it.clock.advance(30_000);
    probe(it);
    it.run({ run: "job_2", mayWriteUntil: it.clock.monotonic() + 9_000 });
    await it.clock.settle();
    expect(it.log).toEqual(["connect 1", "run 1", "health 1"]);
    answer.resolve(true);
    await it.message("outcome", "job_2");
    expect(it.log).toEqual(["connect 1", "run 1", "health 1", "run 1"]);
  });

  test("without an answer does not hold a job up beyond its deadline", async () => {
    const it = hostWith();
    it.health = () => new Promise(() => {});
    it.run();
    await it.message("outcome");
    await it.clock.advance(30_000);
    probe(it);
    const soon = it.clock.monotonic() + 2_000;
    it.run({ run: "job_2", deadline: soon, timeoutMs: 2_000, mayWriteUntil: soon + 9_000 });
    await it.clock.advance(2_000);
    expect((await it.message("outcome", "job_2")).error).toMatchObject({ type: "TimeoutError" });
  });

  test("is not made when its node's permission has run out", async () => {
    const it = hostWith();
    it.run();
    await it.message("outcome");
    await it.clock.advance(60_000);
    it.host.receive({ type: "probe", idleMs: 30_000, mayWriteUntil: it.clock.monotonic() });
    await it.clock.settle();
    expect(asked(it)).toEqual([]);
  });

  test("of many sessions is made a few at a time", async () => {
    const it = hostWith();
    const answers: (() => void)[] = [];
    it.health = () => new Promise((resolve) => answers.push(() => resolve(true)));
    for (let n = 1; n <= 40; n++) {
      const connectionArgs = { host: `10.0.1.${n}`, port: 22, username: "u" };
      it.run({ run: `job_${n}`, worker: `w${n}`, connectionArgs });
    }
    await it.message("outcome", "job_40");
    await it.clock.advance(30_000);
    probe(it);
    probe(it);
    expect(asked(it)).toHaveLength(16);
    answers.shift()?.();
    await it.clock.settle();
    expect(asked(it)).toHaveLength(17);
    while (answers.length > 0) {
      answers.shift()?.();
      await it.clock.settle();
    }
    expect(new Set(asked(it)).size).toBe(40);
    expect(asked(it)).toHaveLength(40);
  });
});

test("an unknown host key is put to the node, whose refusal ends the job as a HostKeyError", async () => {
  const it = hostWith();
  const { driver } = scriptedDriver();
  const asking: SessionHost = new SessionHost({
    clock: it.clock,
    build: "test",
    pid: 1,
    openFiles: noFiles,
    rssMb: () => 1,
    onFault: () => {},
    driver: () => ({
      ...driver,
      async connect(context) {
        await context.verifyHostKey(
          { algorithm: "ssh-ed25519", fingerprint: "SHA256:abc" },
          { host: "10.0.0.1", port: 22 },
        );
        return driver.connect(context as Parameters<typeof driver.connect>[0]);
      },
    }),
    send: (message) => {
      it.sent.push(message);
      node.hear(message);
      if (message.type !== "host-key") return;
      expect(message).toMatchObject({ host: "10.0.0.1", port: 22, site: null, fingerprint: "SHA256:abc" });
      asking.receive({
        type: "host-key-verdict",
        request: message.request,
        problem: "the host key of 10.0.0.1 has changed",
      });
    },
  });
  const node = nodeSide({ clock: it.clock, answer: (message) => asking.receive(message) });
  asking.receive({
    type: "hello",
    protocol: 1,
    build: "test",
    hostKeyPolicy: "accept-new",
    perDevice: 1,
    ssh: SSH_TERMS,
    tls: TLS_TERMS,
    files: FILE_TERMS,
  });
  asking.receive({
    type: "run",
    run: "job_9",
    worker: "w1",
    keepSession: true,
    driver: "scripted",
    connectionArgs: { host: "10.0.0.1", port: 22, username: "u" },
    driverArgs: {},
    operation: { kind: "command", commands: ["x"] },
    lineRules: null,
    maskOutput: false,
    secrets: [],
    deadline: 1e6,
    timeoutMs: 1e6,
    mayWriteUntil: 1e6,
    maxOutput: 1e6,
  });
  await it.clock.advance(1);
  expect(it.sent.findLast((m) => m.type === "outcome")).toMatchObject({
    error: { type: "HostKeyError", message: "the host key of 10.0.0.1 has changed", retryable: false },
  });
});
