import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import type { CredentialRef } from "../../src/core/credential.ts";
import { isCredentialPath } from "../../src/core/credential.ts";
import { StorageError } from "../../src/core/errors.ts";
import { credentialChain } from "../../src/credentials/chain.ts";
import { environmentCredentials } from "../../src/credentials/environment.ts";
import { fileCredentials } from "../../src/credentials/files.ts";
import { CredentialFault, type CredentialProvider } from "../../src/credentials/provider.ts";
import { storedCredentials } from "../../src/credentials/stored.ts";
import { sealer } from "../../src/engine/seal.ts";
import { type StoredSecret, secretBinding } from "../../src/storage/secrets.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

const NEVER = new AbortController().signal;
const DEVICE = { host: "10.0.0.1", site: null };
const LOGIN = { username: "admin", password: "s3cr3t!" };

const dirs: TempDir[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) dir.remove();
});

async function read(provider: CredentialProvider, ref: string, devices = [DEVICE]) {
  return { ...(await provider.read({ ref: { name: null, ref }, devices, signal: NEVER })) };
}

describe("paths", () => {
  test.each(["core", "core/admin", "a.b-c_d@e+f~g", "..x/y.."])("%s may name a credential", (path) => {
    expect(isCredentialPath(path)).toBe(true);
  });
  test.each(["", "/core", "core/", "a//b", "..", "a/../b", "a/.", "a b", "a\\b", "a?b", "a%2fb", "a\n"])(
    "%j may not",
    (path) => {
      expect(isCredentialPath(path)).toBe(false);
    },
  );
});

describe("the environment", () => {
  const env = {
    NETPULSE_CREDENTIAL_CORE_ADMIN__USERNAME: LOGIN.username,
    NETPULSE_CREDENTIAL_CORE_ADMIN__PASSWORD: LOGIN.password,
    NETPULSE_CREDENTIAL_CORE__PASSWORD: "another",
    NETPULSE_SECRET_KEY: "never",
  };

  test("has a credential's fields in variables", async () => {
    expect(await read(environmentCredentials(env), "core/admin")).toEqual(LOGIN);
    expect(await read(environmentCredentials(env), "core")).toEqual({ password: "another" });
  });

  test("has no other variables to give", async () => {
    for (const ref of ["secret", "core/admin/x", "netpulse"])
      await expect(read(environmentCredentials(env), ref)).rejects.toMatchObject({ kind: "not_found" });
  });
});

describe("files", () => {
  function folder(): TempDir {
    const dir = tempDir("credentials");
    dirs.push(dir);
    return dir;
  }

  test("are a folder for each credential, as Kubernetes mounts it, or a JSON object", async () => {
    const dir = folder();
    mkdirSync(dir.file("core/..2024_01_01"), { recursive: true });
    symlinkSync("..2024_01_01", dir.file("core/..data"));
    for (const [name, text] of Object.entries(LOGIN)) {
      writeFileSync(dir.file(`core/..2024_01_01/${name}`), `${text}\n`);
      symlinkSync(`..data/${name}`, dir.file(`core/${name}`));
    }
    writeFileSync(dir.file("edge.json"), JSON.stringify({ ...LOGIN, more: { nested: 1 } }));
    expect(await read(fileCredentials(dir.path), "core")).toEqual(LOGIN);
    expect(await read(fileCredentials(dir.path), "edge")).toEqual(LOGIN);
  });

  test("that are not there, no JSON or too large are told apart, and not quoted", async () => {
    const dir = folder();
    writeFileSync(dir.file("broken.json"), `{"password": ${LOGIN.password}`);
    writeFileSync(dir.file("list.json"), "[1]");
    writeFileSync(dir.file("large.json"), "x".repeat(300 * 1024));
    const failure = (ref: string) =>
      read(fileCredentials(dir.path), ref).catch((thrown: CredentialFault) => thrown);
    expect(await failure("none")).toMatchObject({ kind: "not_found" });
    for (const ref of ["broken", "list", "large"]) {
      const fault = (await failure(ref)) as CredentialFault;
      expect([ref, fault.kind]).toEqual([ref, "unusable"]);
      expect(fault.message).not.toContain(LOGIN.password);
    }
  });
});

