import { expect, test } from "bun:test";
import { encodeFrame } from "../../src/core/output-log.ts";
import { ParsedTexts } from "../../src/engine/parsed-texts.ts";

const MI = 1024 ** 2;
const PIECE = "x".repeat(MI);

/** A session host's log of a command that prints so many million characters. */
function print(texts: ParsedTexts, index: number, pieces: number, ok = true): void {
  texts.add(encodeFrame({ kind: "start", index, at: 0, command: "" }));
  for (let n = 0; n < pieces; n++) {
    texts.add(encodeFrame({ kind: "data", index, stream: "stdout", text: PIECE }));
    texts.add(encodeFrame({ kind: "data", index, stream: "stderr", text: "not this" }));
  }
  texts.add(encodeFrame({ kind: "end", index, ok, exitStatus: null, durationMs: 1 }));
}

const lengths = (texts: ParsedTexts) => texts.texts().map(({ index, text }) => [index, text?.length ?? null]);

test("of commands that are parsed, and that the device took, what they printed is kept", () => {
  const texts = new ParsedTexts(["a", "b", "c"], (index) => index !== 1);
  print(texts, 0, 1);
  print(texts, 1, 1);
  print(texts, 2, 1, false);
  expect(texts.texts()).toEqual([{ index: 0, command: "a", text: PIECE }]);
});

test("a text that no parser takes is not kept either, nor more of all than four of them", () => {
  const texts = new ParsedTexts(["a", "b", "c", "d", "e", "f"], () => true);
  print(texts, 0, 16);
  print(texts, 1, 17);
  for (const index of [2, 3, 4]) print(texts, index, 16);
  print(texts, 5, 1);
  expect(lengths(texts)).toEqual([
    [0, 16 * MI],
    [1, null],
    [2, 16 * MI],
    [3, 16 * MI],
    [4, 16 * MI],
    [5, null],
  ]);
});
