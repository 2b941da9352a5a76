import { describe, expect, test } from "bun:test";
import { StartupError } from "../../../src/core/errors.ts";
import { parseRedisUrl } from "../../../src/storage/redis/url.ts";

const NO_LOGIN = { username: "default", password: null };

describe("a server", () => {
  test("is a host; all else has a default", () => {
    expect(parseRedisUrl("redis://cache.example")).toEqual({
      kind: "server",
      server: { host: "cache.example", port: 6379 },
      db: 0,
      tls: false,
      login: NO_LOGIN,
    });
  });

  test("has port, database, user and password", () => {
    expect(parseRedisUrl("rediss://bob:s3cret@10.0.0.1:7000/3")).toEqual({
      kind: "server",
      server: { host: "10.0.0.1", port: 7000 },
      db: 3,
      tls: true,
      login: { username: "bob", password: "s3cret" },
    });
  });

  test.each([
    ["redis://:s3cret@h", { username: "default", password: "s3cret" }],
    ["redis://b%40b:p%2F%3A%3F%23%25%2Cq@h", { username: "b@b", password: "p/:?#%,q" }],
    ["redis://bob:a:b@h", { username: "bob", password: "a:b" }],
    ["redis://bob:p@ss@h", { username: "bob", password: "p@ss" }],
    ["redis://bob:p%C3%A4ss@h", { username: "bob", password: "päss" }],
  ])("of %s has its login", (url, login) => {
    expect(parseRedisUrl(url)).toMatchObject({ login, server: { host: "h", port: 6379 } });
  });

  test.each([
    ["redis://[::1]", { host: "::1", port: 6379 }],
    ["redis://:p@[2001:db8::5]:7000/1", { host: "2001:db8::5", port: 7000 }],
    ["redis://[fe80::1%25eth0]:7000", { host: "fe80::1%eth0", port: 7000 }],
  ])("of %s has an IPv6 address", (url, server) => {
    expect(parseRedisUrl(url)).toMatchObject({ server });
  });
});

describe("sentinels", () => {
  test("are hosts and the name of a master", () => {
    expect(parseRedisUrl("redis+sentinel://s1,s2:26380,[::1]/mymaster")).toEqual({
      kind: "sentinel",
      sentinels: [
        { host: "s1", port: 26379 },
        { host: "s2", port: 26380 },
        { host: "::1", port: 26379 },
      ],
      master: "mymaster",
      db: 0,
      tls: false,
      login: NO_LOGIN,
      sentinelLogin: NO_LOGIN,
    });
  });

  test("have a login of their own beside that of the servers", () => {
    const url =
      "redis+sentinel://bob:one@s1/main?db=2&sentinel_username=eve&sentinel_password=t%26wo&tls=true";
    expect(parseRedisUrl(url)).toMatchObject({
      login: { username: "bob", password: "one" },
      sentinelLogin: { username: "eve", password: "t&wo" },
      db: 2,
      tls: true,
    });
    expect(parseRedisUrl("redis+sentinel://s1/main?sentinel_password=two")).toMatchObject({
      sentinelLogin: { username: "default", password: "two" },
    });
  });
});

describe("a cluster", () => {
  test("is some of its nodes", () => {
    expect(parseRedisUrl("redis+cluster://:pw@n1:7000,n2:7001?tls=true")).toEqual({
      kind: "cluster",
      nodes: [
        { host: "n1", port: 7000 },
        { host: "n2", port: 7001 },
      ],
      tls: true,
      login: { username: "default", password: "pw" },
    });
    expect(parseRedisUrl("redis+cluster://n1/")).toMatchObject({ nodes: [{ host: "n1", port: 6379 }] });
  });
});

describe("a wrong URL", () => {
  const SECRET = "s3cret-of-somebody";
  test.each([
    ["http://h", "is no Redis URL"],
    ["redis:h", "is no Redis URL"],
    ["constructor://h", "is no Redis URL"],
    ["redis://", "is not written as host"],
    ["redis://a,b", "more than one server"],
    ["redis://h:0", "a port"],
    ["redis://h:65536", "a port"],
    ["redis://::1", "[address]:port"],
    ["redis://h/x", "the database is not a number"],
    ["redis://h/0/1", "the database is not a number"],
    ["redis://h?db=1", "nothing may come after a ?"],
    ["redis://h#1", "#"],
    [`redis://${SECRET}@h`, "a user without a password"],
    ["redis://bob:@h", "the password is empty"],
    [`redis://bob:${SECRET}%zz@h`, "hexadecimal"],
    [`redis://bob:${SECRET}/x@h`, "is not written as host"],
    [`redis://bob:12/${SECRET}@h`, "the database is not a number"],
    [`redis://bob:${SECRET}?x@h`, "nothing may come after a ?"],
    [`redis://bob:12?${SECRET}@h`, "nothing may come after a ?"],
    [`redis://bob:${SECRET}#x@h`, "#"],
    ["redis+sentinel://s1", "master"],
    ["redis+sentinel://s1/a/b", "master"],
    ["redis+sentinel://s1/m?db=x", "the database is not a number"],
    ["redis+sentinel://s1/m?sentinel_username=eve", "without sentinel_password"],
    ["redis+sentinel://s1/m?sentinel_password=", "empty"],
    [`redis+sentinel://s1/m?sentinel_pasword=${SECRET}`, "sentinel_password"],
    ["redis+sentinel://s1/m?db=1&db=2", "once"],
    ["redis+cluster://n1/0", "no databases"],
    ["redis+cluster://n1?tls=yes", "tls is neither true nor false"],
  ])("%s is refused with what is wrong and the form, and repeated nowhere", (url, expected) => {
    const refused = () => parseRedisUrl(url);
    expect(refused).toThrow(StartupError);
    expect(refused).toThrow(expected);
    expect(refused).toThrow(/^storage\.url.* write redis/);
    expect(refused).not.toThrow(SECRET);
  });
});
