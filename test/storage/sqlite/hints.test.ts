import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { systemClock } from "../../../src/core/clock.ts";
import { decodeHint, encodeHints, LineReader } from "../../../src/storage/sqlite/hint-lines.ts";
import { type HintBus, sharedHints } from "../../../src/storage/sqlite/hints.ts";
import type { Hint } from "../../../src/storage/storage.ts";
import { FakeClock } from "../../support/clock.ts";
import { type Child, startChild } from "../../support/process.ts";
import { tempDir } from "../../support/tempdir.ts";
import { answerGreetings } from "./greetings.ts";

const CHILD = resolve(import.meta.dir, "hint-child.ts");

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** The path of a file that several processes have open; its name is all that hints need of it. */
function newFile(name = "netpulse.db"): string {
  const dir = tempDir("hints", 0o755);
  ends.push(() => dir.remove());
  const path = dir.file(name);
  mkdirSync(resolve(path, ".."), { recursive: true });
  writeFileSync(path, "");
  return path;
}

interface Bus extends HintBus {
  warnings: string[];
  /** Resolves when just this hint is heard. */
  heard(wanted: Hint): Promise<void>;
}

/** This process, as one of those on the file. */
function join(path: string, clock = systemClock): Bus {
  const warnings: string[] = [];
  const bus = sharedHints({ path, clock, warn: (message) => void warnings.push(message) });
  ends.push(() => bus.close());
  answerGreetings(bus, "the test");
  return {
    ...bus,
    warnings,
    heard: (wanted) =>
      new Promise((resolve) => {
        const stop = bus.subscribe((hint) => {
          if (!Bun.deepEquals(hint, wanted)) return;
          stop();
          resolve();
        });
      }),
  };
}

/** Another process on the file, which hears `peers` others and is heard by them. */
async function other(path: string, peers = 1): Promise<Child> {
  const child = startChild([process.execPath, CHILD, path, `${peers}`]);
  ends.push(() => child.stop());
  await child.waitFor(/ready/);
  return child;
}

const queued = (queue: string): Hint => ({ kind: "queued", queue });

const sockets = (path: string) => readdirSync(`${path}-hints`);
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe("hints between processes on one file", () => {
  test("reach the others whole, each once, in order, in both directions", async () => {
    const path = newFile();
    const bus = join(path);
    const child = await other(path);
    const hints: Hint[] = [
      { kind: "queued", queue: "pinned_berlin/10.0.0.1" },
      { kind: "queued", queue: "FifoQ", inMs: 1500 },
      { kind: "job", id: "job_1", status: "finished" },
      { kind: "output", id: "job_1" },
      { kind: "abort", id: "job_1", node: "n1" },
      { kind: "worker", worker: "w1", node: "nöde", change: "stop" },
    ];
    bus.emit(hints);
    await child.waitFor(/"change":"stop"/);
    const heard = [...child.stdout().matchAll(/^heard (.*)$/gm)].map(([, json = ""]) => JSON.parse(json));
    expect(heard).toEqual(hints);
    const back = bus.heard(queued("from the child"));
    child.write("from the child\n");
    await back;
    expect(bus.warnings).toEqual([]);
  });

  test("reach everybody, whoever came first", async () => {
    const path = newFile();
    const children = [await other(path, 0), await other(path, 1), await other(path, 2)];
    for (const [n, child] of children.entries()) {
      child.write(`from ${n}\n`);
      for (const each of children) await each.waitFor(new RegExp(`heard .*from ${n}`));
    }
    for (const child of children) expect(child.stdout().match(/^heard /gm)).toHaveLength(3);
  });

  test("come much faster than any sweep", async () => {
    const path = newFile();
    const bus = join(path);
    await other(path);
    const trips: number[] = [];
    for (let n = 0; n < 200; n++) {
      const answered = bus.heard(queued("pong"));
      const since = performance.now();
      bus.emit([queued("ping")]);
      await answered;
      trips.push(performance.now() - since);
    }
    const median = trips.toSorted((a, b) => a - b)[100] ?? Number.NaN;
    // There and back; 0.2 ms on an idle machine. The sweep that covers a lost hint comes once a second.
    expect(median).toBeLessThan(50);
  });

  test("are for the owner of the file alone, and leave nothing behind", async () => {
    const path = newFile();
    const bus = join(path);
    expect(modeOf(`${path}-hints`)).toBe("700");
    const [socket = ""] = sockets(path);
    expect(socket).toStartWith(`${process.pid}-`);
    expect(modeOf(`${path}-hints/${socket}`)).toBe("600");
    bus.close();
    expect(existsSync(`${path}-hints`)).toBe(false);
  });

  test("work where the path of the file is longer than a socket's may be", async () => {
    const path = newFile(`${"d".repeat(120)}/${"f".repeat(60)}.db`);
    const bus = join(path);
    await other(path);
    expect(bus.warnings).toEqual([]);
  });

  test("go by the file, whatever it is called", async () => {
    const path = newFile();
    join(`${resolve(path, "..")}/../${path.split("/").slice(-2).join("/")}`);
    await other(path);
    expect(sockets(path)).toHaveLength(2);
  });

  test("begin with the first one that is emitted or waited for", () => {
    const path = newFile();
    const quiet = sharedHints({ path, clock: systemClock, warn: () => {} });
    ends.push(() => quiet.close());
    quiet.emit([]);
    expect(existsSync(`${path}-hints`)).toBe(false);
    quiet.emit([queued("q")]);
    expect(sockets(path)).toHaveLength(1);
  });
});

