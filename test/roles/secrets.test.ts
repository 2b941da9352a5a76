import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { startDevice } from "../e2e/support/device.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { run as runProcess } from "../support/process.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { startTmux } from "../support/tmux.ts";
import { VaultServer } from "../support/vault-server.ts";

setDefaultTimeout(60_000);

const MAIN = resolve(import.meta.dir, "../../src/main.ts");
const PASSWORD = "Pw-kept-in-the-store-7";

const dirs: TempDir[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) dir.remove();
});

/** `netpulse secrets …` on a data folder of its own. */
function onNewStore() {
  const dir = tempDir("secrets");
  dirs.push(dir);
  async function run(argv: string[], stdin = "", env: Record<string, string> = {}) {
    const { PATH = "" } = process.env;
    const command = [process.execPath, "--no-env-file", MAIN, "secrets", ...argv];
    const { code, stdout, stderr } = await runProcess(command, {
      env: { PATH, NETPULSE_DATA_DIR: dir.path, ...env },
      stdin,
    });
    return { code, stdout, output: stdout + stderr };
  }
  return { run, dataDir: dir.path, keyFile: dir.file("secret.key") };
}

describe("netpulse secrets", () => {
  test("keeps a credential sealed, lists it without what is secret, and forgets it", async () => {
    const { run, dataDir } = onNewStore();
    const added = await run(["set", "core/admin", "--username", "admin"], `${PASSWORD}\n`);
    expect([added.code, added.output]).toEqual([0, 'added "core/admin"\n']);
    const json = JSON.stringify({ username: "lab", password: PASSWORD, secret: "enable-me" });
    expect((await run(["set", "lab", "--json", "--device", "10.9.0.0/16"], json)).code).toBe(0);
    expect(JSON.parse((await run(["list", "--json"])).stdout)).toEqual([
      { name: "core/admin", fields: ["username", "password"], devices: null, changed_at: expect.any(String) },
      {
        name: "lab",
        fields: ["username", "password", "secret"],
        devices: ["10.9.0.0/16"],
        changed_at: expect.any(String),
      },
    ]);
    const table = await run(["list"]);
    expect(table.stdout).toContain("core/admin");
    expect(table.output).not.toContain(PASSWORD);
    for (const file of ["netpulse.db", "netpulse.db-wal"]) {
      if (existsSync(`${dataDir}/${file}`))
        expect(readFileSync(`${dataDir}/${file}`)).not.toContain(PASSWORD);
    }
    expect((await run(["remove", "lab"])).output).toBe('removed "lab"\n');
    expect(await run(["remove", "lab"])).toMatchObject({
      code: 1,
      output: expect.stringContaining("no credential"),
    });
  });

  test("refuses what is no credential, and repeats nothing of it", async () => {
    const { run } = onNewStore();
    for (const [argv, stdin] of [
      [["set", "a", "--json"], `{"password": "${PASSWORD}"`],
      [["set", "a", "--json"], `{"password": {"is": "${PASSWORD}"}}`],
      [["set", "a", "--username", "u"], ""],
      [["set", "a"], PASSWORD],
      [["set", "a", "--username", "u", "--json"], PASSWORD],
      [["set", "../a", "--username", "u"], PASSWORD],
      [["set", "a", "--username", "u", "--device", "no such"], PASSWORD],
    ] as const) {
      const { code, output } = await run([...argv], stdin);
      expect(code).toBeGreaterThan(0);
      expect(output).not.toContain(PASSWORD);
    }
    expect(await run(["list"])).toMatchObject({ code: 0, stdout: "" });
  });
});

