import { describe, expect, test } from "bun:test";
import { TemplateError } from "../../src/core/errors.ts";
import { TemplatesBusyError, templateSource } from "../../src/template/templates.ts";
import { type Answer, TestApi, wrongFields } from "./client.ts";

const api = new TestApi();
const post = (path: string, body: unknown): Promise<Answer> => api.call("POST", path, { body });

describe("POST /template/render", () => {
  const JINJA = { name: "jinja2", template: "hostname {{ name }}\n", context: { name: "core-1" } };

  test("answers with the text, whoever names the renderer", async () => {
    const { name: _name, ...unnamed } = JINJA;
    for (const answer of [
      await post("/template/render", JINJA),
      await post("/template/render/jinja2", unnamed),
      await post("/template/render/jinja2", JINJA),
      await post("/template/render", { ...JINJA, options: null }),
    ]) {
      expect([answer.status, answer.data]).toEqual([200, "hostname core-1"]);
    }
    expect(api.templates.calls.at(-1)).toMatchObject({ patient: false, lane: expect.any(String) });
  });

  test("takes Jinja2's options", async () => {
    const options = { keep_trailing_newline: true };
    expect((await post("/template/render", { ...JINJA, options })).data).toBe("hostname core-1\n");
    const lenient = { name: "jinja2", template: "a{{ b }}", options: { undefined: "lenient" } };
    expect((await post("/template/render", lenient)).data).toBe("a");
  });

  test.each([
    [{ template: "x" }, { "body.name": "is required: jinja2" }],
    [{ name: "jinja2" }, { "body.template": "is required" }],
    [{ ...JINJA, name: "mako" }, { "body.name": expect.stringContaining("jinja2") }],
    [{ ...JINJA, context: [] }, { "body.context": expect.stringContaining("object") }],
    [{ ...JINJA, options: { trim: true } }, { "body.options.trim": expect.stringContaining("unknown") }],
    [{ ...JINJA, template: "a\n{{ secret_name }}" }, { "body.template": "line 2: a value is undefined" }],
    [
      { ...JINJA, template: "{% if %}" },
      { "body.template": expect.stringContaining("line 1: syntax error") },
    ],
    [
      { ...JINJA, template: "file:///etc/passwd" },
      { "body.template": expect.stringContaining("no template folder") },
    ],
    [[], { body: "must be an object" }],
  ])("refuses %j", async (body, expected) => {
    const answer = await post("/template/render", body);
    expect([answer.status, wrongFields(answer)]).toEqual([422, expected as Record<string, string>]);
  });

  test("names what there is where the path names what there is not", async () => {
    const answer = await post("/template/render/jinja", JINJA);
    expect([answer.status, answer.message]).toEqual([
      404,
      "there is no such renderer; did you mean jinja2? there are jinja2",
    ]);
  });
});

