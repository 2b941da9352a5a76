import { describe, expect, test } from "bun:test";
import {
  isWithin,
  matchesHost,
  mayReach,
  parseHostPatterns,
  parseNetworks,
} from "../../src/core/networks.ts";

describe("an address", () => {
  test.each([
    ...["0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1"],
    ...["127.255.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1"],
    ...["192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1"],
    ...["239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"],
    ...["::ffff:10.1.2.3", "::ffff:a9fe:a9fe", "::127.0.0.1", "64:ff9b::7f00:1", "fc00::1", "fd12:3456::1"],
    ...[
      "fe80::1",
      "fe80::1%eth0",
      "febf::1",
      "fec0::1",
      "ff02::1",
      "2001:db8::1",
      "2001::1",
      "2002:7f00:1::",
    ],
    ...["3fff::1", "100::1", "5f00::1"],
  ])("%s is not public", (address) => {
    expect(mayReach(address, [])).toBe(false);
  });

  test.each([
    ...["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"],
    ...["128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255"],
    ...[
      "198.17.255.255",
      "198.20.0.0",
      "223.255.255.255",
      "::ffff:1.1.1.1",
      "2606:4700::1111",
      "2001:200::1",
    ],
    "2003::1",
  ])("%s is public", (address) => {
    expect(mayReach(address, [])).toBe(true);
  });

  test.each([
    "",
    "localhost",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "0177.0.0.1",
    "1.1.1.1 ",
    "::1::",
    "[::1]",
  ])("%p is none, and so never reached", (text) => {
    expect(mayReach(text, parseNetworks("0.0.0.0/0,::/0") ?? [])).toBe(false);
  });

  test.each([
    ["127.0.0.1", "127.0.0.1", true],
    ["127.0.0.2", "127.0.0.1", false],
    ["10.1.2.3", "10.1.0.0/16", true],
    ["10.2.2.3", "10.1.0.0/16", false],
    ["10.1.130.1", "10.1.128.0/17", true],
    ["10.1.127.1", "10.1.128.0/17", false],
    ["::ffff:10.1.2.3", "10.1.0.0/16", true],
    ["10.1.2.3", "::ffff:10.1.0.0", false],
    ["fd00:1::5", "192.168.0.0/16, fd00:1::/32", true],
    ["fd00:2::5", "fd00:1::/32", false],
    ["10.9.9.9", "0.0.0.0/0", true],
    ["fe80::1", "0.0.0.0/0", false],
  ])("%s with %s allowed is reached: %p", (address, networks, reached) => {
    expect(mayReach(address, parseNetworks(networks) ?? [])).toBe(reached);
  });
});

test.each([
  "",
  "10.0.0.0/33",
  "10.0.0.0/",
  "10.0.0/8",
  "a/8",
  "::/129",
  "10.0.0.0/8/8",
  "10.0.0.0/8,",
  "1.1.1.1/-1",
])("%p is no list of networks", (text) => {
  expect(parseNetworks(text)).toBeNull();
});

test("hosts are named one by one, with all under them, or as any", () => {
  const patterns = parseHostPatterns("Hooks.Example.com, *.corp.test, 10.0.0.1, fd00::1") ?? [];
  const names = [
    "hooks.example.com",
    "HOOKS.example.com.",
    "a.corp.test",
    "a.b.corp.test",
    "10.0.0.1",
    "fd00::1",
  ];
  expect(names.filter((name) => !matchesHost(name, patterns))).toEqual([]);
  const others = [
    "example.com",
    "xhooks.example.com",
    "corp.test",
    "evilcorp.test",
    "10.0.0.11",
    "hooks.example.com.evil",
  ];
  expect(others.filter((name) => matchesHost(name, patterns))).toEqual([]);
  expect(matchesHost("anything", ["*"])).toBe(true);
  for (const wrong of ["", "*.", "a b", "*a.test", "http://a.test", "a,,b"]) {
    expect(parseHostPatterns(wrong)).toBeNull();
  }
});

describe("what is within 127.0.0.1, 10.0.0.0/8, 2001:db8::/32 and ::1", () => {
  const networks = parseNetworks("127.0.0.1, 10.0.0.0/8,2001:db8::/32 ,::1") ?? [];

  test.each([
    ["127.0.0.1", true],
    ["127.0.0.2", false],
    ["10.255.0.1", true],
    ["11.0.0.1", false],
    ["::1", true],
    ["::2", false],
    ["2001:DB8:1::1", true],
    ["2001:db9::1", false],
    ["::ffff:10.0.0.1", true],
    ["::ffff:11.0.0.1", false],
    ["10.0.0.1:80", false],
    ["localhost", false],
    ["", false],
  ])("%s: %p", (address, inside) => {
    expect(isWithin(address, networks)).toBe(inside);
  });
});
