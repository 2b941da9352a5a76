import { expect, test } from "bun:test";
import fc from "fast-check";
import { DO, IAC, SB, SE, WILL } from "../../../../src/device/transport/telnet/codes.ts";
import { TelnetDecoder } from "../../../../src/device/transport/telnet/decoder.ts";

type Heard = string | { verb: number; option: number } | { option: number; parameters: number[] };

/** What is heard, with neighbouring data put together: how it is cut does not matter. */
function decode(chunks: readonly Uint8Array[], binary = false): Heard[] {
  const heard: Heard[] = [];
  const decoder = new TelnetDecoder({
    binary,
    onData(bytes) {
      const text = Buffer.from(bytes).toString("latin1");
      const last = heard.at(-1);
      if (typeof last === "string") heard[heard.length - 1] = last + text;
      else heard.push(text);
    },
    onVerb: (verb, option) => heard.push({ verb, option }),
    onSubnegotiation: (option, parameters) => heard.push({ option, parameters: [...parameters] }),
  });
  for (const chunk of chunks) decoder.decode(chunk);
  return heard;
}

const one = (...parts: (string | number)[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === "number" ? [part] : [...Buffer.from(part, "latin1")])),
  );

test.each<[string, Uint8Array, Heard[]]>([
  ["text alone", one("show version\r\n"), ["show version\r\n"]],
  ["a verb between text", one("a", IAC, WILL, 1, "b"), ["a", { verb: WILL, option: 1 }, "b"]],
  ["an option of 255", one(IAC, DO, 255, "b"), [{ verb: DO, option: 255 }, "b"]],
  ["a doubled 255", one("a", IAC, IAC, "b"), ["a\xffb"]],
  ["parameters", one(IAC, SB, 24, 1, IAC, SE, "b"), [{ option: 24, parameters: [1] }, "b"]],
  [
    "a doubled 255 in parameters",
    one(IAC, SB, 31, IAC, IAC, 0, IAC, SE),
    [{ option: 31, parameters: [255, 0] }],
  ],
  ["parameters broken off by a verb", one(IAC, SB, 24, 1, IAC, DO, 3, "b"), [{ verb: DO, option: 3 }, "b"]],
  ["NOP, GA and a data mark", one("a", IAC, 241, IAC, 249, IAC, 242, "b"), ["ab"]],
  ["CR NUL and CR LF", one("a\r\0b\r\n\0c"), ["a\rb\r\n\0c"]],
  ["an IAC whose data mark was urgent", one("a", IAC, "b"), ["ab"]],
])("%s", (_what, bytes, heard) => {
  expect(decode([bytes])).toEqual(heard);
  expect(decode([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(heard);
});

test("byte by byte a NUL after a CR is one", () => {
  expect(decode([one("a\r\0b")], true)).toEqual(["a\r\0b"]);
});

test("endless parameters are skipped, not kept", () => {
  const junk = new Uint8Array(1_000_000).fill(65);
  expect(decode([one(IAC, SB, 24), junk, one(IAC, SE, "b")])).toEqual(["b"]);
});

/** Bytes that mean something to Telnet more often than others. */
const stream = fc.array(
  fc.oneof(fc.constantFrom(IAC, SB, SE, WILL, DO, 0, 13, 10, 24, 241, 242), fc.integer({ min: 0, max: 255 })),
  { maxLength: 200 },
);

test("whatever comes, how it is cut changes nothing", () => {
  fc.assert(
    fc.property(stream, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (bytes, sizes) => {
      const chunks: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        chunks.push(Uint8Array.from(bytes.slice(at, at + size)));
        at += size;
      }
      expect(decode(chunks)).toEqual(decode([Uint8Array.from(bytes)]));
    }),
    { numRuns: 500 },
  );
});

test("whatever text is sent comes out again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const escaped = Uint8Array.from([...bytes].flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte])));
      const text = Buffer.from(bytes).toString("latin1");
      expect(decode([escaped], true)).toEqual(text === "" ? [] : [text]);
    }),
  );
});
