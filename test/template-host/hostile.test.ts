import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { resolve } from "node:path";
import { systemClock } from "../../src/core/clock.ts";
import { TemplateError } from "../../src/core/errors.ts";
import { VERSION } from "../../src/observe/version.ts";
import type { ParserName, RenderWork, TemplateCall } from "../../src/template/templates.ts";
import { memoryOf } from "../../src/template-host/memory.ts";
import { TemplateHosts, type TemplateHostsDeps } from "../../src/template-host/template-hosts.ts";
import { spawnHosts } from "../../src/worker/spawn-host.ts";

setDefaultTimeout(120_000);

const MAIN = resolve(import.meta.dir, "../../src/main.ts");
const MiB = 1024 ** 2;
const spawn = spawnHosts([process.execPath, "--no-env-file", MAIN, "template-host"], {
  PATH: "/usr/bin:/bin",
});

function hosts(changes: Partial<TemplateHostsDeps> = {}): TemplateHosts {
  return new TemplateHosts({
    spawn,
    clock: systemClock,
    build: VERSION,
    settings: { dir: null, maxOutput: 4 * MiB },
    limits: { timeoutMs: 100_000, memory: 512 * MiB },
    memoryOf,
    processes: 2,
    queue: 8,
    ...changes,
  });
}

function call(lane = "a"): TemplateCall {
  return { lane, patient: true, signal: new AbortController().signal };
}

function rendering(text: string, context: Record<string, unknown> = {}): RenderWork {
  return { name: "jinja2", template: { kind: "inline", text }, context, options: {} };
}

function parsing(name: ParserName, template: string, text: string) {
  return { name, template: { kind: "inline", text: template } as const, text, options: {} };
}

describe("a template that asks for too much", () => {
  let own: TemplateHosts;
  beforeAll(() => {
    own = hosts();
  });
  afterAll(() => own.stop());

  test.each([
    [
      "a text of a thousand million",
      rendering("{{ 'a' * n }}", { n: 1_000_000_000 }),
      /more memory, or goes deeper/,
    ],
    [
      "a macro that calls itself",
      rendering("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"),
      /recursion|goes deeper/,
    ],
    ["much text", rendering("{{ 'a' * 5000000 }}"), /more than 4194304 characters/],
    ["a file elsewhere", rendering("{% include '../../etc/passwd' %}"), /there is no template folder/],
  ])("costs its sender an error: %s", async (_what, work, reason) => {
    const failure = await own.render(work, call()).catch((error) => error);
    expect(failure).toBeInstanceOf(TemplateError);
    expect(failure.message).toMatch(reason);
    expect(await own.render(rendering("{{ 1 + 1 }}"), call())).toBe("2");
  });

  test.each([
    ["nested quantifiers", parsing("regex", "(?P<x>(a+)+)+$b", `${"a".repeat(60)}!`)],
    ["TextFSM", parsing("textfsm", "Value X ((a+)+)\n\nStart\n  ^$X! -> Record", "a".repeat(1000))],
  ])("in a regex is bounded: %s", async (_what, work) => {
    expect(await own.parse(work, call())).toBe("[]");
    expect(await own.parse(parsing("regex", "(?P<n>\\d)", "7"), call())).toBe('[{"n":"7"}]');
  });

  test("records that are too many are refused", async () => {
    const much = parsing(
      "regex",
      "(?P<a_name_of_a_group_that_is_rather_long_for_one_letter>.)",
      "x".repeat(99_000),
    );
    const failure = await own.parse(much, call()).catch((error) => error);
    expect(failure.message).toContain("templates.max_output");
  });
});

const ENDLESS = rendering("{% for a in range(99999) %}{{ x|sort|join|length }}{% endfor %}", {
  x: Array.from({ length: 50_000 }, (_, n) => n),
});

test("what has no end is ended with its process, be it a template or a regex", async () => {
  const own = hosts({ limits: { timeoutMs: 500, memory: 512 * MiB } });
  const loops = "{% for a in range(99999) %}{% for b in range(99999) %}{{ a * b }}{% endfor %}{% endfor %}";
  const regex = parsing("regex", "(?P<x>(a*)*(a*)*(a*)*)\\2\\3\\4b", "a".repeat(3000));
  for (const made of [
    own.render(ENDLESS, call()),
    own.render(rendering(loops), call()),
    own.parse(regex, call()),
  ])
    await expect(made).rejects.toThrow("longer than templates.timeout (0.5 s)");
  await own.stop();
});

test("a host that grows beyond its memory is killed, and the next work gets another", async () => {
  const own = hosts({ limits: { timeoutMs: 100_000, memory: 1 } });
  await expect(own.render(ENDLESS, call())).rejects.toThrow("more memory than templates.max_memory");
  await own.stop();
});

test("while one lane's templates are at work another's is rendered", async () => {
  const own = hosts({ limits: { timeoutMs: 100_000, memory: 512 * MiB } });
  const giveUp = new AbortController();
  const hostile = [1, 2, 3, 4].map(() =>
    own.render(ENDLESS, { ...call("hostile"), signal: giveUp.signal }).catch((error) => error),
  );
  expect(await own.render(rendering("{{ 6 * 7 }}"), call("other"))).toBe("42");
  giveUp.abort(new Error("given up"));
  expect((await Promise.all(hostile)).map((error) => error.message)).toEqual(Array(4).fill("given up"));
  await own.stop();
});
