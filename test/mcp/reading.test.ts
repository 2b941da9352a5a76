import { describe, expect, test } from "bun:test";
import type { Netpulse, OutputChunk, OutputPart } from "../../src/client/index.ts";
import { MAX_TEXT } from "../../src/mcp/cutting.ts";
import { type Reading, readOutput } from "../../src/mcp/reading.ts";

const signal = new AbortController().signal;

/** A log whose parts have so many chunks each. */
function logOf(chunks: OutputChunk[], { partOf = 2, ended = true } = {}): Netpulse {
  const output = async (_id: string, { offset = 0, index }: { offset?: number; index?: number }) => {
    const part = chunks.slice(offset, offset + partOf);
    return {
      chunks: part.filter((chunk) => index === undefined || chunk.index === index),
      next_offset: offset + part.length,
      ended: ended && offset + part.length === chunks.length,
    } satisfies OutputPart;
  };
  return { jobs: { output } } as unknown as Netpulse;
}

const out = (index: number, text: string, stream: "stdout" | "stderr" = "stdout"): OutputChunk => ({
  kind: "output",
  ...{ index, stream, text },
});

/** All of it, part by part. */
async function readAll(client: Netpulse, reading: Omit<Reading, "id">) {
  const pieces: { index: number; text: string }[] = [];
  for (let cursor = reading.cursor; ; ) {
    const read = await readOutput(client, { id: "job_1", ...reading, cursor }, signal);
    const length = read.pieces.reduce((sum, { text }) => sum + text.length, 0);
    expect(length).toBeLessThanOrEqual(MAX_TEXT);
    pieces.push(...read.pieces);
    if (read.next === null) return pieces;
    cursor = read.next;
  }
}

const textOf = (pieces: { text: string }[]) => pieces.map(({ text }) => text).join("");

describe("output", () => {
  const long = Array.from({ length: 9_000 }, (_, n) => `line ${n} 🙂\n`).join("");
  const chunks = [
    ...[out(0, "short\n"), out(0, "oops", "stderr"), out(1, long.slice(0, 50_001))],
    ...[out(1, long.slice(50_001)), out(2, "last\n")],
  ];

  test.each([1, 2, 5])("is read whole, whatever its parts are: %d chunks", async (partOf) => {
    const client = logOf(chunks, { partOf });
    expect(textOf(await readAll(client, { stream: "stdout" }))).toBe(`short\n${long}last\n`);
    expect(textOf(await readAll(client, { stream: "stdout", index: 1 }))).toBe(long);
    expect(await readAll(client, { stream: "stdout", index: 2 })).toEqual([{ index: 2, text: "last\n" }]);
    expect(textOf(await readAll(client, { stream: "stderr" }))).toBe("oops");
  });

  test.each([1, 2, 5])(
    "goes on behind what was shown, over the edges of parts: %d chunks",
    async (partOf) => {
      const client = logOf(chunks, { partOf });
      for (const shown of [0, 1, 24_000, 50_001, 60_000]) {
        const rest = await readAll(client, { stream: "stdout", index: 1, cursor: `0.${shown}` });
        expect(textOf(rest)).toBe(long.slice(shown));
      }
    },
  );

  test("is cut between characters", async () => {
    const client = logOf([out(0, "🙂".repeat(20_000))]);
    const pieces = await readAll(client, { stream: "stdout" });
    for (const { text } of pieces) expect(text.isWellFormed()).toBe(true);
    expect(textOf(pieces)).toBe("🙂".repeat(20_000));
  });

  test("of a job that goes on is read on when there is more", async () => {
    const first = [out(0, "one\n"), out(0, "two\n")];
    const now = await readOutput(logOf(first, { ended: false }), { id: "job_1", stream: "stdout" }, signal);
    expect(now.pieces).toEqual([{ index: 0, text: "one\ntwo\n" }]);
    const later = logOf([...first, out(0, "three\n")]);
    const cursor = now.next ?? undefined;
    expect(await readOutput(later, { id: "job_1", stream: "stdout", cursor }, signal)).toEqual({
      pieces: [{ index: 0, text: "three\n" }],
      next: null,
    });
  });
});

test("parsed records are read as their JSON", async () => {
  const json = JSON.stringify([{ name: "a" }]);
  const chunks: OutputChunk[] = [
    { kind: "parsed", index: 0, json: json.slice(0, 5) },
    { kind: "parsed", index: 0, json: json.slice(5) },
    { kind: "parsed_end", index: 0, parse_error: null },
  ];
  const pieces = await readAll(logOf(chunks), { stream: "parsed", index: 0 });
  expect(JSON.parse(textOf(pieces))).toEqual([{ name: "a" }]);
});
