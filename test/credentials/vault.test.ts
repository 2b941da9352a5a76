import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { CredentialRef } from "../../src/core/credential.ts";
import { type VaultOptions, vaultCredentials } from "../../src/credentials/vault/index.ts";
import { makeCertificates } from "../support/certificates.ts";
import { FakeClock } from "../support/clock.ts";
import { VaultServer } from "../support/vault-server.ts";

const LOGIN = { username: "admin", password: "s3cr3t-in-vault" };
const TIMEOUT_MS = 5_000;
const NEVER = new AbortController().signal;
const ref = (path: string, more: Partial<CredentialRef> = {}): CredentialRef => ({
  name: "vault_kv",
  ref: path,
  ...more,
});

let vault: VaultServer;
let clock: FakeClock;
const faults: string[] = [];
const stops: (() => void)[] = [];

beforeEach(() => {
  vault = new VaultServer();
  vault.tokens.set("hvs.given", { ttl: 0, renewable: false, paths: null });
  vault.put("net/core", LOGIN);
  clock = new FakeClock();
  faults.length = 0;
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  vault[Symbol.dispose]();
});

function provider(given: Partial<VaultOptions> = {}) {
  const made = vaultCredentials({
    addr: vault.addr,
    login: { kind: "token", token: "hvs.given" },
    namespace: null,
    mount: "secret",
    allowedPaths: null,
    cacheTtlMs: 0,
    timeoutMs: TIMEOUT_MS,
    ca: null,
    clock,
    onFault: (message) => faults.push(message),
    ...given,
  });
  stops.push(() => made.stop?.());
  return {
    forget: (of: CredentialRef) => made.forget?.(of),
    read: async (of: CredentialRef, signal = NEVER) => ({
      ...(await made.read({ ref: of, devices: [], signal })),
    }),
  };
}

function approle(ttl: number, renewable = true): Partial<VaultOptions> {
  vault.roles.set("net", { secretId: "sid-1234", token: { ttl, renewable, paths: null } });
  return { login: { kind: "approle", roleId: "net", secretId: "sid-1234", mount: "approle" } };
}

