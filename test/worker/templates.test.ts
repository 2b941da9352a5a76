import { afterEach, describe, expect, test } from "bun:test";
import { DeviceError } from "../../src/device/driver.ts";
import type { ExecRequest } from "../../src/engine/engine.ts";
import type { Templating } from "../../src/engine/templating.ts";
import type { Parsing, Rendering, Templates } from "../../src/template/templates.ts";
import { DirectTemplates } from "../support/direct-templates.ts";
import { echoScript, type Script, type ScriptedDevice } from "../support/scripted-driver.ts";
import { endWorlds, LEASE, world } from "../support/world.ts";

afterEach(endWorlds);

/** Answers are held until the test lets them go. */
class SlowTemplates extends DirectTemplates {
  #let: (() => void) | null = null;
  readonly #held = new Promise<void>((go) => {
    this.#let = go;
  });

  letGo(): void {
    this.#let?.();
  }

  override async render(...given: Parameters<Templates["render"]>): Promise<string> {
    await this.#hold(given[1].signal);
    return super.render(...given);
  }

  override async parse(...given: Parameters<Templates["parse"]>): Promise<string> {
    await this.#hold(given[1].signal);
    return super.parse(...given);
  }

  #hold(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      this.#held.then(resolve);
    });
  }
}

async function withTemplates(
  templates: Templates = new DirectTemplates(),
  script: Script = echoScript,
  limits: Partial<Templating> = {},
  device: ScriptedDevice = {},
) {
  const at = await world(script, device);
  await at.addNode("n1", { templating: { templates, maxCommands: 5, maxParsed: 1_000, ...limits } });
  return at;
}

const rendering = (context: Record<string, unknown> = {}): Rendering => ({
  name: "jinja2",
  context,
  options: {},
});
const command = (text: string | string[]): ExecRequest["operation"] => ({ kind: "command", text });
const config = (text: string | string[]): ExecRequest["operation"] => ({ kind: "config", text });

describe("templates of a job are rendered before its device is touched", () => {
  test("and what they make is sent line by line", async () => {
    const at = await withTemplates();
    const text = "{% for id in vlans %}vlan {{ id }}\n\n name v{{ id }}\n{% endfor %}";
    const job = await at.submit({ operation: config(text), rendering: rendering({ vlans: [7, 8] }) });
    expect(job.command[0]).toStartWith("{% for id in vlans %}vlan");
    const { outputs } = await at.until(job, "finished");
    expect(outputs?.map(({ command: sent }) => sent)).toEqual(["vlan 7", " name v7", "vlan 8", " name v8"]);
  });

  test("each of a list by itself; one that makes nothing is left out", async () => {
    const at = await withTemplates();
    const texts = ["show {{ what }}", "{% if false %}reload{% endif %}", "show vlan"];
    const job = await at.submit({ operation: command(texts), rendering: rendering({ what: "version" }) });
    const { outputs } = await at.until(job, "finished");
    expect(outputs?.map(({ stdout }) => stdout)).toEqual(["show version\n", "show vlan\n"]);
  });

  test.each([
    ["a fault of the template", "a\n{{ missing }}", "line 2: a value is undefined"],
    ["nothing left to send", "{% if false %}x{% endif %}", "nothing was left to send once it was rendered"],
    ["too many lines", "{% for i in range(6) %}x\n{% endfor %}", "more than 5 lines were rendered"],
    [
      "what the driver does not send",
      "show \u0003\n\u0003",
      "command that was rendered holds a control character",
    ],
  ])("%s ends it", async (_what, text, message) => {
    const at = await withTemplates();
    const job = await at.submit({ operation: command(text), rendering: rendering(), retries: 2 });
    const { job: ended, outputs } = await at.until(job, "failed");
    expect(ended.result).toMatchObject({
      type: "failed",
      error: { type: "TemplateError", retryable: false },
    });
    expect(ended.result?.error?.message).toStartWith(message);
    expect([ended.attempts, outputs, at.log]).toEqual([1, [], []]);
  });

  test("secrets of its context are hidden, also those in what is shown of the template", async () => {
    const at = await withTemplates();
    const context = {
      enable: { password: "do-not-show-1" },
      users: [{ token: "do-not-show-2" }],
      name: "core-1",
    };
    const text = "set {{ enable.password }} {{ users[0].token }} {{ name }} do-not-show-1";
    const job = await at.submit({ operation: config(text), rendering: rendering(context) });
    expect(job.command[0]).toEndWith("{{ name }} ******");
    const { outputs } = await at.until(job, "finished");
    expect(outputs?.map(({ command: sent, stdout }) => [sent, stdout])).toEqual([
      ["set ****** ****** core-1 ******", "set ****** ****** core-1 ******\n"],
    ]);
  });

  test("a warm session outlives a template's fault", async () => {
    const at = await withTemplates();
    await at.until(await at.submit(), "finished");
    await at.until(await at.submit({ operation: command("{{ x }}"), rendering: rendering() }), "failed");
    await at.until(await at.submit({ operation: command("\u0003"), rendering: rendering() }), "failed");
    await at.until(await at.submit(), "finished");
    expect(at.log).toEqual(["connect 1", "run 1", "run 1"]);
  });
});