describe("the store", () => {
  const seal = sealer(new Uint8Array(32).fill(1));
  const sealedFor = (name: string) =>
    seal.seal(secretBinding(name), new TextEncoder().encode(JSON.stringify(LOGIN)));
  const kept = (given: Partial<StoredSecret> = {}): CredentialProvider => {
    const secret = {
      name: "core",
      sealed: sealedFor("core"),
      fields: [],
      devices: null,
      changedAt: 0,
      ...given,
    };
    return storedCredentials({
      secrets: { getSecret: async ({ name }) => (name === "core" ? secret : null) },
      open: seal.open,
    });
  };

  test("has what netpulse secrets has sealed, under its own name only", async () => {
    expect(await read(kept(), "core")).toEqual(LOGIN);
    await expect(read(kept(), "other")).rejects.toMatchObject({ kind: "not_found" });
    await expect(read(kept({ sealed: sealedFor("other") }), "core")).rejects.toMatchObject({
      kind: "unusable",
    });
  });

  test("gives a credential of some devices to none but those, nor by a jump host that is not", async () => {
    const limited = kept({ devices: ["10.0.0.0/8"] });
    const elsewhere = { host: "192.0.2.1", site: null };
    expect(await read(limited, "core")).toEqual(LOGIN);
    for (const devices of [[elsewhere], [DEVICE, elsewhere], [{ ...DEVICE, site: "bonn" }]])
      await expect(read(limited, "core", devices as (typeof DEVICE)[])).rejects.toMatchObject({
        kind: "denied",
      });
  });

  test("that does not answer is worth another try", async () => {
    const away = storedCredentials({
      secrets: {
        getSecret: async () => {
          throw new StorageError("unavailable", "no connection");
        },
      },
      open: seal.open,
    });
    await expect(read(away, "core")).rejects.toMatchObject({ kind: "unavailable" });
  });
});

describe("a chain", () => {
  const place = (name: "env" | "file" | "store", answer: object | CredentialFault): CredentialProvider => ({
    name,
    read: async () => {
      if (answer instanceof CredentialFault) throw answer;
      return answer as Record<string, string>;
    },
  });
  const missing = new CredentialFault("not_found", "is not there");
  const away = new CredentialFault("unavailable", "could not be read");

  function resolve(providers: CredentialProvider[], refs: CredentialRef[], chain = ["store", "file", "env"]) {
    const faults: string[] = [];
    const resolver = credentialChain({ providers, chain, onFault: (message) => faults.push(message) });
    return { faults, found: resolver.resolve(refs, { devices: [DEVICE], signal: NEVER }) };
  }

  test("looks for a bare name in one place after another", async () => {
    const { faults, found } = resolve(
      [place("store", missing), place("file", away), place("env", LOGIN)],
      [{ name: null, ref: "core" }],
    );
    expect(await found).toEqual({ ref: { name: "env", ref: "core" }, fields: LOGIN });
    expect(faults).toEqual([
      "the credential store:core is not there; the credential file:core could not be read",
    ]);
  });

  test("takes the first of several references that can be read", async () => {
    const { found } = resolve(
      [place("store", missing), place("env", LOGIN)],
      [
        { name: "store", ref: "a" },
        { name: "env", ref: "b" },
      ],
    );
    expect((await found).ref).toEqual({ name: "env", ref: "b" });
  });

  test("of which nothing can be read names every reference, and is worth another try where a place was away", async () => {
    const refs: CredentialRef[] = [
      { name: "store", ref: "a" },
      { name: "vault_kv", ref: "net/core", mount: "kv", version: 3 },
    ];
    await expect(resolve([place("store", missing)], refs).found).rejects.toMatchObject({
      name: "DeviceError",
      type: "CredentialError",
      retryable: false,
      message:
        "the credential store:a is not there; the credential vault_kv:kv/net/core, version 3 is kept where this node does not look: set credentials.vault.addr",
    });
    await expect(resolve([place("store", away)], refs).found).rejects.toMatchObject({ retryable: true });
    await expect(resolve([], [{ name: null, ref: "a" }], []).found).rejects.toMatchObject({
      message: expect.stringContaining("credentials.chain"),
    });
  });

  test("ends with the job that waits for it", async () => {
    const abort = new AbortController();
    abort.abort(new Error("over"));
    const resolver = credentialChain({ providers: [place("env", LOGIN)], chain: ["env"], onFault: () => {} });
    await expect(
      resolver.resolve([{ name: null, ref: "core" }], { devices: [DEVICE], signal: abort.signal }),
    ).rejects.toThrow("over");
  });
});
