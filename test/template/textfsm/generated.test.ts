import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { compareTextFsm } from "../support/compare.ts";
import { templates, texts } from "../support/templates.ts";

describe("a generated template makes the records of python3-textfsm, or is refused as there", () => {
  test.each([1, 2, 3])("seed %d", async (seed) => {
    const question = fc.record({ template: templates, text: texts });
    const answers = await compareTextFsm(fc.sample(question, { numRuns: 3000, seed }));
    const tables = answers.filter((answer) => "rows" in answer);
    expect(tables.length).toBeGreaterThan(300);
    expect(tables.filter(({ rows }) => rows.length > 1).length).toBeGreaterThan(60);
    expect(
      answers.filter((answer) => "refused" in answer && answer.refused === "text").length,
    ).toBeGreaterThan(5);
    expect(
      answers.filter((answer) => "refused" in answer && answer.refused === "template").length,
    ).toBeGreaterThan(300);
  });
});
