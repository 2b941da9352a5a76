import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { TemplateError } from "../../src/core/errors.ts";
import { type RenderWork, type TemplateCall, TemplatesBusyError } from "../../src/template/templates.ts";
import { Lanes } from "../../src/template-host/lanes.ts";
import type { FromTemplateHost, ToTemplateHost } from "../../src/template-host/messages.ts";
import { TemplateHosts, type TemplateHostsDeps } from "../../src/template-host/template-hosts.ts";
import { FakeClock } from "../support/clock.ts";

/** A child whose side is the test's. */
interface Puppet {
  pid: number;
  got: ToTemplateHost[];
  say(message: FromTemplateHost): void;
  die(how: string): void;
  killed: boolean;
}

let clock: FakeClock;
let puppets: Puppet[];
let memory: Map<number, number>;
/** What a puppet says as soon as it has its settings. */
let greeting: FromTemplateHost | null;

const spawn: TemplateHostsDeps["spawn"] = (onMessage) => {
  const exited = Promise.withResolvers<string>();
  const puppet: Puppet = {
    pid: puppets.length + 1,
    got: [],
    say: (message) => onMessage(message),
    die: exited.resolve,
    killed: false,
  };
  puppets.push(puppet);
  return {
    pid: puppet.pid,
    exited: exited.promise,
    kill: () => {
      puppet.killed = true;
      exited.resolve("killed by SIGKILL");
    },
    send: (message) => {
      puppet.got.push(message as ToTemplateHost);
      if (puppet.got.length === 1 && greeting !== null) onMessage(greeting);
    },
  };
};

function hosts(changes: Partial<TemplateHostsDeps> = {}): TemplateHosts {
  return new TemplateHosts({
    spawn,
    clock,
    build: "1",
    settings: { dir: "/templates", maxOutput: 100 },
    limits: { timeoutMs: 5_000, memory: 1_000 },
    memoryOf: async (pid) => memory.get(pid) ?? null,
    processes: 2,
    queue: 2,
    ...changes,
  });
}

const work = (text: string): RenderWork => ({
  name: "jinja2",
  template: { kind: "inline", text },
  context: {},
  options: {},
});

function call(lane = "a", changes: Partial<TemplateCall> = {}): TemplateCall {
  return { lane, patient: false, signal: new AbortController().signal, ...changes };
}

/** What comes of it, as a word. */
function outcome(made: Promise<string>): { text: string } {
  const seen = { text: "pending" };
  made.then(
    (text) => {
      seen.text = text;
    },
    (error: Error) => {
      seen.text = `${error.name}: ${error.message}`;
    },
  );
  return seen;
}

const at = (place: number): Puppet => {
  const puppet = puppets[place];
  if (puppet === undefined) throw new Error(`no puppet ${place}`);
  return puppet;
};

beforeEach(() => {
  clock = new FakeClock();
  puppets = [];
  memory = new Map();
  greeting = { type: "ready", build: "1" };
});
afterEach(() => expect(clock.timers).toBe(0));

