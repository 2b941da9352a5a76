import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { TemplateFolder } from "../../../src/template/folder.ts";
import { TtpParser } from "../../../src/template/ttp/ttp-parser.ts";
import { tempDir } from "../../support/tempdir.ts";
import { one, parse } from "./support.ts";

/** Expected results follow TTP's documentation, whose page each block names. */
describe("Template Tag", () => {
  const two = `<template name="a">
<group name="p">
port {{ port }}
</group>
</template>
<template name="b">
<group name="v">
vlan {{ vlan }}
</group>
</template>`;

  test("several templates parse the same text, one after the other", () => {
    expect(parse(two, "port 1\nvlan 2\n")).toEqual([[{ p: { port: "1" } }], [{ v: { vlan: "2" } }]]);
    expect(parse(`<template>\n${two}\n</template>`, "port 1\n")).toEqual([[{ p: { port: "1" } }], [{}]]);
  });

  test("results come as a dictionary by the templates' names, or as one flat list", () => {
    expect(parse(two, "port 1\nvlan 2\n", { structure: "dictionary" })).toEqual({
      a: [{ p: { port: "1" } }],
      b: [{ v: { vlan: "2" } }],
    });
    expect(parse(two, "port 1\nvlan 2\n", { structure: "flat_list" })).toEqual([
      { p: { port: "1" } },
      { v: { vlan: "2" } },
    ]);
    expect(
      parse("<group>\nport {{ port }}\n</group>", "port 1\nport 2\n", { structure: "flat_list" }),
    ).toEqual([{ port: "1" }, { port: "2" }]);
  });

  const inputs = (results: string, name: string) => `<template results="${results}">
<input load="text">
port 1
</input>
<input load="text">
port 2
port 3
</input>
<group ${name}>
port {{ port }}
</group>
</template>`;

  test("results=per_input gives a result for each input", () => {
    expect(parse(inputs("per_input", 'name="p"'), "")).toEqual([
      [{ p: { port: "1" } }, { p: [{ port: "2" }, { port: "3" }] }],
    ]);
  });

  test("results=per_template gives one for all", () => {
    const ports = [{ port: "1" }, { port: "2" }, { port: "3" }];
    expect(parse(inputs("per_template", 'name="p"'), "")).toEqual([{ p: ports }]);
    expect(parse(inputs("per_template", ""), "")).toEqual([ports]);
  });
});

describe("Inputs", () => {
  test("the request's text is the input of groups that name none", () => {
    const template = `<input name="own" load="text">
port 1
</input>
<group name="a" input="own">
port {{ port }}
</group>
<group name="b">
port {{ port }}
</group>`;
    expect(parse(template, "port 2\n")).toEqual([[{ a: { port: "1" } }, { b: { port: "2" } }]]);
  });

  test("an input may name the groups that it is for", () => {
    const template = `<input name="own" load="text" groups="b">
port 1
</input>
<group name="a">
port {{ port }}
</group>
<group name="b">
port {{ port }}
</group>`;
    expect(parse(template, "")).toEqual([[{ b: { port: "1" } }]]);
  });
});

describe("Template Variables", () => {
  test("are read from Python's literals, JSON, YAML, INI and CSV, and go into the results by name", () => {
    const template = `<vars name="v">
# literals alone
one = ['a', "b" 'c', r"\\d"]  # a comment
two = {
  "x": (1, -2.5, True, None),
}
</vars>
<vars load="json" name="v">{"three": [1, {"y": null}]}</vars>
<vars load="yaml" name="v">
  four:
    - z: 1
</vars>
<variables load="ini" name="v.ini">
[five]
key : a = b
   and more
Other = 100%%
</variables>
<v load="csv" name="v.csv" key="id">
name,id
ann,1
</v>
<group name="p">
port {{ port }}
</group>`;
    expect(one(template, "port 1\n")).toEqual({
      p: { port: "1" },
      v: {
        one: ["a", "bc", "\\d"],
        two: { x: [1, -2.5, true, null] },
        three: [1, { y: null }],
        four: [{ z: 1 }],
        ini: { five: { key: "a = b\nand more", Other: "100%" } },
        csv: { "1": { name: "ann" } },
      },
    });
  });

  test("a path may have formatters and variables; what is recorded counts", () => {
    const template = `<vars name="info.{{ host }}.ip*">
host = "r1"
last = "none"
</vars>
<group name="p">
port {{ port | record("last") }}
</group>`;
    expect(one(template, "port 1\n")).toEqual({ p: { port: "1" }, info: { r1: { ip: [{ last: "1" }] } } });
  });

  test("come from the caller as well, and the template's own count more", () => {
    const template =
      "<vars>\na = 'own'\n</vars>\n<group name='p' set=\"'a'\" functions=\"set('b')\">\nport {{ port }}\n</group>";
    expect(one(template, "port 1\n", { vars: { a: "given", b: [1] } })).toEqual({
      p: { port: "1", a: "own", b: [1] },
    });
  });

  test.each([
    ["r1#show version", "r1"],
    ["r1(config-if)# no shut", "r1"],
    ["r1>show", "r1"],
    ["RP/0/RP0/CPU0:xr-1#show", "xr-1"],
    ["admin@mx-1> show", "mx-1"],
    ["<hw-1>display", "hw-1"],
    ["[hw-1-GE0]display", "hw-1-GE0"],
    ["*A:sr-1>config# info", "sr-1"],
    ["fw-1 (global) # get", "fw-1"],
  ])("gethostname finds it in the prompt %j (Template Variables/Getters)", (prompt, hostname) => {
    const template = "<vars>\nh = 'gethostname'\n</vars>\n<group name='{{ h }}'>\nport {{ port }}\n</group>";
    expect(one(template, `first line\n${prompt}\nport 1\n`)).toEqual({ [hostname]: { port: "1" } });
  });
});

