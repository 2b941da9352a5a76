import { expect, test } from "bun:test";
import { AnswerReader, type AnswerState } from "../../src/webhook/answer.ts";

function read(text: string, size = 7): { states: AnswerState[]; status: number } {
  const reader = new AnswerReader();
  const states: AnswerState[] = [];
  for (let at = 0; at < text.length; at += size) {
    states.push(reader.take(Buffer.from(text.slice(at, at + size), "latin1")));
  }
  return { states, status: reader.status };
}

test.each([
  ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "over"],
  ["HTTP/1.1 204 No Content\r\n\r\n", 204, "over"],
  ["HTTP/1.0 500\r\n\r\nwhatever", 500, "known"],
  ["HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", 200, "known"],
  [
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 202 \r\ncontent-length:0\r\n\r\n",
    202,
    "over",
  ],
  ["HTTP/2 200\r\n\r\n", 0, "wrong"],
  ["SSH-2.0-OpenSSH\r\n", 0, "wrong"],
  ["HTTP/1.1 abc\r\n\r\n", 0, "wrong"],
  [`HTTP/1.1 200 OK\r\nA: ${"x".repeat(20_000)}`, 0, "wrong"],
  [`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(70_000)}`, 200, "over"],
  ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", 0, "none"],
] as const)("of %.40s… the status is %d, and it is %s", (text, status, last) => {
  for (const size of [1, 7, 100_000]) {
    const { states, status: found } = read(text, size);
    expect([found, states.at(-1)]).toEqual([status, last]);
  }
});