describe("a peer that is gone", () => {
  test("by SIGKILL: the others go on, and the next who comes removes its socket", async () => {
    const path = newFile();
    const bus = join(path);
    const [first, second] = [await other(path), await other(path, 2)];
    first.kill("SIGKILL");
    await first.exited;
    bus.emit([queued("after")]);
    await second.waitFor(/heard .*after/);
    expect(sockets(path)).toHaveLength(3);
    const third = await other(path, 2);
    third.write("from the third\n");
    await second.waitFor(/heard .*from the third/);
    expect(
      sockets(path)
        .map((name) => Number.parseInt(name, 10))
        .toSorted(),
    ).toEqual([process.pid, second.pid, third.pid].toSorted());
  });

  test("in order: it takes its socket along", async () => {
    const path = newFile();
    join(path);
    const child = await other(path);
    child.closeStdin();
    await child.exited;
    expect(sockets(path)).toHaveLength(1);
  });
});

describe("a peer that is stopped", () => {
  /** Enough for many times what a socket holds. */
  const FLOOD = 1_000_000;

  test("costs no memory and no time, and others hear as before; it goes on with whole hints", async () => {
    const path = newFile();
    const bus = join(path);
    const [stopped, flooder] = [await other(path), await other(path, 2)];
    stopped.kill("SIGSTOP");
    try {
      flooder.write(`flood ${FLOOD}\n`);
      const [, grown, slowest] = await flooder.waitFor(/flooded (-?\d+) (\S+)/);
      // What was not taken is some 50 MB; a write that waited for its reader would never have come back.
      expect(Number(grown)).toBeLessThan(25 * 1024 * 1024);
      expect(Number(slowest)).toBeLessThan(1_000);
      const back = bus.heard(queued("to the living"));
      flooder.write("to the living\n");
      await back;
    } finally {
      stopped.kill("SIGCONT");
    }
    await heardBy(stopped, bus, "awake again", stopped.mark());
    for (const [, json = ""] of stopped.stdout().matchAll(/^heard (.*)$/gm)) {
      expect(JSON.parse(json)).toMatchObject({ kind: expect.stringMatching(/output|queued/) });
    }
  });

  /** Says it until it is heard: one that is still busy with older hints may miss it. */
  async function heardBy(child: Child, bus: Bus, queue: string, from: number): Promise<void> {
    let waiting = true;
    const heard = child.waitFor(new RegExp(`heard .*${queue}`), { from }).finally(() => {
      waiting = false;
    });
    while (waiting) {
      bus.emit([queued(queue)]);
      await new Promise<void>((resume) => setImmediate(resume));
    }
    await heard;
  }
});

describe("what goes wrong with the sockets", () => {
  test("one that somebody has removed is made anew within seconds", async () => {
    const path = newFile();
    const clock = new FakeClock();
    join(path, clock);
    rmSync(`${path}-hints`, { recursive: true });
    await clock.advance(5_000);
    expect(sockets(path)).toHaveLength(1);
    await other(path);
  });

  test("where there can be none, this process still hears its own, and says once that others do not", async () => {
    const path = newFile();
    writeFileSync(`${path}-hints`, "a file, not a folder");
    const clock = new FakeClock();
    const bus = join(path, clock);
    const own = bus.heard(queued("q"));
    bus.emit([queued("q")]);
    await own;
    await clock.advance(30_000);
    expect(bus.warnings).toEqual([expect.stringMatching(/find changes at their next sweep: .*-hints: E/)]);
    rmSync(`${path}-hints`);
    await clock.advance(5_000);
    expect(sockets(path)).toHaveLength(1);
  });

  test("a name that is none is not connected to", async () => {
    const path = newFile();
    mkdirSync(`${path}-hints`);
    writeFileSync(`${path}-hints/notes.txt`, "");
    join(path);
    await other(path);
    expect(sockets(path)).toContain("notes.txt");
  });

  test("a peer that sends no end of a line is dropped", async () => {
    const path = newFile();
    join(path);
    const [name = ""] = sockets(path);
    const closed = Promise.withResolvers<void>();
    const socket = await Bun.connect({
      unix: `${path}-hints/${name}`,
      socket: { data() {}, close: () => closed.resolve() },
    });
    for (let n = 0; n < 20; n++) socket.write("x".repeat(8_000));
    await closed.promise;
    await other(path);
  });
});

describe("the lines", () => {
  const text = (hints: Hint[]) => new TextDecoder().decode(encodeHints(hints));

  test("hold a hint each, the same one once, and no more than a write takes", () => {
    expect(text([queued("a"), queued("a"), queued("b")]).split("\n")).toHaveLength(3);
    const many = Array.from({ length: 5_000 }, (_, n) => queued(`queue ${n}`));
    expect(encodeHints(many).length).toBeLessThanOrEqual(64 * 1024);
    expect(text(many)).toEndWith("\n");
  });

  test("are put together from any pieces", () => {
    const hints = [queued("grün"), queued("b")];
    const reader = new LineReader();
    const lines = [...encodeHints(hints)].flatMap((byte) => reader.take(Uint8Array.of(byte)));
    expect(lines.map(decodeHint)).toEqual(hints);
  });

  test.each([
    "",
    "nonsense",
    "null",
    "[]",
    '{"kind":"constructor"}',
    '{"kind":"queued"}',
    '{"kind":"queued","queue":7}',
    '{"kind":"queued","queue":"q","inMs":"soon"}',
    '{"kind":"newer","id":"x"}',
    '{"kind":"abort","id":"job_1"}',
  ])("that say nothing are passed over: %p", (line) => {
    expect(decodeHint(line)).toBeNull();
  });
});
