import { expect, test } from "bun:test";
import fc from "fast-check";
import { Ip, type IpKind } from "../../src/template/ip.ts";
import { str } from "../../src/template/ttp/values.ts";
import { askPython } from "./support/oracle.ts";

const ATTRIBUTES =
  "compressed exploded version max_prefixlen is_reserved is_link_local is_multicast netmask hostmask with_prefixlen with_netmask with_hostmask ip network network_address broadcast_address prefixlen num_addresses".split(
    " ",
  );

interface Question {
  text: string;
  kind: IpKind;
  attributes: string[];
}

function ours({ text, kind, attributes }: Question): Record<string, string> | null {
  const ip = Ip.parse(text, kind);
  if (ip === null) return null;
  const known = attributes.flatMap((name) => {
    const value = ip.attribute(name);
    return value === undefined ? [] : [[name, str(value)] as const];
  });
  return { str: ip.toString(), ...Object.fromEntries(known) };
}

const octet = fc.oneof(
  fc.integer({ min: 0, max: 260 }).map(String),
  fc.constantFrom("0", "10", "255", "01", "192"),
);
const four = fc.array(octet, { minLength: 4, maxLength: 4 }).map((octets) => octets.join("."));
const group = fc.constantFrom("0", "0", "0", "1", "fe80", "2001", "DB8", "ffff", "fc00", "00a", "12345", "g");
const six = fc.oneof(
  fc.array(group, { minLength: 6, maxLength: 9 }).map((groups) => groups.join(":")),
  fc
    .tuple(fc.array(group, { maxLength: 4 }), fc.array(group, { maxLength: 4 }))
    .map(([head, tail]) => `${head.join(":")}::${tail.join(":")}`),
  four.map((address) => `::ffff:${address}`),
  fc.constantFrom(":::", "1::2::3", "", "::", "::1.2.3", "1.2.3.4::"),
);
const mask = fc.oneof(
  fc.integer({ min: 0, max: 130 }).map(String),
  fc.constantFrom(
    "255.255.255.0",
    "0.0.0.255",
    "255.0.255.0",
    "255.255.255.255",
    "0.0.0.0",
    "",
    "-1",
    "024",
    "a",
  ),
);
const question = fc.record({
  text: fc
    .tuple(fc.oneof(four, six), fc.option(mask), fc.boolean())
    .map(([address, length]) => (length === null ? address : `${address}/${length}`)),
  kind: fc.constantFrom<IpKind>("address", "interface", "network"),
  attributes: fc.constant(ATTRIBUTES),
});

test("addresses, interfaces and networks are those of Python's ipaddress", async () => {
  const known = [
    "169.254.1.1",
    "224.0.0.1",
    "127.0.0.1",
    "100.64.0.1",
    "8.8.8.8",
    "ff02::1",
    "::1",
    "2001:db8::1/64",
  ];
  const questions = [
    ...known.map((text) => ({ text, kind: "interface" as const, attributes: ATTRIBUTES })),
    ...fc.sample(question, { numRuns: 4000, seed: 11 }),
  ];
  const theirs = await askPython<Question, ReturnType<typeof ours>>("ip_oracle.py", questions);
  const mine = questions.map(ours);
  const differing = mine.flatMap((answer, at) =>
    Bun.deepEquals(answer, theirs[at], true)
      ? []
      : [{ text: questions[at]?.text, answer, python: theirs[at] }],
  );
  expect(differing.slice(0, 3)).toEqual([]);
  expect(mine.filter((answer) => answer !== null).length).toBeGreaterThan(400);
});

/** By hand: IANA's lists change, and Python's with them. */
test.each([
  ["10.1.2.3", true, false],
  ["172.31.0.0/16", true, false],
  ["172.0.0.0/8", false, true],
  ["100.64.0.1", false, false],
  ["192.0.0.9", false, true],
  ["8.8.8.8", false, true],
  ["fd00::1", true, false],
  ["2001:db8::/48", true, false],
  ["2001:4860::8888", false, true],
  ["::ffff:10.0.0.1", true, false],
  ["::ffff:8.8.8.8", false, true],
])("%s is private: %p, global: %p", (text, isPrivate, isGlobal) => {
  const ip = Ip.parse(text, text.includes("/") ? "network" : "address");
  expect([ip?.attribute("is_private"), ip?.attribute("is_global")]).toEqual([isPrivate, isGlobal]);
});

test("a scope is kept, and none may be empty", () => {
  expect(Ip.parse("fe80::0:1%eth0/64", "interface")?.toString()).toBe("fe80::1%eth0/64");
  expect(Ip.parse("fe80::1%", "address")).toBeNull();
});

test("a mask may stand behind a blank", () => {
  expect(Ip.of("192.0.2.1 255.255.255.0")?.toString()).toBe("192.0.2.1/24");
  expect(Ip.of("2001:db8::1")?.kind).toBe("address");
  expect(Ip.of("192.0.2.1", 6)).toBeNull();
});

test("networks overlap or do not", () => {
  const overlaps = (a: string, b: string) => {
    const [one, other] = [Ip.parse(a, "interface"), Ip.parse(b, "network")];
    return one !== null && other !== null && one.overlaps(other);
  };
  expect(overlaps("10.1.2.3/24", "10.0.0.0/8")).toBe(true);
  expect(overlaps("10.1.2.3/4", "10.0.0.0/8")).toBe(true);
  expect(overlaps("11.1.2.3/24", "10.0.0.0/8")).toBe(false);
  expect(overlaps("::a01:203", "10.0.0.0/8")).toBe(false);
});
