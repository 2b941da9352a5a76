import { describe, expect, test } from "bun:test";
import { nameOf, parseMoved, parseSlots, slotOfTag } from "../../../src/storage/redis/connection-slots.ts";

const asked = { host: "10.0.0.1", port: 7000 };
const id = Buffer.from("07c37dfeb235213a872192d90877d0cd55635b91");

describe("slotOfTag", () => {
  // What CLUSTER KEYSLOT answers for them.
  test.each([
    ["123456789", 12739],
    ["netpulse:0", 10079],
    ["ü", 9552],
    ["", 0],
  ])("of %j is %d", (tag, slot) => {
    expect(slotOfTag(tag)).toBe(slot);
  });
});

describe("parseSlots", () => {
  test("reads ranges with their masters and replicas", () => {
    const reply = [
      [0, 8191, [Buffer.from("10.0.0.2"), 7001, id, []], [Buffer.from("::1"), 7002, id, []]],
      [8192, 16383, [Buffer.from("node3.example"), 7003, id, []]],
    ];
    expect(parseSlots(reply, asked)).toEqual([
      {
        first: 0,
        last: 8191,
        master: { host: "10.0.0.2", port: 7001 },
        replicas: [{ host: "::1", port: 7002 }],
      },
      { first: 8192, last: 16383, master: { host: "node3.example", port: 7003 }, replicas: [] },
    ]);
  });

  test("takes a server that does not say its host to be where it was asked, and leaves out one that is unknown", () => {
    const reply = [
      [0, 1, [null, 7001, id, []], [Buffer.from("?"), 7002, id, []]],
      [2, 3, [Buffer.from(""), 7003, id, []]],
      [4, 5, [Buffer.from("?"), 7004, id, []]],
    ];
    expect(parseSlots(reply, asked)).toEqual([
      { first: 0, last: 1, master: { host: "10.0.0.1", port: 7001 }, replicas: [] },
      { first: 2, last: 3, master: { host: "10.0.0.1", port: 7003 }, replicas: [] },
    ]);
  });

  test.each([[null], [7], [[]], [[7]], [[[]]], [[[0, 1]]]])("finds nothing in %j", (reply) => {
    expect(parseSlots(reply, asked)).toEqual([]);
  });
});

test.each([
  ["MOVED 3999 10.0.0.2:6381", { host: "10.0.0.2", port: 6381 }],
  ["MOVED 3999 2001:db8::5:6381", { host: "2001:db8::5", port: 6381 }],
  ["MOVED 3999 node.example:6381", { host: "node.example", port: 6381 }],
  ["MOVED 3999 :6381", null],
  ["MOVED 3999 ?:6381", null],
  ["ASK 3999 10.0.0.2:6381", null],
  ["Connection is closed.", null],
])("parseMoved of %j", (message, expected) => {
  expect(parseMoved(message)).toEqual(expected);
});

test("nameOf an address", () => {
  expect(nameOf({ host: "10.0.0.1", port: 1 })).toBe("10.0.0.1:1");
  expect(nameOf({ host: "::1", port: 1 })).toBe("[::1]:1");
});