describe("reading", () => {
  test("gives the fields of the newest version, or of the one that is asked for", async () => {
    vault.put("net/core", { ...LOGIN, password: "newer", port: 22, flags: ["a"] });
    const { read } = provider();
    expect(await read(ref("net/core"))).toEqual({ username: "admin", password: "newer", port: "22" });
    expect(await read(ref("net/core", { version: 1 }))).toEqual(LOGIN);
    expect(vault.reads().map(({ path }) => path)).toEqual([
      "secret/data/net/core",
      "secret/data/net/core?version=1",
    ]);
    expect(vault.reads()[0]).toMatchObject({ method: "GET", token: "hvs.given", namespace: null });
  });

  test("goes to another mount and to a namespace", async () => {
    vault.put("core", LOGIN, { mount: "teams/kv", namespace: "org/lab" });
    const { read } = provider({ namespace: "org" });
    expect(await read(ref("core", { mount: "teams/kv", namespace: "org/lab" }))).toEqual(LOGIN);
    expect(vault.reads()[0]).toMatchObject({ path: "teams/kv/data/core", namespace: "org/lab" });
    await expect(read(ref("core", { namespace: "org2" }))).rejects.toMatchObject({
      kind: "denied",
      message: expect.stringContaining("credentials.vault.namespace"),
    });
    expect(vault.reads()).toHaveLength(1);
  });

  test("is refused before a request where the path is not allowed", async () => {
    const { read } = provider({ allowedPaths: ["secret/net/*", "kv/one"] });
    expect(await read(ref("net/core"))).toEqual(LOGIN);
    for (const bad of [ref("other"), ref("net/core", { mount: "kv" }), ref("net")])
      await expect(read(bad)).rejects.toMatchObject({ kind: "denied" });
    expect(vault.reads()).toHaveLength(1);
  });

  test.each([
    ["what is not there", "net/none", {}, "not_found", "is not in Vault"],
    ["a version that is not there", "net/core", { version: 7 }, "not_found", "has no such version"],
    ["what was deleted", "net/gone", {}, "not_found", "was deleted"],
  ] as const)("of %s says so", async (_, path, more, kind, message) => {
    vault.put("net/gone", null);
    await expect(provider().read(ref(path, more))).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message),
    });
  });

  test.each([
    [503, "unavailable", "sealed"],
    [500, "unavailable", "500"],
    [429, "unavailable", "429"],
    [403, "denied", "may not read"],
    [307, "unavailable", "redirect"],
    [200, "unusable", "KV engine of version 2"],
  ] as const)(
    "answered with %d is %s, and nothing of the answer is repeated",
    async (status, kind, message) => {
      const { read } = provider();
      await read(ref("net/core"));
      vault.failing = {
        status,
        body: '{"errors":["s3cr3t-in-vault"]}',
        headers: { location: "http://192.0.2.1/" },
      };
      const error = await read(ref("net/core")).catch((thrown: Error) => thrown);
      const { message: said } = error as Error;
      expect(error).toMatchObject({ kind, message: expect.stringContaining(message) });
      expect(said).not.toContain("s3cr3t");
    },
  );

  test("is bounded in size and in time", async () => {
    const { read } = provider();
    await read(ref("net/core"));
    vault.failing = { status: 200, body: "x".repeat(2 * 1024 * 1024) };
    await expect(read(ref("net/core"))).rejects.toMatchObject({ kind: "unusable" });
    vault.failing = null;
    const open = Promise.withResolvers<void>();
    vault.gate = open.promise;
    const before = vault.requests.length;
    const late = read(ref("net/core")).catch((thrown: Error) => thrown);
    while (vault.requests.length === before) await new Promise((resume) => setImmediate(resume));
    await clock.advance(5_000);
    expect(await late).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("did not answer within 5 s"),
    });
    open.resolve();
  });

  test("fails as unavailable where nobody listens", async () => {
    const { addr } = vault;
    vault[Symbol.dispose]();
    await expect(provider({ addr }).read(ref("net/core"))).rejects.toMatchObject({ kind: "unavailable" });
    vault = new VaultServer();
  });
});

describe("over TLS", () => {
  test("only a server whose certificate is signed by the authority that is named is given a token", async () => {
    using made = await makeCertificates();
    const pem = (path: string) => readFileSync(path, "utf8");
    const { cert, key } = made.server;
    using secure = new VaultServer({ tls: { cert: pem(cert), key: pem(key) } });
    secure.tokens.set("hvs.given", { ttl: 0, renewable: false, paths: null });
    secure.put("net/core", LOGIN);
    const addr = secure.addr;
    await expect(provider({ addr }).read(ref("net/core"))).rejects.toMatchObject({ kind: "unavailable" });
    expect(secure.requests).toEqual([]);
    expect(await provider({ addr, ca: pem(made.ca) }).read(ref("net/core"))).toEqual(LOGIN);
  });
});

describe("the cache", () => {
  test("remembers for its time, shares what is being read, and nothing that failed", async () => {
    const { read } = provider({ cacheTtlMs: 30_000 });
    await Promise.all([read(ref("net/core")), read(ref("net/core"))]);
    await read(ref("net/core"));
    expect(vault.reads()).toHaveLength(1);
    await clock.advance(30_000);
    await read(ref("net/core"));
    expect(vault.reads()).toHaveLength(2);
    await expect(read(ref("net/new"))).rejects.toMatchObject({ kind: "not_found" });
    vault.put("net/new", LOGIN);
    expect(await read(ref("net/new"))).toEqual(LOGIN);
  });

  test("tells versions, mounts and namespaces apart, and forgets what a device has refused", async () => {
    vault.put("net/core", { ...LOGIN, password: "newer" });
    const { read, forget } = provider({ cacheTtlMs: 30_000 });
    expect((await read(ref("net/core", { version: 1 }))).password).toBe(LOGIN.password);
    expect((await read(ref("net/core"))).password).toBe("newer");
    vault.put("net/core", { ...LOGIN, password: "newest" });
    expect((await read(ref("net/core"))).password).toBe("newer");
    forget(ref("net/core"));
    expect((await read(ref("net/core"))).password).toBe("newest");
    await read(ref("net/core", { version: 1 }));
    expect(vault.reads()).toHaveLength(3);
  });

  test("one job that is given up does not take the reading from another", async () => {
    const { read } = provider({ cacheTtlMs: 30_000 });
    const open = Promise.withResolvers<void>();
    vault.gate = open.promise;
    const abort = new AbortController();
    const gone = read(ref("net/core"), abort.signal).catch((thrown: unknown) => thrown);
    const stays = read(ref("net/core"));
    abort.abort(new Error("given up"));
    expect(await gone).toMatchObject({ message: "given up" });
    open.resolve();
    expect(await stays).toEqual(LOGIN);
  });
});

