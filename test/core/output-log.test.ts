import { expect, test } from "bun:test";
import {
  collectOutputs,
  decodeFrames,
  encodeFrame,
  encodeParsed,
  type OutputFrame,
} from "../../src/core/output-log.ts";

const FRAMES: OutputFrame[] = [
  { kind: "start", index: 0, at: 1000, command: "show version" },
  { kind: "data", index: 0, stream: "stdout", text: "IOS\nline \u{1F600}\n" },
  { kind: "data", index: 0, stream: "stderr", text: "warn" },
  { kind: "end", index: 0, ok: true, exitStatus: 0, durationMs: 12.5 },
  { kind: "parsed", index: 0, json: '[{"VERSION":"15.2",' },
  { kind: "parsed", index: 0, json: '"":null}]' },
  { kind: "parsed_end", index: 0, size: 28, error: null },
  { kind: "start", index: 1, at: 1012, command: "show clock" },
  { kind: "data", index: 1, stream: "stdout", text: "12:00" },
];

test("a log decodes to the frames that were written", () => {
  expect(decodeFrames(FRAMES.map(encodeFrame).join(""))).toEqual(FRAMES);
});

test("outputs hold one entry per command; one that was interrupted has no verdict", () => {
  const [first, second] = collectOutputs(FRAMES.map(encodeFrame).join(""));
  expect(first).toEqual({
    command: "show version",
    stdout: "IOS\nline \u{1F600}\n",
    stderr: "warn",
    exitStatus: 0,
    ok: true,
    startedAt: 1000,
    durationMs: 12.5,
    parsed: [{ VERSION: "15.2", "": null }],
    parseError: null,
  });
  expect(second).toMatchObject({ command: "show clock", stdout: "12:00", ok: null, durationMs: null });
});

test("records are written in pieces, and a parser may fail", () => {
  const start = encodeFrame({ kind: "start", index: 0, at: 1, command: "a" });
  const records = [{ a: '\n"\u{1F600}'.repeat(10_000) }];
  const log = encodeParsed(0, JSON.stringify(records));
  for (const line of log.split("\n")) expect(Buffer.byteLength(line)).toBeLessThan(64 * 1024);
  expect(collectOutputs(start + log)).toMatchObject([{ parsed: records, parseError: null }]);
  const failed = encodeFrame({ kind: "parsed_end", index: 0, size: 0, error: "line 3: no" });
  expect(collectOutputs(start + failed)).toMatchObject([{ parsed: null, parseError: "line 3: no" }]);
  expect(collectOutputs(start)).toMatchObject([{ parsed: null, parseError: null }]);
  const part = log.slice(log.indexOf("\n") + 1);
  expect(collectOutputs(start + part)).toMatchObject([
    { parsed: null, parseError: expect.stringContaining("GET /job/{id}/output") },
  ]);
});

test("a log cut anywhere still shows every whole frame before the cut", () => {
  const log = FRAMES.map(encodeFrame).join("");
  for (let cut = 0; cut <= log.length; cut++) {
    const whole = log.slice(0, cut).split("\n").length - 1;
    expect(decodeFrames(log.slice(0, cut))).toEqual(FRAMES.slice(0, whole));
  }
});