describe("while its templates are rendered a job", () => {
  const slow = { operation: command("show {{ 'x' }}"), rendering: rendering() };

  test("keeps its lease, and its session may write by the last renewal", async () => {
    const templates = new SlowTemplates();
    const at = await withTemplates(templates);
    const job = await at.submit(slow);
    await at.clock.advance(LEASE.leaseMs * 2);
    expect((await at.view(job)).job.status).toBe("started");
    templates.letGo();
    expect((await at.until(job, "finished")).job.attempts).toBe(1);
  });

  test("is aborted at once", async () => {
    const at = await withTemplates(new SlowTemplates());
    const job = await at.submit(slow);
    await at.engine.cancelJob({ id: job.id, abort: true });
    const { job: ended } = await at.until(job, "failed", 1_000);
    expect(ended.result).toMatchObject({ type: "stopped", error: { type: "JobAborted" } });
    expect(at.log).toEqual([]);
  });

  test("ends with its time", async () => {
    const at = await withTemplates(new SlowTemplates());
    const job = await at.submit({ ...slow, executionTimeout: 5 });
    const { job: ended } = await at.until(job, "failed", 6_000);
    expect(ended.result).toMatchObject({ type: "timeout", error: { type: "TimeoutError" } });
    expect(ended.result?.error?.message).toEndWith("it was having its templates rendered");
  });

  test("is handed back by a node that stops", async () => {
    const at = await world();
    const { node } = await at.addNode("n1", {
      templating: { templates: new SlowTemplates(), maxCommands: 5, maxParsed: 100 },
    });
    const job = await at.submit(slow);
    await at.stopped(node.stop({ ms: 60_000 }));
    expect((await at.view(job)).job.status).toBe("queued");
    await at.addNode("n2", {
      templating: { templates: new DirectTemplates(), maxCommands: 5, maxParsed: 100 },
    });
    await at.until(job, "finished");
  });
});

const textfsm: Parsing = {
  name: "textfsm",
  template:
    'Value WORD (\\w+)\nValue NEXT (\\w+)\n\nStart\n  ^$WORD $NEXT -> Record\n  ^. -> Error "odd line"\n',
  platform: null,
  options: {},
};

