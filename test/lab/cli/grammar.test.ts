import { describe, expect, test } from "bun:test";
import { Grammar } from "../../../src/lab/cli/grammar.ts";
import { commonTypes } from "../../../src/lab/cli/params.ts";
import { expandSyntax } from "../../../src/lab/cli/syntax.ts";

const syntaxes = [
  "show version",
  "show vlan",
  "show ip interface brief",
  "show ip interface <name:word>",
  "configure terminal",
  "description <text:line>",
  "duplex {auto|full|half}",
  "ip address <address:ip> <mask:ip> [secondary]",
  "mtu <bytes:int 64-9216>",
  "exit",
];
const grammar = new Grammar(
  syntaxes.map((syntax) => ({ syntax })),
  commonTypes,
);

describe("a line is understood", () => {
  test.each([
    ["show version", "show version", {}],
    ["sh ver", "show version", {}],
    ["  SHOW   VERSION  ", "show version", {}],
    ["sh ip int bri", "show ip interface brief", {}],
    ["sh ip int eth0", "show ip interface eth0", { name: "eth0" }],
    ["desc  a | b  c ", "description a | b  c", { text: "a | b  c" }],
    ["dup f", "duplex full", {}],
    [
      "ip addr 10.0.0.1 255.0.0.0 sec",
      "ip address 10.0.0.1 255.0.0.0 secondary",
      { address: "10.0.0.1", mask: "255.0.0.0" },
    ],
    ["mtu 0064", "mtu 64", { bytes: "64" }],
  ])("%j as %j", (line, words, args) => {
    const match = grammar.match(line);
    if (match.kind !== "ok") throw new Error(match.kind);
    expect([match.words.join(" "), match.args]).toEqual([words, args]);
  });

  test.each([
    ["no description", "description", true],
    ["no ip address", "ip address", true],
    ["no ip", "ip", false],
    ["no duplex", "duplex", true],
  ])("%s, without its values: %s is enough: %p", (line, _name, enough) => {
    expect(grammar.match(line, "no ".length, true).kind).toBe(enough ? "ok" : "incomplete");
  });

  test("the words that name a setting end before its values", () => {
    const named = (line: string) => {
      const match = grammar.match(line);
      return match.kind === "ok" ? match.words.slice(0, match.named).join(" ") : match.kind;
    };
    expect(named("duplex full")).toBe("duplex");
    expect(named("ip address 10.0.0.1 255.0.0.0")).toBe("ip address");
    expect(named("description x")).toBe("description");
  });
});

describe("a line is refused", () => {
  test.each([
    ["shop", "invalid", 3],
    ["show version now", "invalid", 13],
    ["show vexsion", "invalid", 7],
    ["mtu 63", "invalid", 4],
    ["mtu 99999999999", "invalid", 4],
    ["ip address 10.0.0.256 255.0.0.0", "invalid", 11],
    ["show v", "ambiguous", 5],
    ["show", "incomplete", 4],
    ["ip address 10.0.0.1", "incomplete", 19],
    ["", "incomplete", 0],
  ] as const)("%j is %s at %p", (line, kind, at) => {
    expect(grammar.match(line)).toEqual({ kind, at });
  });
});

describe("what may follow", () => {
  const words = (line: string) => grammar.candidates(line, 0, {}).map(({ word }) => word);

  test.each([
    ["", ["configure", "description", "duplex", "exit", "ip", "mtu", "show"]],
    ["show v", ["version", "vlan"]],
    ["show ip interface ", ["brief", "WORD"]],
    ["ip address 10.0.0.1 255.0.0.0 ", ["secondary", "<cr>"]],
    ["mtu ", ["<64-9216>"]],
    ["bogus ", []],
  ])("%j: %p", (line, expected) => {
    expect(words(line)).toEqual(expected);
  });
});

describe("a syntax", () => {
  test("stands for every way through its brackets", () => {
    const lines = expandSyntax("a [b [c]] {d|e} <f:word>").map((pieces) =>
      pieces.map((piece) => (piece.kind === "word" ? piece.word : `<${piece.name}>`)).join(" "),
    );
    expect(lines).toEqual(["a d <f>", "a e <f>", "a b d <f>", "a b e <f>", "a b c d <f>", "a b c e <f>"]);
  });

  test.each(["a [b", "a b]", "<word>"])("%j is not one", (syntax) => {
    expect(() => expandSyntax(syntax)).toThrow();
  });

  test("with a type nobody knows is refused when the grammar is built", () => {
    expect(() => new Grammar([{ syntax: "a <b:nonsense>" }], commonTypes)).toThrow("no such parameter type");
  });
});
