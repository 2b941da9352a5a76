import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { script } from "../../../src/storage/redis/scripts.ts";
import {
  ACL_RULES,
  type Redis,
  type SecureRedis,
  startRedis,
  startSecureRedis,
} from "../../support/redis.ts";
import { tempDir } from "../../support/tempdir.ts";
import { failure, Links, NOTE, ran } from "./links.ts";

let redis: SecureRedis;
const links = new Links();
beforeAll(async () => {
  redis = await startSecureRedis();
});
afterEach(() => links.close());
afterAll(() => redis.stop());

describe("TLS", () => {
  test("carries calls and hints of a user with a password", async () => {
    const prefix = redis.freshPrefix();
    const link = await links.open(redis, { prefix });
    await link.run(NOTE, 0, ["x"]);
    expect(await ran(link)).toEqual(["x"]);
    const heard = new Promise<string>((resolve) => link.listen(resolve));
    await link.run(script("publish", 'redis.call("PUBLISH", ARGV[1], "hint")'), 0, [`${prefix}:hints`]);
    expect(await heard).toBe("hint");
    expect(await link.usedBytes()).toBeGreaterThan(0);
  });

  test("to a server whose certificate another authority signed is refused at once", async () => {
    const since = performance.now();
    const { kind, message } = await failure(links.open(redis, { tls: { ca: redis.certificates.otherCa } }));
    expect(performance.now() - since).toBeLessThan(1_000);
    expect(kind).toBe("unavailable");
    expect(message).toMatch(/its certificate is not trusted \([A-Z_]+\); storage.redis.tls_ca names/);
  });

  test("without tls_ca trusts the well-known authorities only", async () => {
    const { message } = await failure(links.open(redis, { tls: {} }));
    expect(message).toContain("its certificate is not trusted");
  });

  test("to a host that the certificate was not made for is refused", async () => {
    const url = redis.url.replace("127.0.0.1", "localhost");
    const { message } = await failure(links.open(redis, { url }));
    expect(message).toContain("its certificate is not trusted (ERR_TLS_CERT_ALTNAME_INVALID)");
  });

  test("with files that are not there names them", async () => {
    using folder = tempDir("certificates");
    const { message } = await failure(links.open(redis, { tls: { ca: folder.file("none.pem") } }));
    expect(message).toContain(
      `the file ${folder.file("none.pem")} of storage.redis.tls_ca cannot be read (ENOENT)`,
    );
  });

  test("to a server that does not speak it, and none to one that does, fail in time", async () => {
    await using plain: Redis = await startRedis();
    const rediss = plain.url.replace("redis:", "rediss:");
    const spoken = await failure(links.open(plain, { url: rediss, commandTimeoutMs: 500 }));
    expect(spoken.message).toBe(
      `Redis at 127.0.0.1:${plain.port}: it does not answer (ETIMEDOUT); does it speak TLS there?`,
    );
    const url = redis.url.replace("rediss:", "redis:");
    const unspoken = await failure(links.open(redis, { url, commandTimeoutMs: 500 }));
    expect(unspoken.message).toBe(
      `Redis at 127.0.0.1:${redis.port}: it hangs up (ECONNRESET); does it speak TLS only?`,
    );
  });

  test("shows a certificate of ours to a server that asks for one", async () => {
    await using strict = await startSecureRedis({ clientCertificates: true });
    const { ca, clientCert: cert, clientKey: key } = strict.certificates;
    const link = await links.open(strict, { tls: { ca, cert, key } });
    expect(await link.run(NOTE, 0, ["x"])).toBe(1);
    const { kind } = await failure(links.open(strict, { tls: { ca }, commandTimeoutMs: 500 }));
    expect(kind).toBe("unavailable");
  });
});

describe("a user who may not", () => {
  test.each([
    ["+evalsha", "evalsha"],
    ["+publish", "PUBLISH|can't run this command"],
    ["+subscribe", "subscribe"],
    ["~{netpulse*", "keys"],
    ["&netpulse*", "channel"],
    ["+@write", "can't run this command"],
    ["+wait", "wait"],
  ])("%s fails the start at once, and is told what and where the rules are", async (rule, named) => {
    await redis.cli("ACL", "SETUSER", redis.user, "reset", "on", `>${redis.password}`);
    await redis.cli("ACL", "SETUSER", redis.user, ...ACL_RULES.filter((each) => each !== rule));
    const since = performance.now();
    const { kind, message } = await failure(links.open(redis, { waitReplicas: 1 }));
    expect(performance.now() - since).toBeLessThan(1_500);
    await redis.cli("ACL", "SETUSER", redis.user, ...ACL_RULES);
    expect(kind).toBe("unavailable");
    expect(message).toMatch(new RegExp(named));
    expect(message).toContain("docs/storage.md");
    expect(message).not.toContain(redis.password);
  });

  test("ask about the server, does without", async () => {
    await redis.cli("ACL", "SETUSER", redis.user, "-info");
    const link = await links.open(redis);
    await link.run(NOTE, 0, ["x"]);
    expect(await link.usedBytes()).toBeNull();
    await redis.cli("ACL", "SETUSER", redis.user, "+info");
  });

  test("see keys of others", async () => {
    const link = await links.open(redis);
    const stranger = script("stranger", 'return redis.call("GET", "other")');
    const { kind } = await failure(link.run(stranger, 0, []));
    expect(kind).toBe("unavailable");
  });
});

test("a wrong password is not repeated", async () => {
  const url = `rediss://${redis.user}:wr0ng@127.0.0.1:${redis.port}`;
  const error = await failure(links.open(redis, { url }));
  expect(error.message).toContain("WRONGPASS");
  expect(Bun.inspect(error, { depth: 10 })).not.toContain("wr0ng");
});