describe("a host", () => {
  test("is started with the first work, told its settings, and kept", async () => {
    const own = hosts();
    const first = own.render(work("one"), call());
    await clock.settle();
    expect(at(0).got).toEqual([
      { type: "settings", dir: "/templates", maxOutput: 100 },
      { type: "work", kind: "render", ...work("one") },
    ]);
    at(0).say({ type: "done", text: "1" });
    expect(await first).toBe("1");
    const second = own.render(work("two"), call());
    await clock.settle();
    at(0).say({ type: "refused", refusal: { reason: "no", line: 3, file: "a.j2", notFound: true } });
    const failure = await second.catch((error) => error);
    expect(failure).toBeInstanceOf(TemplateError);
    expect(failure).toMatchObject({ message: "a.j2, line 3: no", notFound: true });
    expect(puppets).toHaveLength(1);
    await own.stop();
  });

  test("that takes too long is killed", async () => {
    const own = hosts();
    const slow = outcome(own.render(work("slow"), call()));
    await clock.settle();
    await clock.advance(4_999);
    expect(slow.text).toBe("pending");
    await clock.advance(1);
    expect(slow.text).toBe("TemplateError: it takes longer than templates.timeout (5 s)");
    expect(at(0).killed).toBe(true);
    const next = own.render(work("next"), call());
    await clock.settle();
    at(1).say({ type: "done", text: "2" });
    expect(await next).toBe("2");
    await own.stop();
  });

  test("that takes too much memory is killed while it works, and replaced behind a work that left much", async () => {
    const own = hosts();
    const first = own.render(work("one"), call());
    await clock.settle();
    memory.set(1, 501);
    await clock.advance(60);
    at(0).say({ type: "done", text: "1" });
    expect(await first).toBe("1");
    expect(at(0).killed).toBe(true);
    const second = outcome(own.render(work("two"), call()));
    await clock.settle();
    memory.set(2, 1_001);
    await clock.advance(60);
    expect(second.text).toBe("TemplateError: it takes more memory than templates.max_memory (1000 bytes)");
    await own.stop();
  });

  test("that breaks, dies, says nothing or is of another build costs one work", async () => {
    const own = hosts();
    const broken = outcome(own.render(work("broken"), call()));
    await clock.settle();
    at(0).say({ type: "broken", refusal: { reason: "in pieces", line: null, file: null, notFound: false } });
    await clock.settle();
    expect([broken.text, at(0).killed]).toEqual(["TemplateError: in pieces", true]);

    const dead = outcome(own.render(work("dead"), call()));
    await clock.settle();
    at(1).die("killed by SIGSEGV");
    await clock.settle();
    expect(dead.text).toBe("TemplateError: the process that worked on it ended (killed by SIGSEGV)");

    greeting = null;
    const silent = outcome(own.render(work("silent"), call()));
    await clock.advance(10_000);
    expect(silent.text).toBe("TemplateError: a process for templates did not start; try again");

    greeting = { type: "ready", build: "2" };
    const other = outcome(own.render(work("other"), call()));
    await clock.settle();
    expect(other.text).toContain("the program was replaced");
    await own.stop();
  });

  test("that cannot be started is told of", async () => {
    const own = hosts({
      spawn: () => {
        throw new Error("EAGAIN");
      },
    });
    const seen = outcome(own.render(work("one"), call()));
    await clock.settle();
    expect(seen.text).toBe("TemplateError: no process for templates can be started; try again");
    await own.stop();
  });

  test("without work ends after a while", async () => {
    const own = hosts();
    const first = own.render(work("one"), call());
    await clock.settle();
    at(0).say({ type: "done", text: "1" });
    await first;
    await clock.advance(300_000);
    expect(at(0).killed).toBe(true);
    await own.stop();
  });
});

describe("works", () => {
  test("of one lane take all places but one, and wait in their line for them", async () => {
    const own = hosts();
    const seen = ["one", "two", "three"].map((text) => outcome(own.render(work(text), call("a"))));
    const other = outcome(own.render(work("other"), call("b")));
    await clock.settle();
    expect(puppets).toHaveLength(2);
    expect(at(1).got[1]).toMatchObject({ template: { text: "other" } });
    const refused = own.render(work("four"), call("a"));
    await expect(refused).rejects.toBeInstanceOf(TemplatesBusyError);
    at(1).say({ type: "done", text: "b" });
    at(0).say({ type: "done", text: "1" });
    await clock.settle();
    expect([seen[0]?.text, other.text]).toEqual(["1", "b"]);
    expect(seen.slice(1).map(({ text }) => text)).toEqual(["pending", "pending"]);
    await own.stop();
    await clock.settle();
    expect(seen[2]?.text).toBe("TemplateError: the server is stopping; try again shortly");
  });

  test("that are patient wait behind any number", async () => {
    const own = hosts({ queue: 0, processes: 1 });
    const first = own.render(work("one"), call("a", { patient: true }));
    const second = own.render(work("two"), call("a", { patient: true }));
    await clock.settle();
    at(0).say({ type: "done", text: "1" });
    expect(await first).toBe("1");
    await clock.settle();
    at(0).say({ type: "done", text: "2" });
    expect(await second).toBe("2");
    await own.stop();
  });

  test("that are given up leave the line, or end with their host", async () => {
    const own = hosts({ processes: 1 });
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = outcome(own.render(work("one"), call("a", { signal: running.signal })));
    const second = outcome(own.render(work("two"), call("a", { signal: waiting.signal })));
    await clock.settle();
    waiting.abort(new Error("gone"));
    await clock.settle();
    expect([first.text, second.text, at(0).killed]).toEqual(["pending", "Error: gone", false]);
    running.abort(new Error("gone too"));
    await clock.settle();
    expect([first.text, at(0).killed]).toEqual(["Error: gone too", true]);
    const third = own.render(work("three"), call());
    await clock.settle();
    at(1).say({ type: "done", text: "3" });
    expect(await third).toBe("3");
    await own.stop();
    await expect(own.render(work("four"), call())).rejects.toThrow("is stopping");
  });
});

test("lanes get their turns one after another", () => {
  const lanes = new Lanes<string>(10);
  for (const one of ["a1", "a2", "b1", "a3", "b2", "c1"]) lanes.add(one.charAt(0), one);
  lanes.remove("a", "a2");
  expect(Array.from({ length: 6 }, () => lanes.next())).toEqual(["a1", "b1", "c1", "a3", "b2", null]);
});