describe("on a terminal", () => {
  const typing = async (dir: string, argv: string) => {
    const { PATH = "" } = process.env;
    const terminal = await startTmux({ env: { PATH, NETPULSE_DATA_DIR: dir } });
    await terminal.type(`${process.execPath} --no-env-file ${MAIN} secrets ${argv}; echo "ended with $?"`);
    await terminal.press("Enter");
    return terminal;
  };

  test("a password is typed unseen, with what keys mean, and jobs log in with it", async () => {
    const { dataDir, run } = onNewStore();
    const password = "Pw-typed-\u00fcnseen 7";
    {
      await using terminal = await typing(dataDir, "set dev --username admin");
      await terminal.shows(/^(?:\$ )?password: *$/m);
      await terminal.type("wrong-one");
      await terminal.press("C-u");
      await terminal.type(`${password.slice(0, -1)}8\u20ac`);
      await terminal.press("BSpace");
      await terminal.press("BSpace");
      await terminal.type("7");
      await terminal.press("Enter");
      const shown = await terminal.shows(/ended with 0/);
      expect(shown).toContain('added "dev"');
      expect(shown).not.toMatch(/wrong-one|Pw-typed/);
      await terminal.type("echo seen again");
      await terminal.shows(/echo seen again/);
    }
    expect((await run(["list"])).stdout).toContain("dev");
    await using device = await startDevice({ username: "admin", password });
    const { username: _username, password: _password, ...connection_args } = device.args();
    await using netpulse = await startNetpulse({ dataDir });
    const body = { driver: "netmiko", connection_args, command: "show version", credential: "dev" };
    const job = await netpulse.ended((await netpulse.exec(body)).id);
    expect([job.status, job.result?.error]).toEqual(["finished", null]);
  });

  test("Ctrl-C changes nothing, and the terminal echoes again", async () => {
    const { dataDir, run } = onNewStore();
    await using terminal = await typing(dataDir, "set dev --username admin");
    await terminal.shows(/^(?:\$ )?password: *$/m);
    await terminal.type("half-a-passw");
    await terminal.press("C-c");
    const shown = await terminal.shows(/ended with 2/);
    expect(shown).toContain("nothing was changed");
    expect(shown).not.toContain("half-a-passw");
    await terminal.type("echo seen again");
    await terminal.shows(/echo seen again/);
    expect((await run(["list"])).stdout).toBe("");
  });
});

const keysIn = (path: string) => readFileSync(path, "utf8").trim().split("\n");

test("jobs log in with what is kept, and the key is changed under a server that works", async () => {
  const { run, dataDir, keyFile } = onNewStore();
  await using device = await startDevice({ password: PASSWORD });
  const { username, password: _password, ...connection_args } = device.args();
  await run(["set", "dev", "--username", String(username)], PASSWORD);
  const ask = (command: string, more: object = {}) => ({
    driver: "netmiko",
    connection_args,
    command,
    credential: "dev",
    ttl: 600,
    ...more,
  });
  let netpulse: Netpulse = await startNetpulse({ dataDir });
  try {
    const first = await netpulse.ended((await netpulse.exec(ask("show version"))).id);
    expect([first.status, first.result?.error]).toEqual(["finished", null]);
    const unknown = await netpulse.ended(
      (await netpulse.exec(ask("show clock", { credential: "nobody" }))).id,
    );
    expect(unknown.result?.error).toMatchObject({
      type: "CredentialError",
      message: expect.stringContaining("store:nobody is not in the store"),
    });

    device.hold("show clock");
    const running = await netpulse.exec(ask("show clock"));
    await device.received("show clock");
    const waiting = await netpulse.exec(ask("show users"));
    const headers = { "Idempotency-Key": "once" };
    const keyed = await netpulse.request<{ id: string }>("POST", "/device/exec", {
      body: ask("show ip route"),
      headers,
    });
    const [before = ""] = keysIn(keyFile);
    const rotated = await run(["rotate-key"]);
    expect([rotated.code, rotated.output]).toEqual([
      0,
      expect.stringMatching(/sealed anew: [23] jobs, 0 webhooks, 0 detached tasks, 2 secrets/),
    ]);
    expect(keysIn(keyFile)).toHaveLength(1);
    expect(keysIn(keyFile)).not.toContain(before);
    const again = await netpulse.request<{ id: string }>("POST", "/device/exec", {
      body: ask("show ip route"),
      headers,
    });
    expect([again.status, again.body.data.id]).toEqual([201, keyed.body.data.id]);

    device.release();
    for (const id of [running.id, waiting.id, keyed.body.data.id])
      expect((await netpulse.ended(id)).status).toBe("finished");
    const after = await netpulse.ended((await netpulse.exec(ask("show version"))).id);
    expect(after.status).toBe("finished");
    await netpulse.stop();
    netpulse = await startNetpulse({ dataDir });
    expect((await netpulse.ended((await netpulse.exec(ask("show version"))).id)).status).toBe("finished");
    expect(netpulse.output()).not.toContain(PASSWORD);
  } finally {
    await netpulse[Symbol.asyncDispose]();
  }
});

