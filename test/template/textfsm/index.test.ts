import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { TemplateError } from "../../../src/core/errors.ts";
import { TemplateFolder } from "../../../src/template/folder.ts";
import type { TemplateSource } from "../../../src/template/parser.ts";
import { TextFsmParser } from "../../../src/template/textfsm/textfsm-parser.ts";
import { tempDir } from "../../support/tempdir.ts";
import { askPython } from "../support/oracle.ts";

const INDEX = `
# Template, Hostname, Platform, Command
Template, Hostname, Platform, Command # the columns

ports.textfsm:speeds.textfsm, .*, acme, sh[[ow]] po[[rts]]
lab_ports.textfsm, lab-\\d+, acme_lab, show ports
ports.textfsm, , (?i:acme)_x, show ports( all)?$
ports.textfsm, .*, with, too, many commas
# ports.textfsm, .*, remark, show ports
rows.textfsm:speeds.textfsm, .*, rows, show ports
ports.textfsm:other.textfsm, .*, unkeyed, show ports
plain_a.textfsm:plain_b.textfsm, .*, plain, show ports
missing.textfsm, .*, missing, show ports
broken.textfsm, .*, broken, show ports
`;

const FILES: Record<string, string> = {
  index: INDEX,
  "ports.textfsm":
    "Value Key,Required PORT (\\S+)\nValue STATE (up|down)\n\nStart\n  ^$PORT $STATE -> Record\n",
  "lab_ports.textfsm": "Value PORT (\\S+)\n\nStart\n  ^$PORT -> Record\n",
  "speeds.textfsm":
    "Value Key PORT (\\S+)\nValue SPEED (\\d+)\nValue List TAGS (\\w+)\n\nStart\n  ^$PORT \\w+ $SPEED $TAGS -> Record\n",
  "rows.textfsm": "Value STATE (up|down)\n\nStart\n  ^\\S+ $STATE -> Record\n",
  "other.textfsm": "Value NOTE (\\w+)\n\nStart\n  ^\\S+ $NOTE -> Record\n",
  "plain_a.textfsm": "Value FIRST (\\S+)\n\nStart\n  ^$FIRST -> Record\n",
  "plain_b.textfsm": "Value SECOND (\\d+)\n\nStart\n  ^.*?$SECOND\\b -> Record\n  ^. -> Record\n",
  "broken.textfsm": "Value PORT (\\S+)\n\nStart\n  ^$PORT -> Elsewhere\n",
};

const TEXT = "e1 up 100 core\ne2 down\ne3 up 10 edge\ne1 up 5 again\n";

const folder = tempDir("templates");
afterAll(() => folder.remove());
let parser: TextFsmParser;
beforeAll(() => {
  for (const [name, text] of Object.entries(FILES)) writeFileSync(folder.file(name), text);
  parser = new TextFsmParser({ folder: new TemplateFolder(folder.path) });
});

interface Reply {
  header?: string[];
  rows?: unknown[][];
  refused?: true;
}

function ours(source: TemplateSource): Reply {
  try {
    const { header, rows } = parser.table(source, TEXT);
    return { header, rows };
  } catch (error) {
    if (error instanceof TemplateError) return { refused: true };
    throw error;
  }
}

const CASES: [platform: string, command: string, hostname?: string][] = [
  ["acme", "show ports"],
  ["acme", "sh po"],
  ["acme", "sho port"],
  ["acme", "s po"],
  ["acme_lab", "show ports", "lab-1"],
  ["acme_lab", "show ports", "core-1"],
  ["acme_lab", "show ports"],
  ["ACME_x", "show ports"],
  ["ACME_x", "show ports all"],
  ["ACME_x", "show ports some"],
  ["remark", "show ports"],
  ["with", "too"],
  ["plain", "show ports"],
  ["rows", "show ports"],
  ["unkeyed", "show ports"],
  ["missing", "show ports"],
  ["broken", "show ports"],
  ["nobody", "show ports"],
];

