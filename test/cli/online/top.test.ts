import { beforeEach, describe, expect, test } from "bun:test";
import { topCommand } from "../../../src/cli/online/commands/top.ts";
import type { FullScreen, ScreenEvents } from "../../../src/cli/online/full-screen.ts";
import { readMetrics, sumOf } from "../../../src/cli/online/top/metrics.ts";
import { Rates } from "../../../src/cli/online/top/rates.ts";
import type { Ended } from "../../../src/cli/online/top/sample.ts";
import { anEndedJob, HEALTHY, NOON } from "../../api/memory-engine.ts";
import { type OnlineWorld, onlineWorld, people } from "./support.ts";

let world: OnlineWorld;
beforeEach(async () => {
  world = await onlineWorld({ top: topCommand });
  world.engine.add(
    anEndedJob({
      id: "job_9",
      seq: 9,
      host: "10.0.0.9",
      status: "failed",
      result: {
        type: "failed",
        error: { type: "ConnectionError", message: "no\x1b[2J route", retryable: true },
      },
    }),
  );
  world.engine.add(
    anEndedJob({ id: "job_8", seq: 8, status: "started", endedAt: null, result: null, startedAt: NOON }),
  );
});

/** A whole screen of these rows, which keeps what was drawn. */
function paper(rows: number) {
  const drawn: string[][] = [];
  let events: ScreenEvents | null = null;
  let left = 0;
  const screen: FullScreen = {
    get rows() {
      return paperOf.rows;
    },
    draw: (lines) => void drawn.push([...lines]),
    leave: () => void left++,
  };
  const paperOf = {
    rows,
    drawn,
    get left() {
      return left;
    },
    press: (key: string) => events?.key(key),
    resize(to: number) {
      paperOf.rows = to;
      events?.resized();
    },
    take(given: ScreenEvents) {
      events = given;
      return screen;
    },
  };
  return paperOf;
}

