import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { LinuxDriverArgs } from "../../../drivers/linux/args.ts";
import { linuxDriver } from "../../../drivers/linux/index.ts";
import { type ConnectContext, DeviceError, type DeviceSession } from "../../../src/device/driver.ts";
import { until } from "../../e2e/support/until.ts";
import { FakeClock } from "../../support/clock.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { context, run } from "../support.ts";
import { commands, connectTo, processes } from "./support.ts";

setDefaultTimeout(30_000);

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(async () => {
  await sshd?.stop();
});

type Args = Parameters<typeof linuxDriver.connect>[0]["args"];
function connect(more: Partial<ConnectContext<Args>> = {}): Promise<DeviceSession<LinuxDriverArgs>> {
  return connectTo(sshd, more);
}

describe("a command", () => {
  let session: DeviceSession<LinuxDriverArgs>;
  beforeAll(async () => {
    session = await connect();
  });
  afterAll(async () => {
    await session?.close();
  });

  test("has two streams and an exit status", async () => {
    expect(await run(session, commands("echo out; echo err >&2", "true"), {})).toEqual({
      outputs: [
        { stdout: "out\n", stderr: "err\n", ok: true, exitStatus: 0 },
        { stdout: "", stderr: "", ok: true, exitStatus: 0 },
      ],
      error: null,
    });
  });

  test("that fails ends the job; those after it are not run", async () => {
    const { outputs, error } = await run(
      session,
      commands("echo before", "echo no >&2; exit 3", "echo after"),
      {},
    );
    expect(outputs.map(({ ok, exitStatus }) => [ok, exitStatus])).toEqual([
      [true, 0],
      [false, 3],
    ]);
    expect(outputs[1]?.stderr).toBe("no\n");
    expect(error).toMatchObject({
      type: "CommandError",
      message: '"echo no >&2; exit 3" exited with 3',
      retryable: false,
    });
  });

  test("that is killed says by what", async () => {
    const { outputs, error } = await run(session, commands("kill -TERM $$"), {});
    expect(outputs[0]).toMatchObject({ ok: false, exitStatus: null });
    expect(error).toMatchObject({ type: "CommandError", message: '"kill -TERM $$" was ended by SIGTERM' });
  });

  test("may be a script of several lines", async () => {
    const script = "for n in 1 2 3; do\n\techo $n\ndone";
    expect((await run(session, commands(script), {})).outputs[0]?.stdout).toBe("1\n2\n3\n");
  });

  test("finds its input empty", async () => {
    expect(await run(session, commands("wc -c"), {})).toMatchObject({
      outputs: [{ stdout: "0\n", ok: true }],
    });
  });

  test("keeps characters whole, however they are sent", async () => {
    const { outputs } = await run(
      session,
      commands("for i in 1 2 3 4; do printf 'ü→🛰'; done; printf '\\342\\202'"),
      {},
    );
    expect(outputs[0]?.stdout).toBe(`${"ü→🛰".repeat(4)}�`);
  });

  test("prints 20 MB without loss", async () => {
    const { outputs } = await run(session, commands("yes 0123456789 | head -c 20000000"), {});
    expect(outputs[0]?.stdout.length).toBe(20_000_000);
  });

  test("shares one connection with all others", () => {
    expect(sshd.count("connection")).toBe(1);
  });
});

test("an abort ends the command on the host, and keeps what it had printed", async () => {
  const session = await connect();
  const stop = new DeviceError("JobAborted", "the job was aborted");
  const abort = new AbortController();
  const seconds = `8${process.pid}`;
  const { outputs, error } = await run(
    session,
    commands(`echo begun; sleep ${seconds}; echo ended`),
    {},
    {
      signal: abort.signal,
      onFrame: ({ kind }) => {
        if (kind === "data") abort.abort(stop);
      },
    },
  );
  expect(error).toBe(stop);
  expect(outputs).toEqual([{ stdout: "begun\n", stderr: "", ok: null, exitStatus: null }]);
  await sshd.waitForLog(/Disconnected from user/);
  expect(await processes(`sleep ${seconds}`)).toEqual([]);
  expect(await session.health(new AbortController().signal)).toBe(false);
});

