import { describe, expect, test } from "bun:test";
import { made, one, parse, refused } from "./support.ts";

const PORTS = '<group name="p*">\nport {{ port }}\n</group>';
const many = (count: number, line: string) => line.repeat(count);

describe("more than may be is refused", () => {
  test("of a template and its regexes", () => {
    expect(refused(() => parse(PORTS, "", { limits: { template: 20 } }))).toBe(
      "the template is longer than 20 characters",
    );
    const lines = many(50, "aaaaaaaaaaaaaaaaaaaa {{ x }}\n");
    expect(refused(() => parse(lines, "", { limits: { regexes: 500 } }))).toBe(
      "line 10: the regexes of the template are longer than 500 characters",
    );
  });

  test("of a text, its matches and its records", () => {
    expect(refused(() => parse(PORTS, many(3, "port 1\n"), { limits: { text: 20 } }))).toBe(
      "the text is longer than 20 characters",
    );
    expect(refused(() => parse(PORTS, many(11, "port 1\n"), { limits: { records: 10 } }))).toBe(
      "the text makes more than 10 records",
    );
    const rows = '<group name="p">\nport {{ port }}\n{{ row | _line_ }}\n</group>';
    expect(refused(() => parse(rows, `port 1\n${many(101, "x\n")}`, { limits: { records: 10 } }))).toBe(
      "the text has more than 50 matches",
    );
    expect(
      refused(() => parse(rows, `port 1\n${many(50, "xxxxxxxxx\n")}`, { limits: { result: 300 } })),
    ).toBe("the matches hold more than 300 characters");
  });

  test("of what defaults and tables put into records", () => {
    const long = "x".repeat(2000);
    const defaults = `<group name="p*">\nport {{ port }}\n{{ more | set("${long}") }}\n</group>`;
    expect(refused(() => parse(defaults, many(20, "port 1\n"), { limits: { result: 30_000 } }))).toBe(
      "the records hold more than 30000 characters",
    );
    const table = `<lookup name="t" load="json">{"1": "${long}"}</lookup>\n<group name="p*">\nport {{ port | lookup("t") }}\n</group>`;
    expect(refused(() => parse(table, many(20, "port 1\n"), { limits: { result: 30_000 } }))).toBe(
      "the matches hold more than 30000 characters",
    );
  });

  test("of what functions make of a text", () => {
    const limits = { result: 100_000 };
    const grown = (functions: string) =>
      refused(() => parse(`port {{ port | ${functions} }}`, `port ${"a".repeat(1000)}\n`, { limits }));
    const long = "b".repeat(1000);
    expect(grown(`replace("a", "${long}")`)).toContain("a value becomes longer than 100000 characters");
    expect(grown(`replaceall("${long}", "a")`)).toContain("a value becomes longer than 100000 characters");
    expect(grown(`resub("a", "${long}", 0)`)).toContain("a value becomes longer than 100000 characters");
    expect(grown(`replace("", "${long}")`)).toContain("a value becomes longer than 100000 characters");
    expect(grown(`sformat("${many(200, "{}")}")`)).toContain("a value becomes longer than 100000 characters");
    expect(refused(() => made('unrange("-", ",")', "1-999999999"))).toBe(
      "line 3: unrange: the ranges have more than 100000 items",
    );
  });

  test("of what paths are made of", () => {
    const path = (times: number) =>
      `<group name="p.${many(times, "{{ port }}")}">\nport {{ port }}\n</group>`;
    const text = `port ${"a".repeat(10_000)}\n`;
    expect(refused(() => parse(path(2000), text, { limits: { result: 100_000 } }))).toBe(
      "a value becomes longer than 100000 characters",
    );
    expect(refused(() => parse(path(5), text.repeat(3), { limits: { result: 100_000 } }))).toBe(
      "the records hold more than 100000 characters",
    );
  });

  test("of steps of regexes, with the lines of the template and of the text", () => {
    const template = `port {{ port }}\n a {{ x | re("(a*)(a*)(a*)(a*)\\\\2\\\\3\\\\4b") }}`;
    const text = `port 1\n a ${"a".repeat(300)}\n`;
    expect(refused(() => parse(template, text, { limits: { steps: 200_000 } }))).toBe(
      "line 2: the regexes take too many steps, last on input line 2",
    );
    const searched = `port {{ port | contains_re("(a|aa)+(a|aa)+\\1\\2$") }}`;
    expect(
      refused(() => parse(searched, `port ${"a".repeat(200)}b\n`, { limits: { steps: 10_000 } })),
    ).toContain("the regexes take too many steps");
  });

  test("of work that functions do", () => {
    const functions = many(150, "| upper ");
    const template = `<group name="p*">\nport {{ port ${functions} }}\n</group>`;
    const text = many(200, `port ${"a".repeat(1000)}\n`);
    expect(refused(() => parse(template, text, { limits: { steps: 2_000_000 } }))).toBe(
      "line 2: upper: the functions take too many steps",
    );
    const names = Array.from({ length: 2000 }, (_, at) => `n${at}`).join(", ");
    const group = `<group name="p*" excludeall="${names}">\nport {{ port }}\n</group>`;
    expect(refused(() => parse(group, many(2000, "port 1\n"), { limits: { steps: 2_000_000 } }))).toBe(
      "line 1: excludeall: the functions take too many steps",
    );
  });
});

