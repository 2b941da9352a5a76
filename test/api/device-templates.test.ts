import { describe, expect, test } from "bun:test";
import type { ExecRequest } from "../../src/engine/engine.ts";
import { TestApi, wrongFields } from "./client.ts";

const DEVICE = { driver: "netmiko", connection_args: { host: "192.0.2.1", password: "x" } };
const JINJA = { name: "jinja2", template: "hostname {{ name }}" };

async function understood(body: object) {
  const api = new TestApi();
  const answer = await api.exec({ ...DEVICE, ...body });
  expect(answer.status).toBe(201);
  const [submitted] = api.engine.submitted;
  const { operation, rendering, parsing } = submitted?.request ?? {};
  return { operation, rendering, parsing };
}

describe("what is sent is rendered", () => {
  test("of a template with variables in the place of the config, which count more than those in its context", async () => {
    const rendering = { ...JINJA, context: { name: "a", vlan: 7 }, options: { trim_blocks: true } };
    for (const body of [
      { config: { name: "core-1" }, rendering },
      { config: { name: "core-1" }, options: { rendering } },
    ]) {
      expect(await understood(body)).toEqual({
        operation: { kind: "config", text: "hostname {{ name }}" },
        rendering: { name: "jinja2", context: { name: "core-1", vlan: 7 }, options: { trim_blocks: true } },
        parsing: undefined,
      });
    }
  });

  test("of one template or several in the place of commands", async () => {
    const command = ["show {{ what }}", "show vlan"];
    expect(await understood({ command, rendering: { context: { what: "version" } } })).toMatchObject({
      operation: { kind: "command", text: command },
      rendering: { name: "jinja2", context: { what: "version" }, options: {} },
    });
    expect(await understood({ command: "show clock", rendering: {} })).toMatchObject({
      operation: { kind: "command", text: "show clock" },
      rendering: { context: {} },
    });
  });

  test("with variables of any name", async () => {
    const raw = `{"driver":"netmiko","connection_args":{"host":"192.0.2.1"},"config":{"__proto__":{"a":1},"constructor":2},"rendering":{"template":"x"}}`;
    const api = new TestApi();
    const answer = await api.call("POST", "/device/exec", {
      raw,
      headers: { "content-type": "application/json" },
    });
    expect(answer.status).toBe(201);
    const context = api.engine.submitted[0]?.request.rendering?.context ?? {};
    expect(Object.keys(context)).toEqual(["__proto__", "constructor"]);
  });

  test("of one template for many devices, each with its variables", async () => {
    const api = new TestApi();
    const answer = await api.call("POST", "/device/bulk", {
      body: {
        ...DEVICE,
        rendering: { ...JINJA, context: { domain: "lab" } },
        devices: [
          { host: "192.0.2.1", config: { name: "a" } },
          { host: "192.0.2.2", config: { name: "b" } },
        ],
      },
    });
    expect([answer.status, answer.data.failed]).toEqual([201, []]);
    expect(api.engine.submitted.map(({ request }) => request.rendering?.context)).toEqual([
      { domain: "lab", name: "a" },
      { domain: "lab", name: "b" },
    ]);
  });
});

test("what is printed is parsed", async () => {
  const parsing = { name: "textfsm", platform: "cisco_ios" };
  expect(await understood({ command: "show version", parsing })).toMatchObject({
    rendering: undefined,
    parsing: { name: "textfsm", template: null, platform: "cisco_ios", options: {} },
  });
  const regex = { name: "regex", template: "(?P<a>.)", options: { match: "first" } };
  expect(await understood({ command: "show version", options: { parsing: regex } })).toMatchObject({
    parsing: { name: "regex", template: "(?P<a>.)", platform: null, options: { match: "first" } },
  });
});

test("what one command prints is parsed in a way of its own, or not at all", async () => {
  const own = { name: "regex", template: "(?P<a>.)" } as const;
  const command = [
    "show version",
    { command: "show clock", parsing: own },
    { command: "show users", parsing: false },
    { command: "show vlan", parsing: null, read_timeout: 3 },
  ];
  const text: (ExecRequest["operation"] & { kind: "command" })["text"] = [
    "show version",
    { command: "show clock", parsing: { ...own, platform: null, options: {} } },
    { command: "show users", parsing: false },
    { command: "show vlan", read_timeout: 3 },
  ];
  expect((await understood({ command, parsing: { name: "textfsm" } })).operation).toEqual({
    kind: "command",
    text,
  });
  const api = new TestApi();
  await api.call("POST", "/device/bulk", { body: { ...DEVICE, command, devices: [{ host: "192.0.2.1" }] } });
  expect(api.engine.submitted.map(({ request }) => request.operation)).toEqual([{ kind: "command", text }]);
});

describe("a wrong field is named", () => {
  test.each([
    [{ config: { a: 1 } }, { "body.config": expect.stringContaining("text or a list") }],
    [
      { config: { a: 1 }, rendering: {} },
      { "body.rendering.template": expect.stringContaining("where config is an object") },
    ],
    [
      { config: { a: 1 }, rendering: { template: 7 } },
      { "body.rendering.template": expect.stringContaining("must be the text of a template") },
    ],
    [
      { config: "a", rendering: JINJA },
      { "body.rendering.template": expect.stringContaining("config is a template too") },
    ],
    [
      { config: "a", rendering: { name: "mako" } },
      { "body.rendering.name": expect.stringContaining("jinja2") },
    ],
    [
      { config: "a", rendering: { contxt: {} } },
      { "body.rendering.contxt": expect.stringContaining('did you mean "context"') },
    ],
    [
      { config: "a", rendering: { context: [1] } },
      { "body.rendering.context": expect.stringContaining("object") },
    ],
    [
      { config: { a: 1 }, rendering: { ...JINJA, context: 7 } },
      { "body.rendering.context": expect.stringContaining("object") },
    ],
    [{ config: "a", rendering: "jinja2" }, { "body.rendering": expect.stringContaining("object") }],
    [
      { command: ["a", { command: "b", parsing: { name: "csv" } }] },
      { "body.command.1.parsing.name": expect.stringContaining("textfsm") },
    ],
    [
      { command: [{ command: "b", parsing: true }] },
      { "body.command.0.parsing": "must be an object, or false" },
    ],
    [
      { command: [{ command: "b", parsing: { name: "textfsm", tmplate: "x" } }] },
      { "body.command.0.parsing.tmplate": expect.stringContaining('did you mean "template"') },
    ],
    [{ command: "a", parsing: {} }, { "body.parsing.name": expect.stringContaining("textfsm") }],
    [{ command: "a", parsing: { name: "csv" } }, { "body.parsing.name": expect.stringContaining("textfsm") }],
    [
      { command: "a", options: { parsing: { name: "ttp", template: "" } } },
      { "body.options.parsing.template": expect.stringContaining("template") },
    ],
    [
      { command: "a", config: { b: 1 }, rendering: JINJA },
      { "body.command": expect.stringContaining("exactly one") },
    ],
  ])("in %j", async (body, expected) => {
    const answer = await new TestApi().exec({ ...DEVICE, ...body });
    expect(answer.status).toBe(422);
    expect(wrongFields(answer)).toMatchObject(expected as Record<string, string>);
  });
});
