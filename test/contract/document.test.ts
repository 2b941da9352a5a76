import { describe, expect, test } from "bun:test";
import { type Block, blocksOf, DOCUMENT, entriesOf } from "./document.ts";
import { fillIn, PLACEHOLDERS } from "./placeholders.ts";
import { departures, exampleOf } from "./shape.ts";
import type { Cases, Treatments } from "./treatment.ts";
import { CHANGING, STANDING } from "./treatments/all.ts";

test("the document is the user's, byte for byte", () => {
  const sha256 = new Bun.CryptoHasher("sha256").update(DOCUMENT).digest("hex");
  expect(sha256).toBe("bc73a45077b3b353904002dcb875cdaa928d7bec10353d91cf2090452f0b529e");
});

describe("every part of the document is treated", () => {
  test("no code block is overlooked", () => {
    const fences = DOCUMENT.split("\n").filter((line) => /^\s*(```|~~~)/.test(line));
    expect(blocksOf(DOCUMENT)).toHaveLength(fences.length / 2);
    expect(blocksOf(DOCUMENT)).toHaveLength(32);
  });

  test("every code block has a treatment, and every treatment a code block", () => {
    expect(treated(({ blocks }) => blocks)).toEqual(
      blocksOf(DOCUMENT)
        .map(({ key }) => key)
        .toSorted(),
    );
  });

  test("so have the parameters, statuses and queues that tables and lists explain", () => {
    expect(treated(({ entries }) => entries)).toEqual(
      entriesOf(DOCUMENT)
        .map(({ key }) => key)
        .toSorted(),
    );
  });

  test("no treatment is empty", () => {
    for (const table of [STANDING, CHANGING].flatMap(({ blocks, entries }) => [...blocks, ...entries])) {
      for (const cases of Object.values(table)) expect(Object.keys(cases)).not.toBeEmpty();
    }
  });

  test("every placeholder is printed somewhere in the document", () => {
    for (const placeholder of PLACEHOLDERS) expect(DOCUMENT).toContain(placeholder);
  });
});

describe("reading the document", () => {
  const PAGE = [
    "# Page",
    "## A",
    "### B",
    "```sh",
    "# no heading",
    "```",
    "```sh",
    "two",
    "```",
    "## C",
    "```sh",
  ];

  test("blocks are named by the headings above them and counted under each", () => {
    expect(blocksOf([...PAGE, "three", "```"].join("\n"))).toEqual([
      { key: "A › B › sh 1", language: "sh", text: "# no heading\n", line: 4 },
      { key: "A › B › sh 2", language: "sh", text: "two\n", line: 7 },
      { key: "C › sh 1", language: "sh", text: "three\n", line: 11 },
    ] satisfies Block[]);
  });

  test("a block that is never closed is an error", () => {
    expect(() => blocksOf(PAGE.join("\n"))).toThrow("line 11: the code block is never closed");
  });

  test("rows of tables and items of lists are named by what they explain, the header left out", () => {
    const page = [
      "## T",
      "| Name | Type |",
      "|------|------|",
      "| id | string |",
      "",
      "- `busy`: Works",
      "- plain",
    ];
    expect(entriesOf(page.join("\n"))).toEqual([
      { key: "T › id", line: 4 },
      { key: "T › busy", line: 6 },
    ]);
  });
});

describe("putting real values into a block", () => {
  test("a placeholder inside a longer one is left to the longer", () => {
    const values = { "pinned_192.168.1.1": "pinned_a", "192.168.1.1": "b" };
    expect(fillIn("queue=pinned_192.168.1.1 host=192.168.1.1", values)).toBe("queue=pinned_a host=b");
  });

  test("a placeholder without a value is an error", () => {
    expect(() => fillIn("id=job_123456", {})).toThrow("the block prints job_123456");
  });

  test("a value that would change the code around it is an error", () => {
    expect(() => fillIn('"your_key"', { your_key: 'a"b' })).toThrow("would change the code");
  });
});

describe("comparing an answer with an example", () => {
  const example = (text: string) => exampleOf({ text });

  test("a key that is missing, at any depth, is a departure", () => {
    const documented = example('{"data": [{"result": {"type": "success", "error": null}}]}');
    expect(departures(documented, { data: [{ result: { type: "failed" } }] })).toEqual([
      "data.[].result.error: missing",
    ]);
    expect(departures(documented, {})).toEqual(["data: a list is documented, nothing found: undefined"]);
  });

  test("every element of a list is compared", () => {
    const live = [{ name: "a" }, { name: 1 }, {}];
    expect(departures(example('[{"name": "worker_001"}]'), live)).toHaveLength(2);
  });

  test("a time needs an offset", () => {
    const documented = example('"2024-01-01T12:00:00+08:00"');
    expect(departures(documented, "2026-01-01T12:00:00.123+00:00")).toEqual([]);
    for (const wrong of [
      "2026-01-01T12:00:00Z",
      "2026-01-01 12:00:00+00:00",
      "2026-13-01T12:00:00+00:00",
      5,
    ]) {
      expect(departures(documented, wrong)).toHaveLength(1);
    }
  });

  test("a duration may have a fraction, a count may not", () => {
    expect(departures(example("3.0"), 0.25)).toEqual([]);
    expect(departures(example("3.0"), 3)).toEqual([]);
    expect(departures(example("3"), 0.25)).toHaveLength(1);
  });

  test("null is a departure except where it is expected", () => {
    const documented = example('{"worker": "worker_001"}');
    expect(departures(documented, { worker: null })).toHaveLength(1);
    expect(departures(documented, { worker: null }, ["worker"])).toEqual([]);
  });

  test("keys beyond the documented are welcome", () => {
    expect(departures(example('{"code": 200}'), { code: 200, pagination: null })).toEqual([]);
  });

  test("the document's own examples are consistent: all elements of a list look like its first", () => {
    for (const block of blocksOf(DOCUMENT).filter(({ language }) => language === "json")) {
      expect(departures(exampleOf(block), JSON.parse(block.text))).toEqual([]);
    }
  });
});

function treated(tables: (all: Treatments<never>) => Record<string, Cases<never, never>>[]): string[] {
  const all = [...tables(STANDING as Treatments<never>), ...tables(CHANGING as Treatments<never>)];
  return [...new Set(all.flatMap((table) => Object.keys(table)))].toSorted();
}