describe("nesting is bounded", () => {
  test("of tags, groups in regexes, values and paths", () => {
    expect(refused(() => parse(many(40, '<group name="a">\n'), ""))).toBe(
      "line 31: tags are nested more than 30 deep",
    );
    expect(refused(() => parse(`a {{ a | re("${"(".repeat(200)}${")".repeat(200)}") }}`, ""))).toContain(
      "groups are nested more than 100 deep",
    );
    expect(refused(() => parse(`<vars>\na = ${"[".repeat(5000)}\n</vars>`, ""))).toBe(
      "line 2: values are nested more than 30 deep",
    );
    const deep = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;
    for (const loader of ["json", "yaml"]) {
      expect(refused(() => parse(`<vars load="${loader}">${deep}</vars>`, ""))).toMatch(/nested|not valid/);
    }
    expect(refused(() => parse(`<group name="${"a.".repeat(60)}b">\na {{ a }}\n</group>`, ""))).toBe(
      "line 1: a path has more than 50 items",
    );
    const names = '<group name="a.a.a.a.a.a.a.a.a.a">\nx {{ x }}\n';
    expect(refused(() => parse(names.repeat(6) + "</group>\n".repeat(6), ""))).toBe(
      "line 11: a path has more than 50 items",
    );
  });

  test("of chains, which could double with each step", () => {
    const chains = Array.from(
      { length: 9 },
      (_, at) => `c${at} = "chain('c${at + 1}') | chain('c${at + 1}')"`,
    ).join("\n");
    const vars = `<vars>\n${chains}\nc9 = ["upper", "upper"]\nloop = "chain('loop')"\n</vars>\n`;
    const chained = (name: string) => `${vars}<group name="x">\na {{ a | chain('${name}') }}\n</group>`;
    expect(refused(() => parse(chained("loop"), ""))).toContain("chains are nested more than 10 deep");
    expect(refused(() => parse(chained("c0"), ""))).toContain("a variable has more than 200 functions");
  });

  test("of YAML's aliases, which could become millions of values", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let at = 1; at < 9; at++)
      lines.push(
        `a${at}: &a${at} [${Array(10)
          .fill(`*a${at - 1}`)
          .join(", ")}]`,
      );
    expect(
      refused(() => parse(`<vars load="yaml">\n${lines.join("\n").replaceAll("&", "&amp;")}\n</vars>`, "")),
    ).toContain("Excessive aliasing");
    const flat = `<vars load="json">{"a": [${many(100_000, "1,")}1]}</vars>`;
    expect(refused(() => parse(flat, ""))).toBe("line 1: the data holds too many values");
  });
});

describe("what a device prints", () => {
  test("is no template, path, regex or name of a variable", () => {
    const template = `<vars>
secret = "kept"
</vars>
<group name="p.{{ port }}">
port {{ port }}
 name {{ name | re(".+") }}
 {{ note | _line_ | joinmatches }}
</group>`;
    const text = "port {{secret}}\n name {{ secret }} <b>&amp; \\1 (.*\n secret\n $& $1 %s\n";
    expect(one(template, text)).toEqual({
      p: { "{{secret}}": { name: "{{ secret }} <b>&amp; \\1 (.*", note: "secret\n$& $1 %s" } },
    });
  });

  test("may be a very long line, or very many", () => {
    const template = '<group name="p*">\nport {{ port }}\n {{ rest | _line_ }}\n</group>';
    const long = "x".repeat(2_000_000);
    expect(one(template, `port 1\n ${long}\n`)).toEqual({ p: [{ port: "1", rest: long }] });
    const found = one(PORTS, many(50_000, "port 1\nnothing\n")) as { p: unknown[] };
    expect(found.p.length).toBe(50_000);
  });

  test("may be blanks without end", () => {
    const blanks = " ".repeat(200_000);
    expect(one("port {{ port | PHRASE }} up", `port a${blanks}b\n${blanks}\n`)).toEqual({});
    expect(made("uptimeparse", `1 day,${blanks}x`)).toBe(`1 day,${blanks}x`);
    expect(made("strip | split | join('-')", `a${blanks}b`)).toBe("a-b");
  });
});

test("records do not share what a template brings", () => {
  const joined = '<group name="p*">\nport {{ port }}\n x {{ x | let([1]) | joinmatches }}\n</group>';
  expect(one(joined, "port 1\n x a\n x b\nport 2\n x c\n")).toEqual({
    p: [
      { port: "1", x: [1, 1] },
      { port: "2", x: [1] },
    ],
  });
  const nested = `<lookup name="t" load="json">{"a": {"n": 1}}</lookup>
<group name="p*">
port {{ port | lookup("t", add_field="at") }}
 <group name="at**">
 x {{ x }}
 </group>
</group>`;
  expect(one(nested, "port a\n x 1\nport a\n")).toEqual({
    p: [
      { port: "a", at: { n: 1, x: "1" } },
      { port: "a", at: { n: 1 } },
    ],
  });
});
