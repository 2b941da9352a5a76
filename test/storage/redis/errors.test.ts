import { describe, expect, test } from "bun:test";
import { ReplyError } from "ioredis";
import { StorageError } from "../../../src/core/errors.ts";
import {
  hasNotRun,
  isLasting,
  NotSentError,
  replyCode,
  translated,
  UnfitError,
} from "../../../src/storage/redis/errors.ts";

const PLACE = "Redis at 10.0.0.1:6379";
const SECRET = "s3cret";

/** As the client makes it: with the command and its arguments. */
function reply(message: string): Error {
  return Object.assign(new ReplyError(message), { command: { name: "auth", args: ["bob", SECRET] } });
}

function coded(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}

const sha = "a".repeat(40);

describe("an answer of a server", () => {
  test.each([
    ["LOADING Redis is loading the dataset in memory", "unavailable", "still loading its data", true],
    [
      "READONLY You can't write against a read only replica. script: x",
      "unavailable",
      "read-only replica",
      true,
    ],
    ["MOVED 3999 10.0.0.2:6381", "unavailable", "redis+cluster://", true],
    ["ASK 3999 10.0.0.2:6381", "unavailable", "being moved", true],
    ["TRYAGAIN Multiple keys request during rehashing of slot", "unavailable", "being moved", true],
    ["CLUSTERDOWN The cluster is down", "unavailable", "not serve all of its slots", true],
    ["MASTERDOWN Link with MASTER is down", "unavailable", "lost its master", true],
    ["OOM command not allowed when used memory > 'maxmemory'.", "unavailable", "maxmemory", false],
    ["MISCONF Redis is configured to save RDB snapshots", "unavailable", "cannot write to its disk", false],
    ["NOREPLICAS Not enough good replicas to write.", "unavailable", "min-replicas-to-write", false],
    ["BUSY Redis is busy running a script.", "unavailable", "busy", false],
    ["NOAUTH Authentication required.", "unavailable", "asks for a password", false],
    ["WRONGPASS invalid username-password pair", "unavailable", "user or password", false],
    ["NOPERM this user has no permissions to run the 'evalsha' command", "unavailable", "'evalsha'", false],
    [
      `ERR The user executing the script can't run this command or subcommand script: ${sha}, on @user_script:3.`,
      "unavailable",
      "docs/storage.md",
      false,
    ],
    ["ERR max number of clients reached", "unavailable", "max number of clients reached", false],
    ["WRONGTYPE Operation against a key holding the wrong kind of value", "corrupt", "WRONGTYPE", false],
    [
      `ERR user_script:7: attempt to index a nil value script: ${sha}, on @user_script:7.`,
      "corrupt",
      "user_script:7",
      false,
    ],
    ["constructor of nothing", "unavailable", "constructor", false],
  ] as const)("%s", (message, kind, said, notRun) => {
    const error = translated(reply(message), PLACE);
    expect(error).toBeInstanceOf(StorageError);
    const { kind: actual, message: text } = error as StorageError;
    expect(actual).toBe(kind);
    expect(text).toStartWith(`${PLACE}: `);
    expect(text).toContain(said);
    expect(text.length).toBeLessThan(400);
    expect(Bun.inspect(error, { depth: 10 })).not.toContain(SECRET);
    expect(hasNotRun(reply(message))).toBe(notRun);
  });

  test("has a code, and nothing else has one", () => {
    expect(replyCode(reply("NOSCRIPT No matching script."))).toBe("NOSCRIPT");
    expect(replyCode(reply("no code"))).toBe("ERR");
    expect(replyCode(new Error("NOSCRIPT No matching script."))).toBe("");
  });
});

describe("a failure of the connection", () => {
  test.each([
    [coded("connect ECONNREFUSED 10.0.0.1:6379", "ECONNREFUSED"), "it cannot be reached (ECONNREFUSED)"],
    [coded("getaddrinfo ENOTFOUND nowhere", "ENOTFOUND"), "it cannot be reached (ENOTFOUND)"],
    [coded("self-signed certificate", "DEPTH_ZERO_SELF_SIGNED_CERT"), "storage.redis.tls_ca"],
    [coded("expired", "CERT_HAS_EXPIRED"), "its certificate is not trusted (CERT_HAS_EXPIRED)"],
    [new Error("Command timed out"), "no answer in time"],
    [new Error("Socket timeout. Expecting data, but didn't receive any in 5000ms."), "no answer in time"],
    [new Error("Connection is closed."), "may have been done"],
    [new NotSentError(), "it cannot be reached"],
    [new UnfitError("it is Redis 6.2.1", { lasting: true }), "it is Redis 6.2.1"],
  ])("%s", (error, said) => {
    const ours = translated(error, PLACE);
    expect(ours).toBeInstanceOf(StorageError);
    expect(ours).toMatchObject({ kind: "unavailable", message: expect.stringContaining(said) });
  });

  test("has not run only when nothing was sent", () => {
    expect(hasNotRun(new NotSentError())).toBe(true);
    for (const message of ["Command timed out", "Connection is closed.", "MOVED 1 a:1"]) {
      expect(hasNotRun(new Error(message))).toBe(false);
    }
    expect(hasNotRun(translated(reply("READONLY x"), PLACE))).toBe(false);
  });
});

test("what waiting does not cure", () => {
  expect(isLasting(reply("WRONGPASS x"))).toBe(true);
  expect(isLasting(reply("NOPERM x"))).toBe(true);
  expect(isLasting(coded("x", "SELF_SIGNED_CERT_IN_CHAIN"))).toBe(true);
  expect(isLasting(new UnfitError("x", { lasting: true }))).toBe(true);
  expect(isLasting(new UnfitError("x", { lasting: false }))).toBe(false);
  expect(isLasting(coded("x", "ECONNREFUSED"))).toBe(false);
  expect(isLasting(reply("LOADING x"))).toBe(false);
});

test("what is ours passes as it is: a storage error, and a fault of the program", () => {
  for (const error of [
    new StorageError("corrupt", "x"),
    new TypeError("x is not a function"),
    coded("x", "ERR_INVALID_ARG_TYPE"),
  ]) {
    expect(translated(error, PLACE)).toBe(error);
  }
});
