import { describe, expect, test } from "bun:test";
import { symlinkSync, writeFileSync } from "node:fs";
import { TemplateError } from "../../../src/core/errors.ts";
import { TemplateFolder } from "../../../src/template/folder.ts";
import { JinjaRenderer } from "../../../src/template/jinja/jinja-renderer.ts";
import { PAGE, withMemoryLimit } from "../../../src/template/jinja/memory-limit.ts";
import { run } from "../../support/process.ts";
import { tempDir } from "../../support/tempdir.ts";
import { ours, refusal } from "./support.ts";

describe("a template that has no end in sight is refused:", () => {
  test.each([
    [
      "loops in loops",
      "{% for a in range(99999) %}{% for b in range(99999) %}{{ b }}{% endfor %}{% endfor %}",
      "too many steps",
    ],
    ["a range of a thousand million", "{% for i in range(1000000000) %}{% endfor %}", "too many elements"],
    ["a macro that calls itself", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "recursion limit"],
    ["a long text", "{{ 'a' * 5000000 }}", "makes more than 4194304 characters"],
  ])("%s", (_what, template, reason) => {
    const answer = ours({ template }, { steps: 1_000_000 });
    expect(answer).toEqual({ refused: true, reason: expect.stringContaining(reason) });
  });

  test("includes that include each other", () => {
    const files = { a: "{% include 'b' %}", b: "{% include 'a' %}", c: "{% extends 'c' %}" };
    expect(ours({ template: "{% include 'a' %}", files })).toMatchObject({ refused: true });
    expect(ours({ template: "{% extends 'c' %}", files })).toMatchObject({
      refused: true,
      reason: expect.stringContaining("cycle"),
    });
  });

  test("more others than a template may bring in", () => {
    const names = Array.from({ length: 200 }, (_, n) => `t${n}`);
    const files = Object.fromEntries(names.map((name) => [name, ""]));
    const template = names.map((name) => `{% include '${name}' %}`).join("");
    expect(ours({ template, files })).toMatchObject({
      reason: "the template brings in more than 100 others",
    });
  });
});

describe("nothing outside the template folder is brought in", () => {
  test.each([
    "'../secret'",
    "'/etc/hostname'",
    "'dir/../../secret'",
    "'file:///etc/hostname'",
    "name",
    "'link'",
  ])("by %s", (named) => {
    using outside = tempDir("outside");
    writeFileSync(outside.file("secret"), "not to be seen");
    using folder = tempDir("templates");
    symlinkSync(outside.file("secret"), folder.file("link"));
    const renderer = new JinjaRenderer({ folder: new TemplateFolder(folder.path) });
    const rendered = (tag: string) =>
      renderer.render({
        template: { kind: "inline", text: `{% ${tag} %}` },
        context: { name: `../${outside.path.split("/").at(-1)}/secret` },
      });
    for (const tag of [`include ${named}`, `extends ${named}`, `import ${named} as x`])
      expect(() => rendered(tag)).toThrow(TemplateError);
    if (named !== "'link'") expect(rendered(`include ${named} ignore missing`)).toBe("");
  });

  test("without one no template is", () => {
    expect(refusal("{% include 'x' %}")).toContain("there is no template folder");
  });
});

test("a template names its file and line, and others by file", () => {
  using folder = tempDir("templates");
  writeFileSync(folder.file("main.j2"), "a\n{{ missing }}");
  writeFileSync(folder.file("broken.j2"), "a\nb\n{% if %}");
  const renderer = new JinjaRenderer({ folder: new TemplateFolder(folder.path) });
  const render = (path: string) => renderer.render({ template: { kind: "file", path }, context: {} });
  expect(() => render("main.j2")).toThrow("main.j2, line 2: a value is undefined");
  writeFileSync(folder.file("main.j2"), "{% include 'broken.j2' %}");
  expect(() => render("main.j2")).toThrow(/^broken\.j2, line 3: syntax error/);
  writeFileSync(folder.file("broken.j2"), "fine");
  expect(render("main.j2")).toBe("fine");
});

test("what one rendering was told is unknown to the next", () => {
  const renderer = new JinjaRenderer({ folder: null });
  const render = (text: string, options = {}) =>
    renderer.render({ template: { kind: "inline", text }, context: {}, options });
  expect(render("{{ x }}", { undefined: "lenient" })).toBe("");
  expect(() => render("{{ [1]|upper }}")).toThrow("where text is needed");
  expect(() => render("{{ x }}")).toThrow("a value is undefined");
  expect(render("fine")).toBe("fine");
});

test("the engine's memory has a limit, beyond which it is of no more use", async () => {
  const script = `
    import { JinjaRenderer } from "${import.meta.dir}/../../../src/template/jinja/jinja-renderer.ts";
    const renderer = new JinjaRenderer({ folder: null, limits: { memory: ${64 * 1024 ** 2} } });
    const render = (text) => renderer.render({ template: { kind: "inline", text }, context: { n: 100000000 } }).length;
    try { console.log(render("{{ 'a' * n }}")) } catch (error) { console.log(error.name) }
    console.log(process.memoryUsage.rss() < ${1024 ** 3});`;
  const { stdout } = await run([process.execPath, "-e", script]);
  expect(stdout).toBe("RuntimeError\ntrue\n");
});

test("a module without a memory to limit is refused", () => {
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  expect(() => withMemoryLimit(empty, 1)).toThrow("has no memory");
  const small = Uint8Array.of(...empty, 5, 3, 1, 0, 1);
  const limited = new WebAssembly.Module(withMemoryLimit(small, 300));
  expect(WebAssembly.Module.exports(limited)).toEqual([]);
  expect([...withMemoryLimit(small, 300)]).toEqual([...empty, 5, 5, 1, 1, 1, 0xac, 2]);
  expect(PAGE).toBe(65_536);
});
