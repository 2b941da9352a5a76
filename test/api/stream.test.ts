import { expect, test } from "bun:test";
import fc from "fast-check";
import { bodyOf, jsonPieces } from "../../src/api/stream.ts";

const PIECE = 256 * 1024;

test("the pieces together are the JSON of the value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) =>
      expect([...jsonPieces(value)].join("")).toBe(JSON.stringify(value)),
    ),
  );
  expect([...jsonPieces({ a: undefined, b: [], c: {} })].join("")).toBe('{"b":[],"c":{}}');
});

test("no piece is long, however long the text, and no character is torn", () => {
  const text = `${"x".repeat(PIECE - 1)}😀${'"\\\n'.repeat(PIECE)}😀`;
  const pieces = [...jsonPieces({ text })];
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(6 * PIECE);
  expect(JSON.parse(pieces.join(""))).toEqual({ text });
});

test("as a body they arrive whole, made as they are taken", async () => {
  const text = "😀".repeat(PIECE);
  let made = 0;
  function* counted() {
    for (const piece of jsonPieces([text, text, text])) {
      made++;
      yield piece;
    }
  }
  const reader = bodyOf(counted()).getReader();
  const first = await reader.read();
  expect(made).toBeLessThan(6);
  const chunks = [first.value ?? new Uint8Array()];
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual([text, text, text]);
});