describe("AppRole", () => {
  test("logs in once, reads with that token, and renews it before it is over", async () => {
    const { read } = provider({ ...approle(60), namespace: "org" });
    vault.put("net/core", LOGIN, { namespace: "org" });
    await Promise.all([read(ref("net/core")), read(ref("net/core"))]);
    const logins = () => vault.requests.filter(({ path }) => path === "auth/approle/login");
    const renewals = () => vault.requests.filter(({ path }) => path === "auth/token/renew-self");
    expect(logins()).toMatchObject([{ namespace: "org", token: null }]);
    expect(vault.reads()[0]?.token).toBe("hvs.1");
    await clock.advance(40_000);
    await until(() => renewals().length === 1);
    await renewed();
    await clock.advance(39_000);
    expect(await read(ref("net/core"))).toEqual(LOGIN);
    expect(logins()).toHaveLength(1);
  });

  test("logs in anew when its token is over or was revoked", async () => {
    const { read } = provider(approle(60, true));
    await read(ref("net/core"));
    vault.tokens.delete("hvs.1");
    expect(await read(ref("net/core"))).toEqual(LOGIN);
    expect(vault.reads().map(({ token }) => token)).toEqual(["hvs.1", "hvs.1", "hvs.2"]);
  });

  test("that is refused says where to look, and not what it was tried with", async () => {
    approle(60);
    const { read } = provider({
      login: { kind: "approle", roleId: "net", secretId: "wrong-sid", mount: "approle" },
    });
    const error = await read(ref("net/core")).catch((thrown: Error) => thrown);
    const { message: said } = error as Error;
    expect(error).toMatchObject({
      kind: "denied",
      message: expect.stringContaining("credentials.vault.role_id"),
    });
    expect(said).not.toContain("wrong-sid");
  });

  test("whose renewal fails tries again, and says so", async () => {
    const { read } = provider(approle(60));
    await read(ref("net/core"));
    vault.failing = { status: 503 };
    await clock.advance(40_000);
    await until(() => faults.length === 1);
    expect(faults[0]).toContain("sealed");
    vault.failing = null;
    await clock.advance(10_000);
    await until(() => vault.requests.filter(({ path }) => path === "auth/token/renew-self").length === 2);
    await renewed();
    await clock.advance(20_000);
    expect(await read(ref("net/core"))).toEqual(LOGIN);
    expect(vault.requests.filter(({ path }) => path === "auth/approle/login")).toHaveLength(1);
  });
});

test("a token that was given is renewed as long as Vault allows it; then that is told", async () => {
  vault.tokens.set("hvs.given", { ttl: 90, renewable: true, paths: null });
  const { read } = provider();
  await read(ref("net/core"));
  await clock.advance(60_000);
  await until(() => vault.requests.some(({ path }) => path === "auth/token/renew-self"));
  await renewed();
  vault.tokens.delete("hvs.given");
  await clock.advance(60_000);
  await until(() => faults.length === 1);
  expect(faults[0]).toContain("is not renewed any more");
  await expect(read(ref("net/core"))).rejects.toMatchObject({ kind: "denied" });
});

/** The answer has come as well: what waits is the next renewal, and no more the end of the call's time. */
function renewed(): Promise<void> {
  return until(() => clock.nextIn > TIMEOUT_MS);
}

async function until(met: () => boolean): Promise<void> {
  while (!met()) {
    await new Promise((resume) => setImmediate(resume));
    await clock.settle();
  }
}