const plain = (lines: string[] = []) => lines.map((line) => line.replaceAll(/\x1b\[\d+m/g, ""));

describe("netpulse top in a pipe", () => {
  const columns =
    "queued,running,finished_per_second,failed_per_second,busy,idle,suspended,dead,sessions,breakers";

  test("prints a line each time, CSV with a heading, or JSON", async () => {
    const { code, out, err } = await world.netpulse(["top", "-n", "2", "-i", "0.01"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [first = "", second = "", ...more] = out.trimEnd().split("\n");
    expect(more).toEqual([]);
    expect(first.split("\t").slice(1)).toEqual(["3", "1", "", "", "1", "7", "0", "0", "2", "1"]);
    expect(second.split("\t").slice(1, 5)).toEqual(["3", "1", "0", "0"]);
    const csv = (await world.netpulse(["top", "-n", "1", "--csv"])).out.split("\r\n");
    expect(csv[0]).toBe(`time,${columns}`);
    expect(csv[1]).toEndWith(",3,1,,,1,7,0,0,2,1");
    const json = JSON.parse((await world.netpulse(["top", "-n", "1", "--json"])).out);
    expect(json).toMatchObject({ queued: 3, finished_per_second: null, sessions: 2 });
  });

  test("fails at once where there is no API, and waits for one that goes away later", async () => {
    const gone = await world.netpulse(["top", "-n", "1"], { env: { NETPULSE_URL: "http://127.0.0.1:1" } });
    expect(gone.code).toBe(3);
    expect(gone.err).toContain("http://127.0.0.1:1: ");
    let looks = 0;
    const { jobs } = world.engine;
    world.engine.jobs = async (query) => {
      if (query.filter.status === "failed" && ++looks === 2) throw new Error("away");
      return await jobs.call(world.engine, query);
    };
    const { code, out, err } = await world.netpulse(["top", "-n", "3", "-i", "0.01"]);
    expect(code).toBe(0);
    expect(out.trimEnd().split("\n")).toHaveLength(2);
    expect(err).toStartWith("netpulse: ");
  });

  test.each([
    [["--interval", "0"], "Give seconds, above 0"],
    [["--count", "x"], "whole number above 0"],
    [["--intervall", "2"], "Did you mean --interval?"],
  ])("%p is wrong usage", async (more, message) => {
    const { code, err } = await world.netpulse(["top", ...more]);
    expect({ code, said: err.includes(message) }).toEqual({ code: 2, said: true });
  });
});

describe("netpulse top on a terminal", () => {
  test("shows all of it, nothing that controls the terminal, and gives the screen back", async () => {
    const page = paper(24);
    const terminal = { ...people(), columns: 90, takeScreen: page.take };
    expect(await world.netpulse(["top", "-n", "2", "-i", "0.01"], { terminal })).toMatchObject({
      code: 0,
      out: "",
    });
    expect(page.left).toBe(1);
    const lines = plain(page.drawn.at(-1));
    expect(lines).toHaveLength(24);
    const text = lines.join("\n");
    expect(text).toMatch(/^netpulse \S+ {2}http:\S+ {2}up .* {2}ok {2}\d\d:\d\d:\d\d$/m);
    expect(text).toMatch(/^jobs {6}3 queued, oldest \S.* {2}1 running {2}0\/s finished {2}0\/s failed$/m);
    expect(text).toMatch(/^workers {3}1 node {2}1 busy {2}7 idle {2}0 suspended {2}0 dead$/m);
    expect(text).toMatch(/^sessions {2}2 connected {2}0 connecting {2}1 circuit breakers open$/m);
    expect(text).toMatch(/^QUEUE +WAITING +OLDEST\nFifoQ +3 /m);
    expect(text).toMatch(/^RUNNING +HOST .*\njob_8 +192\.0\.2\.1 /m);
    expect(text).toMatch(/^FAILED +HOST .*\njob_9 +10\.0\.0\.9 .*ConnectionError: no␛\[2J route$/m);
    expect(lines.at(-1)).toBe("q ends, p pauses");
    expect(page.drawn.at(-1)?.join("")).toContain("\x1b[31mConnectionError");
  });

  test.each([
    ["q", 0],
    ["\x03", 130],
  ])("%p ends it with %p", async (key, code) => {
    const page = paper(24);
    const terminal = { ...people(), takeScreen: page.take };
    const take = page.take;
    terminal.takeScreen = (events) => {
      queueMicrotask(() => page.press(key));
      return take(events);
    };
    expect((await world.netpulse(["top", "-i", "1000"], { terminal })).code).toBe(code);
    expect(page.left).toBe(1);
  });

  test("p holds it, and a change of the size draws it anew", async () => {
    const page = paper(24);
    const terminal = { ...people(), columns: 90, takeScreen: page.take };
    const ended = world.netpulse(["top", "-i", "1000"], { terminal });
    while (page.drawn.length === 0) await new Promise((resolve) => setImmediate(resolve));
    page.press("p");
    expect(plain(page.drawn.at(-1)).at(-1)).toBe("paused: p goes on, q ends");
    page.resize(8);
    expect(page.drawn.at(-1)).toHaveLength(8);
    Object.assign(terminal, { columns: 30 });
    page.press("q");
    expect((await ended).code).toBe(0);
  });

  test.each([4, 6, 7, 9, 12, 60])("fits into %p rows", async (rows) => {
    const page = paper(rows);
    const terminal = { ...people(), columns: 60, takeScreen: page.take };
    await world.netpulse(["top", "-n", "1"], { terminal });
    expect(page.drawn[0]?.length).toBeLessThanOrEqual(Math.max(rows, 7));
    for (const line of plain(page.drawn[0])) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(60);
  });

  test("shows what failed last where there is room for one list alone", async () => {
    const shownIn = async (rows: number) => {
      const page = paper(rows);
      await world.netpulse(["top", "-n", "1"], {
        terminal: { ...people(), columns: 90, takeScreen: page.take },
      });
      const text = plain(page.drawn[0]).join("\n");
      return ["QUEUE", "RUNNING", "FAILED"].filter((head) => text.includes(head));
    };
    expect(await shownIn(9)).toEqual([]);
    expect(await shownIn(10)).toEqual(["FAILED"]);
    expect(await shownIn(13)).toEqual(["RUNNING", "FAILED"]);
    expect(await shownIn(16)).toEqual(["QUEUE", "RUNNING", "FAILED"]);
  });

  test("says what is down, and draws nothing where the first look fails", async () => {
    world.engine.report = async () => ({ ...HEALTHY, ok: false, down: ["storage: gone\x07"] });
    const page = paper(24);
    const terminal = { ...people(), columns: 120, takeScreen: page.take };
    await world.netpulse(["top", "-n", "1"], { terminal });
    expect(plain(page.drawn[0])[0]).toContain("down: storage: gone␇");
    const none = paper(24);
    const env = { NETPULSE_URL: "http://127.0.0.1:1" };
    expect(
      (await world.netpulse(["top"], { terminal: { ...terminal, takeScreen: none.take }, env })).code,
    ).toBe(3);
    expect([none.drawn, none.left]).toEqual([[], 0]);
  });
});

describe("rates", () => {
  const ended = (well: number, badly: number): Ended =>
    new Map([
      ["a", { well: true, runs: well }],
      ["b", { well: false, runs: badly }],
    ]);

  test("are of the last seconds, and begin again where a node does", () => {
    const rates = new Rates();
    expect(rates.add(0, ended(100, 10))).toBeNull();
    expect(rates.add(2000, ended(120, 10))).toEqual({ finished: 10, failed: 0 });
    expect(rates.add(4000, ended(120, 14))).toEqual({ finished: 5, failed: 1 });
    expect(rates.add(5000, ended(5, 0))).toEqual({ finished: 5, failed: 0.8 });
    for (let at = 6000; at <= 60_000; at += 1000) rates.add(at, ended(5, 0));
    expect(rates.add(61_000, ended(20, 0))).toEqual({ finished: 1, failed: 0 });
  });

  test("are read from what Prometheus reads", () => {
    const metrics = readMetrics('# HELP a b\na{x="1",y="q\\"}"} 2\na{x="2"} 3.5\nab 7\na NaN\n');
    expect(metrics).toHaveLength(3);
    expect([sumOf(metrics, "a"), sumOf(metrics, "a", { x: "2" }), sumOf(metrics, "none")]).toEqual([
      5.5, 3.5, 0,
    ]);
  });
});
