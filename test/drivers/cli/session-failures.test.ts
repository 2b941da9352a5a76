import { describe, expect, test } from "bun:test";
import { ANY_LINE, DeviceError, type SessionFrame } from "../../../src/device/driver.ts";
import type { ByteChannel, ByteSink } from "../../../src/device/transport/channel.ts";
import { FakeClock } from "../../support/clock.ts";
import { ends, prints, ReplayDevice, reads, type Step } from "../../support/replay.ts";
import { commands, config, type Outcome, open, run } from "./support/session.ts";
import { iosEnable, iosLogin, told } from "./transcripts.ts";

/** A session on `iosLogin`, then `steps`, with its clock. */
async function opened(steps: Step[], options: { secret?: string; secrets?: string[] } = {}) {
  const clock = new FakeClock();
  const device = new ReplayDevice([...iosLogin, ...steps]);
  const closed: string[] = [];
  const session = await open(device, { ...options, clock, closed: (reason) => closed.push(reason) });
  return { clock, device, session, closed };
}

function failure(outcome: Outcome): DeviceError {
  if (!(outcome.error instanceof DeviceError)) throw new Error(`no DeviceError: ${outcome.error}`);
  return outcome.error;
}

describe("a device that stays silent", () => {
  test("ends the run in time, with what it said last, what was waited for and where it was believed to be", async () => {
    const { clock, session, device, closed } = await opened([
      reads("show version\n"),
      prints("show version\r\nCisco IOS Software\r\nhalf a li"),
    ]);
    const running = run(session, commands("show version"), { read_timeout: 30 });
    await clock.advance(29_999);
    expect(device.ended).toBe(false);
    await clock.advance(5_000);
    const outcome = await running;
    const { type, message, retryable } = failure(outcome);
    expect({ type, retryable }).toEqual({ type: "TimeoutError", retryable: true });
    expect(message).toContain('after "show version" for 30 s');
    expect(message).toContain("mode believed: exec");
    expect(message).toContain("waited for");
    expect(message).toContain("of Router");
    expect(message).toEndWith('Cisco IOS Software\\nhalf a li"');
    expect(outcome).toMatchObject({ outputs: ["Cisco IOS Software\nhalf a li"], ok: [null] });
    expect(device.ended).toBe(true);
    expect(closed).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  test("is given time as long as bytes come", async () => {
    const clock = new FakeClock();
    const slow = new SlowDevice(clock);
    const session = await open(slow, { clock });
    const running = run(session, commands("ping"), { read_timeout: 10 });
    for (let i = 0; i < 10; i++) {
      await clock.advance(9_000);
      slow.print("!");
    }
    slow.print("\r\nRouter>");
    expect(await running).toMatchObject({ outputs: ["!!!!!!!!!!\n"], ok: [true], error: null });
  });

  test("at a question nobody foresaw is a PromptError that shows the question", async () => {
    const { clock, session } = await opened([
      reads("reload\n"),
      prints("reload\r\nProceed with reload? [confirm]"),
    ]);
    const running = run(session, commands("reload"));
    await clock.advance(70_000);
    const { type, message, retryable } = failure(await running);
    expect({ type, retryable }).toEqual({ type: "PromptError", retryable: false });
    expect(message).toContain("Proceed with reload? [confirm]");
  });

  test("after login says so", async () => {
    const clock = new FakeClock();
    const opening = open(new ReplayDevice([prints("Welcome\r\n")]), { clock }).catch(
      (error: unknown) => error,
    );
    await clock.advance(10_000);
    expect(await opening).toMatchObject({ type: "TimeoutError" });
    expect(String(await opening)).toContain("after login for 10 s");
  });

  test("shows no more than 500 characters and no secret", async () => {
    const secret = "hunter2-hunter2";
    const { clock, session } = await opened(
      [
        reads("show run\n"),
        prints(`show run\r\n${"x".repeat(3000)}\r\nusername a password 7 060506324F41\r\nkey ${secret} etc`),
      ],
      { secrets: [secret] },
    );
    const running = run(session, commands("show run"));
    await clock.advance(70_000);
    const { message } = failure(await running);
    expect(message).not.toContain(secret);
    expect(message).not.toContain("060506324F41");
    expect(message.match(/last received: (".*")$/)?.[1]?.length).toBeLessThan(530);
  });
});

describe("a doubtful prompt", () => {
  test("of another host name counts when the device stays silent behind it", async () => {
    const { clock, session } = await opened([
      ...told("changeto", "Other>"),
      ...told("show clock", "Other>", "12:00\r\n"),
    ]);
    const running = run(session, commands("changeto", "show clock"));
    await clock.advance(499);
    await clock.advance(1);
    expect(await running).toMatchObject({ outputs: ["", "12:00\n"], ok: [true, true], error: null });
  });

  test("without an echo before it counts when the device stays silent behind it", async () => {
    const { clock, session } = await opened([reads("show clock\n"), prints("12:00\r\nRouter>")]);
    const running = run(session, commands("show clock"));
    await clock.advance(500);
    expect(await running).toMatchObject({ outputs: ["12:00\n"], ok: [true], error: null });
  });

  test("left over from before does not answer the next command", async () => {
    const { session } = await opened([
      reads("show clock\n"),
      prints("\r\n*Jan  1 00:00:00.000: %LINK-3-UPDOWN: up\r\nRouter>"),
      prints("show clock\r\n12:00\r\nRouter>"),
    ]);
    expect(await run(session, commands("show clock"))).toMatchObject({ outputs: ["12:00\n"], ok: [true] });
  });
});

describe("an abort", () => {
  const stop = new DeviceError("JobAborted", "the job was aborted");

  test("interrupts the device, keeps what was printed, throws the reason and closes the session", async () => {
    const { session, device, closed, clock } = await opened([
      reads("show tech\n"),
      prints("show tech\r\nline 1\r\nline 2"),
      reads("\x1e\x03"),
      prints("^C\r\nRouter>"),
    ]);
    const abort = new AbortController();
    const running = run(session, commands("show tech", "show clock"), {}, abort.signal);
    await clock.settle();
    abort.abort(stop);
    expect(await running).toEqual({ outputs: ["line 1\nline 2"], ok: [null], error: stop });
    expect(device.done).toBe(true);
    expect(device.ended).toBe(true);
    expect(closed).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  test("does not wait longer than 0.8 s for a device that takes no interrupt", async () => {
    const { session, device, clock } = await opened([reads("show tech\n"), reads("\x1e\x03")]);
    const abort = new AbortController();
    const running = run(session, commands("show tech"), {}, abort.signal);
    await clock.settle();
    abort.abort(stop);
    await clock.advance(799);
    expect(device.ended).toBe(false);
    await clock.advance(2);
    expect((await running).error).toBe(stop);
    expect(device.ended).toBe(true);
  });

  test("nor for one that goes on printing all the time", async () => {
    const flood = Array.from({ length: 2_000 }, () => prints("more of it\r\n"));
    const { session, device, clock } = await opened([
      reads("show tech\n"),
      prints("show tech\r\nline 1\r\n"),
      reads("\x1e\x03"),
      ...flood,
    ]);
    const abort = new AbortController();
    const running = run(session, commands("show tech"), {}, abort.signal);
    await clock.settle();
    abort.abort(stop);
    for (let ms = 0; ms < 800; ms += 100) await clock.advance(100);
    expect(device.ended).toBe(true);
    expect(device.done).toBe(false);
    expect(await running).toMatchObject({ outputs: ["line 1\n"], ok: [null], error: stop });
  });

  test("at a pager ends it instead of going on", async () => {
    const { session, device, clock } = await opened([
      reads("show tech\n"),
      prints("show tech\r\nline 1\r\n --More-- "),
      reads(" "),
      reads("\x1e\x03"),
      prints("\r          \rline 2\r\n --More-- "),
      reads("\x1e\x03"),
      prints("\r          \rRouter>"),
    ]);
    const abort = new AbortController();
    const running = run(session, commands("show tech"), {}, abort.signal);
    await clock.settle();
    abort.abort(stop);
    expect((await running).error).toBe(stop);
    expect(device.done).toBe(true);
  });

  test("leaves configuration mode", async () => {
    const { session, device, clock } = await opened(
      [
        ...iosEnable,
        ...told("configure terminal", "Router(config)#"),
        reads("crypto key generate rsa\n"),
        prints("crypto key generate rsa\r\n"),
        reads("\x1e\x03"),
        prints("\r\nRouter(config)#"),
        ...told("end", "Router#"),
      ],
      { secret: "s3cr3t-enable" },
    );
    const abort = new AbortController();
    const running = run(session, config("crypto key generate rsa"), {}, abort.signal);
    await clock.settle();
    await clock.settle();
    await clock.settle();
    abort.abort(stop);
    expect((await running).error).toBe(stop);
    expect(device.done).toBe(true);
  });

  test("before anything was sent sends nothing", async () => {
    const { session, device } = await opened([]);
    const typed = device.typed;
    expect((await run(session, commands("show clock"), {}, AbortSignal.abort(stop))).error).toBe(stop);
    expect(device.typed).toBe(typed);
  });

  test("during login destroys the connection", async () => {
    const abort = new AbortController();
    const device = new ReplayDevice([prints("Welcome\r\n")]);
    const opening = open(device, { signal: abort.signal }).catch((error: unknown) => error);
    await new FakeClock().settle();
    abort.abort(stop);
    expect(await opening).toBe(stop);
    expect(device.ended).toBe(true);
  });

  test("a reader that goes away counts as one", async () => {
    const { session, device } = await opened([
      reads("show tech\n"),
      prints("show tech\r\nline 1\r\n"),
      reads("\x1e\x03"),
      prints("\r\nRouter>"),
    ]);
    const signal = new AbortController().signal;
    for await (const frame of session.run({
      operation: commands("show tech"),
      driverArgs: {},
      signal,
      permit: ANY_LINE,
    })) {
      if (frame.kind === "data") break;
    }
    expect(device.done).toBe(true);
    expect(device.ended).toBe(true);
  });
});

describe("a connection that ends", () => {
  test("fails the run with what came before, and is told once", async () => {
    const { session, closed } = await opened([
      reads("show version\n"),
      prints("show version\r\nCisco\r\nhalf"),
      ends("10.0.0.1 port 22 closed the session"),
    ]);
    const outcome = await run(session, commands("show version"));
    expect(failure(outcome)).toMatchObject({ type: "ConnectionError", retryable: true });
    expect(outcome).toMatchObject({ outputs: ["Cisco\nhalf"], ok: [null] });
    expect(closed).toEqual(["10.0.0.1 port 22 closed the session"]);
    expect(failure(await run(session, commands("show version"))).type).toBe("ConnectionError");
    expect(await session.health(new AbortController().signal)).toBe(false);
  });

  test("while idle is told too", async () => {
    const { closed, clock } = await opened([prints("\r\nLine idle\r\n"), ends("idle time-out")]);
    await clock.settle();
    expect(closed).toEqual(["idle time-out"]);
  });

  test("by close is not told", async () => {
    const { session, device, closed } = await opened([]);
    await session.close();
    await session.close();
    session.destroy();
    expect(device.ended).toBe(true);
    expect(closed).toEqual([]);
  });
});

test("health asks for the prompt, and gives a silent device 5 s", async () => {
  const { session, clock } = await opened([reads("\n"), prints("\r\nRouter>"), reads("\n")]);
  expect(await session.health(new AbortController().signal)).toBe(true);
  const second = session.health(new AbortController().signal);
  await clock.advance(5_000);
  expect(await second).toBe(false);
});

test("a session runs one job after another", async () => {
  const { session } = await opened([
    ...told("show clock", "Router>", "12:00\r\n"),
    ...told("bad", "Router>", "% Unknown command or computer name\r\n"),
    ...told("show clock", "Router>", "12:01\r\n"),
  ]);
  expect(await run(session, commands("show clock"))).toMatchObject({ outputs: ["12:00\n"] });
  expect(failure(await run(session, commands("bad"))).type).toBe("CommandError");
  expect(await run(session, commands("show clock"))).toMatchObject({ outputs: ["12:01\n"], error: null });
});

test("nothing is typed once the write guard says no", async () => {
  const lapsed = new DeviceError("WorkerLost", "the lease has lapsed");
  const device = new ReplayDevice([...iosLogin, ...told("show clock", "Router>", "12:00\r\n")]);
  let allowed = true;
  const guarded = {
    open: async (sink: ByteSink): Promise<ByteChannel> => {
      const channel = await device.open(sink);
      const write = (text: string) => {
        if (allowed) return channel.write(text);
        channel.destroy();
        throw lapsed;
      };
      return { ...channel, write };
    },
  };
  const session = await open(guarded);
  expect((await run(session, commands("show clock"))).error).toBeNull();
  allowed = false;
  const typed = device.typed;
  expect((await run(session, commands("show clock"))).error).toBe(lapsed);
  expect(device.typed).toBe(typed);
  expect(device.ended).toBe(true);
});

test("while nobody pulls, the device is held back", async () => {
  const line = `${"x".repeat(1022)}\r\n`;
  const { session, device, clock } = await opened([
    reads("show tech\n"),
    prints("show tech\r\n"),
    ...Array.from({ length: 2000 }, () => prints(line)),
    prints("Router>"),
  ]);
  const signal = new AbortController().signal;
  const frames = session
    .run({ operation: commands("show tech"), driverArgs: {}, signal, permit: ANY_LINE })
    [Symbol.asyncIterator]();
  await frames.next();
  let characters = await take(frames.next());
  for (let i = 0; i < 400; i++) await clock.settle();
  expect(device.pauses).toBe(1);
  expect(device.done).toBe(false);
  for (let next = await frames.next(); next.done !== true; next = await frames.next())
    characters += size(next.value);
  expect(characters).toBe(2000 * 1023);
  expect(device.done).toBe(true);
});

async function take(next: Promise<IteratorResult<SessionFrame>>): Promise<number> {
  const { value } = await next;
  return size(value);
}

function size(frame: SessionFrame): number {
  return frame.kind === "data" ? frame.text.length : 0;
}

/** Logs in at once, repeats what is typed, and prints when the test says so. */
class SlowDevice {
  readonly #clock: FakeClock;
  #sink: ByteSink | null = null;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  print(text: string): void {
    this.#sink?.onData(new TextEncoder().encode(text));
  }

  open = async (sink: ByteSink): Promise<ByteChannel> => {
    this.#sink = sink;
    const later = (text: string) => this.#clock.after(0, () => this.print(text));
    setImmediate(() => this.print("Router>"));
    return {
      write: (text) => {
        const echo = text.replace("\n", "\r\n");
        if (text.startsWith("terminal")) setImmediate(() => this.print(`${echo}Router>`));
        else later(echo);
      },
      pause() {},
      resume() {},
      async close() {},
      destroy() {},
    };
  };
}