describe("by platform and command, templates are found and merged as by textfsm's clitable", () => {
  test("for every row, first come first served", async () => {
    const questions = CASES.map(([Platform, Command, Hostname]) => ({
      folder: folder.path,
      attributes: { Platform, Command, ...(Hostname === undefined ? {} : { Hostname }) },
      text: TEXT,
    }));
    const theirs = await askPython<object, Reply & { reason?: string }>("clitable_oracle.py", questions);
    const mine = CASES.map(([platform, command, hostname]) =>
      ours({ kind: "command", platform, command, ...(hostname === undefined ? {} : { hostname }) }),
    );
    expect(mine).toEqual(theirs.map(({ reason: _, ...reply }) => reply));
    expect(mine.map(({ rows }) => rows?.length ?? null)).toEqual([
      4,
      4,
      4,
      null,
      4,
      4,
      4,
      4,
      4,
      null,
      null,
      null,
      4,
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  test("rows get the columns of the first row of the second template that has their keys", () => {
    expect(
      parser.parse({ template: { kind: "command", platform: "acme", command: "show ports" }, text: TEXT }),
    ).toEqual([
      { port: "e1", state: "up", speed: "100", tags: ["core"] },
      { port: "e2", state: "down", speed: "", tags: "" },
      { port: "e3", state: "up", speed: "10", tags: ["edge"] },
      { port: "e1", state: "up", speed: "100", tags: ["core"] },
    ]);
  });

  test("what has no key in common is refused", () => {
    for (const platform of ["rows", "unkeyed"]) {
      expect(() => parser.table({ kind: "command", platform, command: "show ports" }, TEXT)).toThrow(
        "the key PORT is not a value of every template",
      );
    }
  });

  test("an error names the file and its line", () => {
    expect(() => parser.table({ kind: "command", platform: "broken", command: "show ports" }, TEXT)).toThrow(
      "broken.textfsm, line 4: there is no state Elsewhere",
    );
    expect(() => parser.table({ kind: "command", platform: "nobody", command: "x" }, TEXT)).toThrow(
      "the index has no template for this platform and command",
    );
  });
});

describe("an index", () => {
  function find(index: string): () => unknown {
    const other = tempDir("index");
    try {
      mkdirSync(other.file("templates"));
      writeFileSync(other.file("index"), index);
      writeFileSync(other.file("one.textfsm"), FILES["lab_ports.textfsm"] ?? "");
      const parser = new TextFsmParser({ folder: new TemplateFolder(other.path) });
      const rows = parser.table({ kind: "command", platform: "acme", command: "show" }, "x").rows;
      return () => rows;
    } catch (error) {
      return () => {
        throw error;
      };
    } finally {
      other.remove();
    }
  }

  test("may have other columns, and fits what it has no column for", () => {
    expect(find("Vendor,Template\nacme,one.textfsm\n")()).toEqual([["x"]]);
  });

  test.each([
    ["Hostname,Platform\n", "index, line 1: the index has no column Template"],
    ["\nTemplate,Command,Command\n", "index, line 2: a column is named twice"],
    ["", "index: the index has no column Template"],
    [
      "Template,Command\none.textfsm,sh[ow\n",
      "index, line 2: the regex is not valid: unterminated character set at position 2",
    ],
  ])("%j is refused", (index, reason) => {
    expect(find(index)).toThrow(reason);
  });

  test("is read again once it has changed", () => {
    const template: TemplateSource = { kind: "command", platform: "late", command: "show" };
    expect(() => parser.table(template, "x")).toThrow("no template");
    writeFileSync(folder.file("index"), `${INDEX}lab_ports.textfsm, .*, late, show\n`);
    expect(parser.table(template, "x").rows).toEqual([["x"]]);
  });
});

test("a template by file has its names as they are written", () => {
  expect(parser.parse({ template: { kind: "file", path: "lab_ports.textfsm" }, text: "e1" })).toEqual([
    { PORT: "e1" },
  ]);
});

test("without a folder, templates come inline only", () => {
  const inline = new TextFsmParser({ folder: null });
  const text = FILES["lab_ports.textfsm"] ?? "";
  expect(inline.parse({ template: { kind: "inline", text }, text: "e1" })).toEqual([{ PORT: "e1" }]);
  expect(() => inline.parse({ template: { kind: "file", path: "a" }, text: "e1" })).toThrow(
    "there is no template folder; set templates.dir, or give the template inline",
  );
});