test.each([
  ["ignores the request to end", "trap '' TERM; echo begun; sleep"],
  ["prints without end", "trap '' TERM PIPE; yes begun & sleep"],
])("an abort ends a command that %s", async (_what, command) => {
  const session = await connect();
  const stop = new DeviceError("JobAborted", "the job was aborted");
  const abort = new AbortController();
  const seconds = `9${process.pid}`;
  const running = run(
    session,
    commands(`${command} ${seconds}`),
    {},
    { signal: abort.signal, onFrame: ({ kind }) => kind === "data" && abort.abort(stop) },
  );
  expect((await running).error).toBe(stop);
  await until("the command is gone", async () => (await processes(`sleep ${seconds}`)).length === 0 || null);
});

test("a command that prints nothing for read_timeout is given up", async () => {
  const session = await connect();
  const { error } = await run(session, commands("echo begun; sleep 87654"), { read_timeout: 0.2 });
  expect(error).toMatchObject({
    type: "TimeoutError",
    message: '"echo begun; sleep 87654" printed nothing for 0.2 s',
  });
});

test("health gives a host that does not answer 5 s", async () => {
  await using silent = await startSshd({ forceCommand: "sleep 65432" });
  const { name: username, password } = silent.account;
  const clock = new FakeClock();
  const session = await linuxDriver.connect(
    context<Args>({ host: silent.host, port: silent.port, username, password }, { clock }),
  );
  const asked = session.health(new AbortController().signal);
  await silent.waitForLog(/Starting session/);
  await clock.advance(4_999);
  expect(Bun.peek.status(asked)).toBe("pending");
  await clock.advance(1);
  expect(Bun.peek(asked)).toBe(false);
  session.destroy();
  expect(clock.timers).toBe(0);
});

test("health ends with the run that asks for it", async () => {
  await using silent = await startSshd({ forceCommand: "sleep 65432" });
  const { name: username, password } = silent.account;
  const session = await linuxDriver.connect(
    context<Args>({ host: silent.host, port: silent.port, username, password }),
  );
  const abort = new AbortController();
  const asked = session.health(abort.signal);
  await silent.waitForLog(/Starting session/);
  abort.abort(new DeviceError("JobAborted", "the job was aborted"));
  expect(await asked).toBe(false);
  session.destroy();
});

test("health is good again and again while the host answers", async () => {
  const clock = new FakeClock();
  const session = await connect({ clock });
  const before = clock.timers;
  for (let n = 0; n < 3; n++) expect(await session.health(new AbortController().signal)).toBe(true);
  expect(clock.timers).toBe(before);
  await session.close();
});

test("nothing is run once the write guard says no", async () => {
  const lapsed = new DeviceError("WorkerLost", "the lease has lapsed");
  let allowed = true;
  const guard = {
    assertMayWrite() {
      if (!allowed) throw lapsed;
    },
  };
  const session = await connect({ guard });
  allowed = false;
  const marker = `${sshd.account.home}/run-${crypto.randomUUID()}`;
  expect((await run(session, commands(`touch ${marker}`), {})).error).toBe(lapsed);
  const other = await connect();
  expect((await run(other, commands(`test ! -e ${marker}`), {})).error).toBeNull();
  await other.close();
});

test("the end of the connection is told once, and fails what runs", async () => {
  await using other = await startSshd();
  const { name: username, password } = other.account;
  const closed: string[] = [];
  const session = await linuxDriver.connect(
    context<Args>(
      { host: other.host, port: other.port, username, password },
      { onClosed: (reason) => closed.push(reason) },
    ),
  );
  const { outputs, error } = await run(
    session,
    commands("echo begun; sleep 76543"),
    {},
    {
      onFrame: ({ kind }) => {
        if (kind === "data") void other.stop();
      },
    },
  );
  expect(error).toMatchObject({ type: "ConnectionError", retryable: true });
  expect(outputs[0]?.stdout).toBe("begun\n");
  expect(closed).toHaveLength(1);
});

test("what cannot be run is refused before", () => {
  const connectionArgs = { host: "h", username: "u" };
  const check = (operation: Parameters<typeof linuxDriver.check>[0]["operation"]) =>
    linuxDriver.check({ connectionArgs, driverArgs: {}, operation }).map(({ loc }) => loc);
  expect(check(commands("echo one\necho two"))).toEqual([]);
  expect(check(commands())).toEqual([["command"]]);
  expect(check(commands("true", " ", "a\0b"))).toEqual([
    ["command", 1],
    ["command", 2],
  ]);
  expect(check({ kind: "config", lines: ["a", "a\0b"] })).toEqual([["config", 1]]);
});