describe("Outputs/Functions", () => {
  const group = '<group name="a.b.{{ port }}">\nport {{ port }} {{ state }}\n</group>\n';
  const text = "port 1 up\nport 2 down\n";

  test("traverse gives what is at a path", () => {
    expect(parse(`${group}<output traverse="path='a.b'"/>`, text)).toEqual([
      [{ "1": { state: "up" }, "2": { state: "down" } }],
    ]);
    expect(parse(`${group}<output traverse="'a.x', strict=False"/>`, text)).toEqual([[{}]]);
  });

  test("dict_to_list makes a list of a dictionary", () => {
    expect(parse(`${group}<output dict_to_list="key_name='id', path='a.b'"/>`, text)).toEqual([
      [
        [
          { state: "up", id: "1" },
          { state: "down", id: "2" },
        ],
      ],
    ] as never);
  });

  test("several functions run in their order, and a condition says whether they run", () => {
    const output = (value: string) =>
      `<vars>\non = 'yes'\n</vars>\n${group}<output condition="on, '${value}'" functions="traverse('a') | traverse('b')"/>`;
    expect(parse(output("yes"), text)).toEqual([[{ "1": { state: "up" }, "2": { state: "down" } }]]);
    expect(parse(output("no"), text)).toMatchObject([[{ a: { b: {} } }]]);
  });

  test("is_equal compares the results with the output's own data", () => {
    const output = (state: string) =>
      `${group}<output name="o" description="d" load="json" is_equal="">[{"a": {"b": {"1": {"state": "${state}"}}}}]</output>`;
    const verdict = (state: string) => parse(output(state), "port 1 up\n");
    expect(verdict("up")).toEqual([{ is_equal: true, output_description: "d", output_name: "o" }]);
    expect(verdict("down")).toMatchObject([{ is_equal: false }]);
  });

  test("an output that a group names is for its results alone", () => {
    const template = `${group.replace(">", ' output="o">')}<group name="c">\nport {{ p }} up\n</group>\n<output name="o" traverse="'a.b'"/>`;
    expect(parse(template, text)).toEqual([
      [[{ c: { p: "1" } }, { "1": { state: "up" }, "2": { state: "down" } }]],
    ] as never);
  });
});

test("outputs of groups and results=per_template go together", () => {
  const template = `<template results="per_template">
<input load="text">
port 1 up
</input>
<input load="text">
port 2 down
</input>
<group name="a" output="o">
port {{ port }} {{ ignore }}
</group>
<group name="b">
port {{ ignore }} {{ state }}
</group>
<output name="o" traverse="'a'"/>
</template>`;
  expect(parse(template, "")).toEqual([
    [{ b: { state: "up" } }, { port: "1" }, { b: { state: "down" } }, { port: "2" }],
  ]);
});

test("a template comes from a file of the folder, whose name errors have", () => {
  const folder = tempDir("ttp");
  try {
    writeFileSync(folder.file("ports.ttp"), "port {{ port }}\n");
    writeFileSync(folder.file("bad.ttp"), "port {{ port }}\nport\n");
    const parser = new TtpParser({ folder: new TemplateFolder(folder.path) });
    const file = (path: string) => parser.parse({ template: { kind: "file", path }, text: "port 1\n" });
    expect(file("ports.ttp")).toEqual([[{ port: "1" }]]);
    expect(() => file("bad.ttp")).toThrow("bad.ttp, line 2: the line has no {{ variable }}");
  } finally {
    folder.remove();
  }
});

test("line ends of Windows count as others", () => {
  expect(one("port {{ port | _line_ }}\r\n", "port 1 a\r\nport\r\n")).toEqual({ port: "1 a" });
});