describe("what commands print is parsed", () => {
  test("one by one, beside the output itself", async () => {
    const at = await withTemplates();
    const job = await at.submit({
      operation: command(["show version", "?", "show clock"]),
      parsing: textfsm,
    });
    const { outputs, job: ended } = await at.until(job, "finished");
    expect(ended.result).toEqual({ type: "success", error: null });
    expect(outputs?.map(({ stdout, parsed, parseError }) => [stdout, parsed, parseError])).toEqual([
      ["show version\n", [{ WORD: "show", NEXT: "version" }], null],
      ["?\n", null, expect.stringContaining("odd line")],
      ["show clock\n", [{ WORD: "show", NEXT: "clock" }], null],
    ]);
  });

  test("each in a way of its own, where that stands beside it, or not at all", async () => {
    const at = await withTemplates();
    const regex: Parsing = { ...textfsm, name: "regex", template: "(?P<WHAT>\\w+)$" };
    const job = await at.submit({
      operation: {
        kind: "command",
        text: [
          "show version",
          { command: "show clock", parsing: regex },
          { command: "show users", parsing: false },
        ],
      },
      parsing: textfsm,
    });
    const { outputs } = await at.until(job, "finished");
    expect(outputs?.map(({ parsed }) => parsed)).toEqual([
      [{ WORD: "show", NEXT: "version" }],
      [{ WHAT: "clock" }],
      null,
    ]);
  });

  test("each line of a rendered template as its template is to be", async () => {
    const at = await withTemplates();
    const text = [
      { command: "show {{ x }}\nshow clock", parsing: textfsm },
      { command: "{% if false %}x{% endif %}", parsing: textfsm },
      "show users",
    ];
    const job = await at.submit({
      operation: { kind: "command", text },
      rendering: rendering({ x: "vlan" }),
    });
    const { outputs } = await at.until(job, "finished");
    expect(outputs?.map(({ parsed, parseError }) => [parsed, parseError])).toEqual([
      [[{ WORD: "show", NEXT: "vlan" }], null],
      [[{ WORD: "show", NEXT: "clock" }], null],
      [null, null],
    ]);
  });

  test("as far as the device took them, where a later one was refused", async () => {
    const script: Script = async function* (request, context) {
      yield* echoScript(request, context);
      yield { kind: "start", index: 5 };
      yield { kind: "end", index: 5, ok: false, exitStatus: null };
      throw new DeviceError("CommandError", "it was refused");
    };
    const at = await withTemplates(undefined, script);
    const job = await at.submit({ parsing: textfsm });
    const { outputs, job: ended } = await at.until(job, "failed");
    expect(ended.result?.error?.type).toBe("CommandError");
    expect(outputs?.[0]?.parsed).toEqual([{ WORD: "show", NEXT: "version" }]);
  });

  test("not of a run that is tried again", async () => {
    let runs = 0;
    const script: Script = async function* (request, context) {
      yield* echoScript(request, context);
      if (runs++ === 0) throw new DeviceError("ConnectionError", "it went away");
    };
    const templates = new DirectTemplates();
    const at = await withTemplates(templates, script);
    const job = await at.submit({ parsing: textfsm, retries: 1 });
    expect((await at.until(job, "finished")).job.attempts).toBe(2);
    expect(templates.calls).toHaveLength(1);
  });

  test("up to what the records of a job may take", async () => {
    const at = await withTemplates(undefined, echoScript, { maxParsed: 50 });
    const job = await at.submit({ operation: command(["show version", "show clock"]), parsing: textfsm });
    const { outputs } = await at.until(job, "finished");
    expect(outputs?.map(({ parseError }) => parseError)).toEqual([
      null,
      "the records of all commands exceed templates.max_output",
    ]);
  });

  test("by the platform that the session names, and not without one", async () => {
    const templates = new DirectTemplates();
    const seen: unknown[] = [];
    templates.parse = async ({ template }) => {
      seen.push(template);
      return "[]";
    };
    const device: ScriptedDevice = {};
    const at = await withTemplates(templates, echoScript, {}, device);
    const byIndex = { ...textfsm, template: null };
    const unnamed = await at.until(await at.submit({ parsing: byIndex }), "finished");
    expect(unnamed.outputs?.[0]?.parseError).toContain("set parsing.platform");
    await at.until(await at.submit({ parsing: { ...byIndex, platform: "acme" } }), "finished");
    device.platform = "acme_os";
    await at.until(await at.submit({ parsing: byIndex }), "finished");
    expect(seen).toEqual([
      { kind: "command", platform: "acme", command: "show version" },
      { kind: "command", platform: "acme_os", command: "show version" },
    ]);
  });

  test("by the commands as they were sent, which were rendered", async () => {
    const at = await withTemplates();
    const job = await at.submit({
      operation: command("show {{ x }}"),
      rendering: rendering({ x: "version" }),
      parsing: textfsm,
    });
    const { outputs } = await at.until(job, "finished");
    expect(outputs?.[0]).toMatchObject({
      command: "show version",
      parsed: [{ WORD: "show", NEXT: "version" }],
    });
  });

  test("unless the job is aborted over it, or its time is over", async () => {
    const at = await withTemplates(new SlowTemplates());
    const aborted = await at.submit({ parsing: textfsm });
    await at.clock.advance(500);
    expect((await at.view(aborted)).job.status).toBe("started");
    await at.engine.cancelJob({ id: aborted.id, abort: true });
    const { job: ended, outputs } = await at.until(aborted, "failed", 1_000);
    expect([ended.result?.error?.type, outputs?.[0]?.stdout]).toEqual(["JobAborted", "show version\n"]);
    const late = await at.submit({ parsing: textfsm, executionTimeout: 5 });
    const { job: over } = await at.until(late, "failed", 6_000);
    expect(over.result?.error?.message).toEndWith("it was having its output parsed");
  });

  test("as the driver's own arguments ask for it, unless the request does", async () => {
    const at = await withTemplates();
    at.driver.parsing = () => ({ name: "textfsm", template: textfsm.template });
    const { outputs } = await at.until(await at.submit(), "finished");
    expect(outputs?.[0]?.parsed).toEqual([{ WORD: "show", NEXT: "version" }]);
    const own = { ...textfsm, name: "regex", template: "(?P<a>clock|version)" } as const;
    const other = await at.until(await at.submit({ parsing: own }), "finished");
    expect(other.outputs?.[0]?.parsed).toEqual([{ a: "version" }]);
  });
});
