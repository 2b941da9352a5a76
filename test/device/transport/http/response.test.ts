import { expect, test } from "bun:test";
import fc from "fast-check";
import { DeviceError } from "../../../../src/core/errors.ts";
import { type HttpResponse, ResponseReader } from "../../../../src/device/transport/http/response.ts";

const MAX = 1000;

function read(text: string, size: number, ends = false): HttpResponse | null {
  const reader = new ResponseReader(MAX);
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length; at += size) {
    const response = reader.feed(bytes.subarray(at, at + size));
    if (response !== null) return response;
  }
  return ends ? reader.end() : null;
}

const OK = "HTTP/1.1 200 OK\r\n";

test.each<[string, string, string, boolean]>([
  ["a length", `${OK}Content-Length: 5\r\n\r\nhello`, "hello", true],
  ["a length of none", `${OK}Content-Length: 0\r\n\r\n`, "", true],
  [
    "chunks",
    `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x\r\nlo\r\n0\r\nT: 1\r\n\r\n`,
    "hello",
    true,
  ],
  ["no body", "HTTP/1.1 204 No Content\r\n\r\n", "", true],
  [
    "an interim answer before it",
    `HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 2\r\n\r\nhi`,
    "hi",
    true,
  ],
  ["no more after it", `${OK}Connection: close\r\nContent-Length: 2\r\n\r\nhi`, "hi", false],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi", false],
  ["an end by the connection's", `${OK}\r\nhello`, "hello", false],
])("an answer with %s, however it is cut", (_what, text, body, keepAlive) => {
  for (const size of [1, 2, 3, 7, 1000]) {
    const response = read(text, size, true);
    expect(Buffer.from(response?.body ?? []).toString()).toBe(body);
    expect(response?.keepAlive).toBe(keepAlive);
  }
});

test.each([
  ["a length", `${OK}Content-Length: 1001\r\n\r\n`],
  ["chunks", `${OK}Transfer-Encoding: chunked\r\n\r\n3e8\r\n${"a".repeat(1000)}\r\n1\r\n`],
  ["no length", `${OK}\r\n${"a".repeat(1001)}`],
])("a body that is too long by %s is an OutputLimit", (_what, text) => {
  for (const size of [1, 7, 10_000]) {
    expect(() => read(text, size)).toThrow(expect.objectContaining({ type: "OutputLimit" }));
  }
});

test("whatever comes, it is read, refused or waited for, however it is cut", () => {
  const piece = fc.constantFrom(
    ...[
      OK,
      "HTTP/1.1 100 \r\n",
      "Content-Length: 3\r\n",
      "Content-Length: x\r\n",
      "Transfer-Encoding: chunked\r\n",
    ],
    ...["\r\n", "3\r\n", "abc", "0\r\n", "ffffffffffff\r\n", ":\r\n", "\0", "HTTP/9"],
  );
  const outcome = (text: string, size: number) => {
    try {
      const response = read(text, size, true);
      return response === null ? "waits" : [response.status, Buffer.from(response.body).toString()];
    } catch (error) {
      expect(error).toBeInstanceOf(DeviceError);
      return "refused";
    }
  };
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), (pieces, size) => {
      const [whole, cut] = [outcome(pieces.join(""), 10_000), outcome(pieces.join(""), size)];
      // What follows an answer is refused with it, where both come at once.
      if (whole !== "refused") expect(cut).toEqual(whole);
    }),
    { numRuns: 1000 },
  );
});