describe("POST /template/parse", () => {
  const TEXT = "Et1 up\nEt2 down\n";
  test.each([
    [
      "textfsm",
      "Value PORT (\\S+)\nValue STATE (\\S+)\n\nStart\n  ^$PORT $STATE -> Record",
      [
        { PORT: "Et1", STATE: "up" },
        { PORT: "Et2", STATE: "down" },
      ],
    ],
    [
      "ttp",
      "{{ port }} {{ state }}",
      [
        [
          [
            { port: "Et1", state: "up" },
            { port: "Et2", state: "down" },
          ],
        ],
      ],
    ],
    [
      "regex",
      "^(?P<port>\\S+) (?P<state>\\S+)",
      [
        { port: "Et1", state: "up" },
        { port: "Et2", state: "down" },
      ],
    ],
  ])("answers with what %s makes of the text", async (name, template, expected) => {
    for (const answer of [
      await post("/template/parse", { name, template, context: TEXT }),
      await post(`/template/parse/${name}`, { template, context: TEXT }),
    ]) {
      expect([answer.status, answer.data]).toEqual([200, expected]);
      expect(answer.envelope).toEqual({ code: 200, message: "success", data: expected });
    }
  });

  test("takes each parser's options", async () => {
    const regex = { name: "regex", template: "^(?P<port>\\S+)", context: TEXT, options: { match: "first" } };
    expect((await post("/template/parse", regex)).data).toEqual([{ port: "Et1" }]);
    const ttp = {
      name: "ttp",
      template: "{{ port }} up",
      context: TEXT,
      options: { structure: "flat_list", vars: { a: 1 } },
    };
    expect((await post("/template/parse", ttp)).data).toEqual([{ port: "Et1" }]);
  });

  const REGEX = { name: "regex", template: "(?P<a>.)", context: "x" };
  test.each([
    [{ ...REGEX, context: undefined }, { "body.context": expect.stringContaining("is required") }],
    [{ ...REGEX, template: null }, { "body.template": "is required" }],
    [
      { name: "textfsm", context: "x", platform: "cisco_ios" },
      { "body.template": expect.stringContaining("platform and command") },
    ],
    [{ ...REGEX, platform: "cisco_ios" }, { "body.platform": expect.stringContaining("leave out") }],
    [
      { ...REGEX, name: "ttp", command: "show version" },
      { "body.command": expect.stringContaining("leave out") },
    ],
    [
      { ...REGEX, template: "(?P<a>(" },
      { "body.template": expect.stringContaining("the regex is not valid") },
    ],
    [
      { name: "textfsm", context: "x", platform: "cisco_ios", command: "show version" },
      { "body.template": expect.stringContaining("no template folder") },
    ],
  ])("refuses %j", async (body, expected) => {
    const answer = await post("/template/parse", body);
    expect([answer.status, wrongFields(answer)]).toEqual([422, expected as Record<string, string>]);
  });

  test("refuses two names", async () => {
    const answer = await post("/template/parse/ttp", REGEX);
    expect(wrongFields(answer)).toEqual({ "body.name": "is another one than in the path; leave it out" });
    expect((await post("/template/parse/csv", REGEX)).status).toBe(404);
  });
});

test("a template that there is not is a 404, and too many at once a 429", async () => {
  api.templates.refuse = new TemplateError("the template a.j2 is not in the template folder", {
    notFound: true,
  });
  const missing = await post("/template/render/jinja2", { template: "a.j2" });
  expect([missing.status, missing.message]).toEqual([404, "the template a.j2 is not in the template folder"]);
  api.templates.refuse = new TemplatesBusyError();
  const busy = await post("/template/render/jinja2", { template: "a" });
  expect([busy.status, busy.headers.get("retry-after")]).toEqual([429, "1"]);
});

test("a client that goes away ends its work", async () => {
  const client = new AbortController();
  const options = { body: { template: "a" }, signal: client.signal };
  await api.call("POST", "/template/render/jinja2", options);
  const { signal } = api.templates.calls.at(-1) ?? {};
  expect(signal?.aborted).toBe(false);
  client.abort();
  expect(signal?.aborted).toBe(true);
});

test.each([
  ["jinja2", "vlan.j2", "file"],
  ["jinja2", "cisco/vlan.jinja2", "file"],
  ["jinja2", "/templates/interface.j2", "file"],
  ["jinja2", "FILE:///templates/x", "file"],
  ["jinja2", "show version", "inline"],
  ["jinja2", "{{ name }}.j2", "inline"],
  ["jinja2", "no shutdown\ninterface.txt", "inline"],
  ["textfsm", "show_version.textfsm", "file"],
  ["textfsm", "Value A (.)\n\nStart\n", "inline"],
  ["ttp", "interfaces.ttp", "file"],
  ["ttp", "interface {{ name }}", "inline"],
  ["ttp", "<group>", "inline"],
  ["regex", "version.regex", "file"],
  ["regex", "(?P<a>.)", "inline"],
] as const)("for %s %p is taken for a template that is %s", (name, text, kind) => {
  expect(templateSource(name, text).kind).toBe(kind);
});