test("a node logs in to Vault by AppRole and reads what a job refers to, and nothing that it may not", async () => {
  using vault = new VaultServer();
  const token = { ttl: 3600, renewable: true, paths: null };
  vault.roles.set("nodes", { secretId: "Sid-of-the-node-7", token });
  await using device = await startDevice({ password: PASSWORD });
  const { username, password: _password, ...connection_args } = device.args();
  vault.put("net/core", { user: username, pass: PASSWORD });
  await using netpulse = await startNetpulse({
    env: {
      NETPULSE_CREDENTIALS__VAULT__ADDR: vault.addr,
      NETPULSE_CREDENTIALS__VAULT__ROLE_ID: "nodes",
      NETPULSE_CREDENTIALS__VAULT__SECRET_ID: "Sid-of-the-node-7",
      NETPULSE_CREDENTIALS__VAULT__ALLOWED_PATHS: "secret/net/*",
      NETPULSE_LOG__LEVEL: "debug",
    },
  });
  const ask = async (credential: object) => {
    const body = { driver: "netmiko", connection_args, command: "show version", credential };
    return await netpulse.ended((await netpulse.exec(body)).id);
  };
  const field_mapping = { username: "user", password: "pass" };
  const job = await ask({ name: "vault_kv", ref: "net/core", field_mapping });
  expect([job.status, job.result?.error]).toEqual(["finished", null]);
  expect(vault.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST auth/approle/login",
    "GET secret/data/net/core",
  ]);
  const denied = await ask({ name: "vault_kv", ref: "finance/all", field_mapping });
  expect(denied.result?.error?.message).toContain("allowed_paths");
  const fallback = await ask([
    { name: "vault_kv", ref: "net/none" },
    { name: "vault_kv", ref: "net/core", field_mapping },
  ]);
  expect(fallback.status).toBe("finished");
  await netpulse.waitForOutput(/another place than the first/);
  for (const secret of ["Sid-of-the-node-7", PASSWORD, "hvs."])
    expect(netpulse.output()).not.toContain(secret);
  const tested = await netpulse.post<{ success: boolean }>("/device/test", {
    driver: "netmiko",
    connection_args,
    credential: { name: "vault_kv", ref: "net/core", field_mapping },
  });
  expect(tested.body.data.success).toBe(true);
});

test("configured keys are changed when both are given, and the old one alone opens the store no more", async () => {
  const { run } = onNewStore();
  const [one, two] = ["1".repeat(64), "2".repeat(64)];
  await run(["set", "dev", "--username", "u"], PASSWORD, { NETPULSE_SECRET_KEY: one });
  const alone = await run(["rotate-key"], "", { NETPULSE_SECRET_KEY: one });
  expect(alone).toMatchObject({ code: 1, output: expect.stringContaining("NETPULSE_PREVIOUS_SECRET_KEY") });
  const both = { NETPULSE_SECRET_KEY: two, NETPULSE_PREVIOUS_SECRET_KEY: one };
  expect(await run(["rotate-key"], "", both)).toMatchObject({ code: 0 });
  expect(await run(["rotate-key"], "", both)).toMatchObject({ code: 1 });
  const old = await run(["set", "dev", "--username", "u"], PASSWORD, { NETPULSE_SECRET_KEY: one });
  expect(old.output).not.toContain(one);
  expect(old).toMatchObject({
    code: 2,
    output: expect.stringContaining("is not the key that this store is sealed with"),
  });
  expect((await run(["set", "dev", "--username", "u"], PASSWORD, { NETPULSE_SECRET_KEY: two })).code).toBe(0);
});
