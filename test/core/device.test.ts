import { describe, expect, test } from "bun:test";
import {
  canonicalHost,
  fifoQueue,
  isSite,
  parsePinnedQueue,
  parseProxies,
  parseSites,
  pinnedQueue,
  siteOfQueue,
} from "../../src/core/device.ts";

describe("canonicalHost: one spelling per host", () => {
  const same: [string, string][] = [
    ["10.0.0.1", "10.0.0.1"],
    ["Core-SW1.Example.COM.", "core-sw1.example.com"],
    ["2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["::FFFF:10.0.0.1", "::ffff:a00:1"],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["FE80::0:1%enP2p1s0", "fe80::1%enP2p1s0"],
    ["switch_1", "switch_1"],
  ];
  test.each(same)("%s is %s", (given, canonical) => {
    expect(canonicalHost(given)).toBe(canonical);
  });

  const refused = [
    "",
    " ",
    "a b",
    "host/../x",
    "-x",
    "x".repeat(254),
    "10.0.0.1:22",
    "user@host",
    "fe80::1%e th",
  ];
  test.each(refused)("%p is no host", (given) => {
    expect(canonicalHost(given)).toBeNull();
  });

  test("a name of over 253 characters is no host", () => {
    const longest = `${"x.".repeat(126)}x`;
    expect(canonicalHost(longest)).toBe(longest);
    expect(canonicalHost(`${longest}x`)).toBeNull();
  });
});

describe("pinned queues: one name per device, and back", () => {
  const names: [string, { host: string; port: number; site: string | null }][] = [
    ["pinned_192.168.1.1", { host: "192.168.1.1", port: 22, site: null }],
    ["pinned_192.168.1.1:2222", { host: "192.168.1.1", port: 2222, site: null }],
    ["pinned_2001:db8::1", { host: "2001:db8::1", port: 22, site: null }],
    ["pinned_[2001:db8::1]:2222", { host: "2001:db8::1", port: 2222, site: null }],
    ["pinned_::1", { host: "::1", port: 22, site: null }],
    ["pinned_berlin/10.0.0.1", { host: "10.0.0.1", port: 22, site: "berlin" }],
    ["pinned_berlin/sw1.lab:830", { host: "sw1.lab", port: 830, site: "berlin" }],
  ];
  test.each(names)("%s", (name, address) => {
    expect(pinnedQueue(address, 22)).toBe(name);
    expect(parsePinnedQueue(name)).toEqual({ ...address, port: address.port === 22 ? null : address.port });
  });

  test("the FIFO queue is none of them", () => {
    expect(parsePinnedQueue("FifoQ")).toBeNull();
  });
});

describe("sites", () => {
  test.each<[string, string | null | undefined]>([
    ["FifoQ", null],
    ["FifoQ_berlin", "berlin"],
    ["pinned_10.0.0.1", null],
    ["pinned_2001:db8::1", null],
    ["pinned_berlin/10.0.0.1:830", "berlin"],
    ["another", undefined],
  ])("%s is of site %p", (queue, site) => {
    expect(siteOfQueue(queue)).toBe(site);
  });

  test("each has a FIFO queue of its own", () => {
    expect([null, "berlin"].map(fifoQueue)).toEqual(["FifoQ", "FifoQ_berlin"]);
  });

  test.each<[string, (string | null)[] | null]>([
    ["default", [null]],
    ["berlin", ["berlin"]],
    [" berlin , default,berlin", ["berlin", null]],
    ["", null],
    ["berlin,", null],
    ["berlin/1", null],
    ["-berlin", null],
  ])("%p lists %p", (list, sites) => {
    expect(parseSites(list)).toEqual(sites);
  });

  test.each(["default", "", "a b", "a/b", "ü", "-a", "x".repeat(64)])("%p is no name of one", (name) => {
    expect(isSite(name)).toBe(false);
  });
});

test.each([
  ["*", null],
  [" * ", null],
  ["proxy.example.net:3128", [{ host: "proxy.example.net", port: 3128 }]],
  [
    "Proxy.example.NET:3128, [2001:DB8::0:1]:1080",
    [
      { host: "proxy.example.net", port: 3128 },
      { host: "2001:db8::1", port: 1080 },
    ],
  ],
  ["", undefined],
  ["proxy.example.net", undefined],
  ["proxy.example.net:0", undefined],
  ["proxy.example.net:x", undefined],
  ["2001:db8::1", undefined],
  ["site/10.0.0.1:1080", undefined],
  ["10.0.0.1:1080,", undefined],
  ["*,10.0.0.1:1080", undefined],
])("%p lists the proxies %p", (list, expected) => {
  expect(parseProxies(list)).toEqual(expected as ReturnType<typeof parseProxies>);
});
