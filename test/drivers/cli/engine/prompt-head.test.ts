import { expect, test } from "bun:test";
import { PromptHead } from "../../../../drivers/cli/engine/prompt-head.ts";

const junos = () => new PromptHead(/^(?:\{\w{1,16}\})?(?:\[edit.{0,200}\])?$/);

test("what stands above a prompt is no output, nor is the blank line above it", () => {
  const head = junos();
  expect(head.filter("one\n\ntwo\n\n{master}\n[edit interfaces]\n")).toBe("one\n\ntwo\n");
  expect(head.drop()).toBe("");
});

test("the same lines are output when something follows them", () => {
  const head = junos();
  expect(head.filter("[edit]\n")).toBe("");
  expect(head.filter("  'system'\n")).toBe("[edit]\n  'system'\n");
  expect(head.drop()).toBe("");
});

test("without such a line, blank ones above a prompt are output", () => {
  const head = junos();
  expect(head.filter("one\n\n")).toBe("one\n");
  expect(head.drop()).toBe("\n");
});

test("nothing is lost when no prompt comes", () => {
  const head = junos();
  head.filter("\n[edit]\n");
  expect(head.release()).toBe("\n[edit]\n");
  expect(head.release()).toBe("");
});

test("a device that prints blank lines without end is not held back", () => {
  const head = junos();
  expect(head.filter("\n".repeat(1000))).toBe("\n".repeat(992));
  expect(head.filter("\n")).toBe("\n");
});

test("where prompts have no such lines, all is output at once", () => {
  expect(new PromptHead(null).filter("\n[edit]\n")).toBe("\n[edit]\n");
});
