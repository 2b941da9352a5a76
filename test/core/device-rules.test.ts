import { describe, expect, test } from "bun:test";
import { deviceJudge, devicePatternProblem } from "../../src/core/device-rules.ts";

const allow = (...list: string[]) => deviceJudge({ allow: list, deny: [] });
const deny = (...list: string[]) => deviceJudge({ allow: null, deny: list });
const device = (host: string, site: string | null = null) => ({ host, site });

describe("an allow list takes", () => {
  test.each([
    ["a name", "core-1", device("core-1")],
    ["a name in any case", "Core-1", device("core-1")],
    ["names by a star", "*.lab.example", device("r1.lab.example")],
    ["an address", "10.0.0.1", device("10.0.0.1")],
    ["an address in its other spelling", "10.0.0.1", device("::ffff:a00:1")],
    ["a network", "10.0.0.0/9", device("10.127.255.255")],
    ["a network of IPv6", "2001:db8::/33", device("2001:db8:7fff::1")],
    ["an address with a zone", "fe80::1", device("fe80::1%eth0")],
    ["a site", "bonn/10.0.0.0/8", device("10.1.2.3", "bonn")],
    ["sites by a star", "*/r1", device("r1", "bonn")],
    ["none by a star", "*/r1", device("r1")],
    ["every host", "*", device("10.0.0.1")],
  ])("%s: %s", (_what, pattern, given) => {
    expect(devicePatternProblem(pattern)).toBeNull();
    expect(allow("other", pattern)(given)).toBeNull();
  });
});

describe("an allow list refuses", () => {
  test.each([
    ["another name", "core-*", device("edge-1")],
    ["an address beside the network", "10.0.0.0/9", device("10.128.0.0")],
    ["an address when it has names", "r*", device("10.0.0.1")],
    ["a name when it has addresses", "10.0.0.0/8", device("r1")],
    ["a name that a resolver takes for an address", "10.0.0.0/8", device("0x0a000001")],
    ["the same host at a site", "10.0.0.1", device("10.0.0.1", "bonn")],
    ["another site", "bonn/10.0.0.1", device("10.0.0.1", "berlin")],
    ["no site", "bonn/10.0.0.1", device("10.0.0.1")],
  ])("%s: %s", (_what, pattern, given) => {
    expect(allow(pattern)(given)).toBe("is not among those allowed");
  });

  test("every device when it is empty", () => {
    expect(allow()(device("r1"))).toBe("is not among those allowed");
  });
});

describe("a deny list", () => {
  test.each([
    ["a name", "core-*", device("core-1")],
    ["a name at any site", "core-*", device("core-1", "bonn")],
    ["an address", "10.0.0.0/8", device("::ffff:a01:203")],
    ["every host", "*", device("10.0.0.1")],
  ])("refuses %s: %s", (_what, pattern, given) => {
    expect(deny(pattern)(given)).toBe("is denied");
  });

  test("refuses what it cannot judge: a name has an address as well, and the other way round", () => {
    expect(deny("10.0.0.0/8")(device("r1"))).toContain("must be given by address");
    expect(deny("core-*")(device("192.0.2.1"))).toContain("must be given by name");
    expect(deny("10.0.0.0/8")(device("0x0a000001"))).toContain("must be given by address");
    expect(deny("core-*")(device("r1.0x7f"))).toContain("must be given");
  });

  test("lets others pass, and has no say about another site's", () => {
    expect(deny("core-*")(device("edge-1"))).toBeNull();
    expect(deny("10.0.0.0/8")(device("192.0.2.1"))).toBeNull();
    expect(deny("bonn/10.0.0.0/8")(device("r1"))).toBeNull();
  });
});

test.each([
  "",
  "a b",
  "10.0.0.0/33",
  "r1/8",
  "2001:db8::/129",
  "/r1",
  "bonn/",
  "10.0.0",
  "-site/r1",
  "site/r1/x",
])("%j is no pattern, and a list that has it refuses", (pattern) => {
  expect(devicePatternProblem(pattern)).not.toBeNull();
  expect(allow(pattern)(device("r1"))).not.toBeNull();
  expect(deny(pattern)(device("r1"))).toBe("is denied");
});
