import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  DO,
  DONT,
  IAC,
  SB,
  SE,
  type Verb,
  WILL,
  WONT,
} from "../../../../src/device/transport/telnet/codes.ts";
import { encodeTyped } from "../../../../src/device/transport/telnet/encode.ts";
import { Negotiation } from "../../../../src/device/transport/telnet/options.ts";

const ECHO = 1;
const SGA = 3;
const TTYPE = 24;
const NAWS = 31;
const BINARY = 0;
const LINEMODE = 34;

function negotiation() {
  const sent: number[][] = [];
  const look = { term: "vt100", cols: 511, rows: 1000 };
  return { sent, it: new Negotiation(look, (bytes) => sent.push([...bytes])) };
}

describe("options", () => {
  test("it asks for nothing by itself", () => {
    expect(negotiation().sent).toEqual([]);
  });

  test.each([
    ["the device may echo", WILL, ECHO, DO],
    ["the device may suppress go-ahead", WILL, SGA, DO],
    ["so do we", DO, SGA, WILL],
    ["bytes may be bytes from there", WILL, BINARY, DO],
    ["and from here", DO, BINARY, WILL],
    ["we tell our terminal's type", DO, TTYPE, WILL],
    ["we never echo", DO, ECHO, WONT],
    ["we have no line mode", DO, LINEMODE, WONT],
    ["nor may the device", WILL, LINEMODE, DONT],
    ["nor tell its window's size", WILL, NAWS, DONT],
    ["an option nobody knows", DO, 255, WONT],
  ] as const)("%s", (_what, verb, option, answer) => {
    const { it, sent } = negotiation();
    it.onVerb(verb, option);
    expect(sent).toEqual([[IAC, answer, option]]);
  });

  test("the window's size follows at once, with a byte of 255 doubled", () => {
    const { it, sent } = negotiation();
    it.onVerb(DO, NAWS);
    expect(sent).toEqual([
      [IAC, WILL, NAWS],
      [IAC, SB, NAWS, 1, IAC, IAC, 3, 232, IAC, SE],
    ]);
  });

  test("the terminal's type is told when it is asked for, and only once it was agreed on", () => {
    const { it, sent } = negotiation();
    it.onSubnegotiation(TTYPE, [1]);
    expect(sent).toEqual([]);
    it.onVerb(DO, TTYPE);
    it.onSubnegotiation(TTYPE, [1]);
    expect(sent.at(-1)).toEqual([IAC, SB, TTYPE, 0, ...Buffer.from("vt100"), IAC, SE]);
    it.onSubnegotiation(TTYPE, [0, 65]);
    it.onSubnegotiation(NAWS, [1]);
    expect(sent).toHaveLength(2);
  });

  test("what changes nothing is not answered, what takes something back is, once", () => {
    const { it, sent } = negotiation();
    for (const verb of [WILL, WILL, WONT, WONT, WILL] as const) it.onVerb(verb, ECHO);
    expect(sent).toEqual([
      [IAC, DO, ECHO],
      [IAC, DONT, ECHO],
      [IAC, DO, ECHO],
    ]);
    it.onVerb(DONT, SGA);
    expect(sent).toHaveLength(3);
  });

  test("whatever is asked, no verb has more than one answer", () => {
    const verb = fc.constantFrom<Verb[]>(WILL, WONT, DO, DONT);
    const asked = fc.array(fc.tuple(verb, fc.integer({ min: 0, max: 255 })), { maxLength: 100 });
    fc.assert(
      fc.property(asked, (verbs) => {
        const { it, sent } = negotiation();
        for (const [each, option] of verbs) it.onVerb(each, option);
        const answers = sent.filter(([, each]) => each !== SB);
        expect(answers.length).toBeLessThanOrEqual(verbs.length);
        expect(answers.every(([, each, option]) => each !== WILL || option !== ECHO)).toBe(true);
      }),
    );
  });
});

test.each([
  ["show version\n", false, "show version\r\n"],
  ["show version\r\n", false, "show version\r\n"],
  ["show version\r", false, "show version\r\0"],
  ["show version\n", true, "show version\r"],
  ["show version\r\n", true, "show version\r"],
  ["show version\r", true, "show version\r"],
  ["\x1e\x03", false, "\x1e\x03"],
  ["é", false, "Ã©"],
])("%j, byte by byte: %p", (text, binary, sent) => {
  expect(Buffer.from(encodeTyped(text, binary)).toString("latin1")).toBe(sent);
});
