import { describe, expect, test } from "bun:test";
import { TemplateError } from "../../../src/core/errors.ts";
import { DEFAULT_LIMITS, type Limits } from "../../../src/template/limits.ts";
import { runTemplate } from "../../../src/template/textfsm/run.ts";
import { compileTemplate } from "../../../src/template/textfsm/template.ts";

function refused(template: string, text: string, limits: Partial<Limits> = {}): string {
  const all = { ...DEFAULT_LIMITS, ...limits };
  try {
    runTemplate(compileTemplate(template, all), text, all);
  } catch (error) {
    expect(error).toBeInstanceOf(TemplateError);
    return (error as TemplateError).message;
  }
  throw new Error("it was accepted");
}

const ONE = "Value A (\\S*)\n\nStart\n  ^$A -> Record\n";

describe("more than may be is refused", () => {
  test("of a template", () => {
    expect(refused(ONE, "", { template: 20 })).toBe("the template is longer than 20 characters");
  });

  test("of what values make of rules", () => {
    const template = `Value A (${"a".repeat(1000)})\n\nStart\n${"  ^$A\n".repeat(4)}${`  ^${"$A".repeat(90_000)}\n`}`;
    expect(refused(template, "", { regexes: 10_000 })).toBe(
      "line 8: the regexes of the template are too long with their values put in",
    );
  });

  test("of a text", () => {
    expect(refused(ONE, "x".repeat(101), { text: 100 })).toBe("the text is longer than 100 characters");
  });

  test("of records", () => {
    expect(refused(ONE, "x\n".repeat(11), { records: 10 })).toBe("the text makes more than 10 records");
  });

  test("of what is filled down", () => {
    const template = "Value Filldown A (x+)\nValue B (\\d)\n\nStart\n  ^$A\n  ^$B -> Record\n";
    const text = `${"x".repeat(1000)}\n${"1\n".repeat(200)}`;
    expect(refused(template, text, { result: 100_000 })).toBe("the records hold more than 100000 characters");
  });

  test("of what is filled up", () => {
    const template = "Value Fillup A (x+)\nValue B (\\d)\n\nStart\n  ^$A\n  ^$B -> Record\n";
    const text = `${"1\n".repeat(200)}${"x".repeat(1000)}\n`;
    expect(refused(template, text, { result: 100_000 })).toBe("the records hold more than 100000 characters");
  });

  test("of a List that is kept and recorded again and again", () => {
    const template = "Value List,Filldown A (.)\n\nStart\n  ^$A -> Record\n";
    expect(refused(template, "x\n".repeat(3000), { result: 1_000_000 })).toBe(
      "the records hold more than 1000000 characters",
    );
  });

  test("of steps, with the rule and the line where they ran out", () => {
    const template = "Value A ((a*)(a*)(a*)(a*)\\3\\4\\5b)\n\nStart\n  ^x\n  ^$A\n";
    expect(refused(template, `x\n${"a".repeat(300)}\n`, { steps: 200_000 })).toBe(
      "line 5: the regexes take too many steps, last on input line 2",
    );
  });

  test("of steps in a List's own regex", () => {
    const template = "Value List A ((?P<k>a)((?:a|b|ab)*)\\2?c?)\n\nStart\n  ^$A\n";
    expect(refused(template, "a".repeat(2000), { steps: 5000 })).toContain("take too many steps");
  });
});

test("a reason is cut where a template makes it long", () => {
  expect(refused(`Value ${"x".repeat(10_000)} A (.)\n\nStart\n`, "").length).toBeLessThan(600);
});

test("a List that is kept and never recorded costs no more for it", () => {
  const template = "Value List,Filldown A (.)\nValue Required B (z)\n\nStart\n  ^$A -> Record\n";
  const text = "x\n".repeat(200_000);
  expect(runTemplate(compileTemplate(template, DEFAULT_LIMITS), text, DEFAULT_LIMITS).rows).toEqual([]);
});

test("rules that send a line from state to state take it once", () => {
  const template = "Value A (x)\n\nStart\n  ^x -> Two\n\nTwo\n  ^x -> Start\n";
  const table = runTemplate(compileTemplate(template, DEFAULT_LIMITS), "x\nx\nx", DEFAULT_LIMITS);
  expect(table.rows).toEqual([]);
});

test("names that JavaScript knows are names like others", () => {
  const template =
    "Value __proto__ (a)\nValue List constructor ((?P<toString>b)(c))\n\nStart\n  ^$__proto__(?:)$constructor\n";
  const table = runTemplate(compileTemplate(template, DEFAULT_LIMITS), "abc", DEFAULT_LIMITS);
  expect(table.rows).toEqual([["a", [{ toString: "b" }]]]);
});
