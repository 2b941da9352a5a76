import { afterEach, describe, expect, test } from "bun:test";
import { runCli } from "../../src/cli/cli.ts";
import { systemClock } from "../../src/core/clock.ts";
import { keysCommand } from "../../src/roles/keys-command.ts";
import { openStorage } from "../../src/storage/open.ts";
import type { Store } from "../../src/storage/store.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

const dirs: TempDir[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) dir.remove();
});

/** The command on an empty store. */
function onNewStore() {
  const dir = tempDir("keys");
  dirs.push(dir);
  async function run(...argv: string[]) {
    let out = "";
    let err = "";
    const io = {
      out: (text: string) => {
        out += text;
      },
      err: (text: string) => {
        err += text;
      },
    };
    const command = { name: "keys", summary: "", run: keysCommand };
    const set = argv.includes("--help") ? [] : ["--set", `data_dir=${dir.path}`];
    const code = await runCli(["keys", ...argv, ...set], [command], io);
    return { code, out, err };
  }
  async function look<R>(ask: (store: Store) => Promise<R>): Promise<R> {
    const store = await openStorage({ url: `sqlite:${dir.file("netpulse.db")}`, clock: systemClock });
    try {
      return await ask(store);
    } finally {
      await store.close();
    }
  }
  return { run, look };
}

describe("netpulse keys add", () => {
  test("prints the key this once, and keeps its hash only", async () => {
    const { run, look } = onNewStore();
    const { code, out, err } = await run("add", "noc");
    const [, key = ""] = out.split("\n");
    expect([code, err]).toEqual([0, ""]);
    expect(key).toMatch(/^npk_[\w-]{12}_[\w-]{43}$/);
    const stored = await look((store) => store.listKeys({ limit: 9 }));
    expect(stored.keys).toMatchObject([{ name: "noc", scopes: ["read"], expiresAt: null, perMinute: null }]);
    expect(JSON.stringify(stored)).not.toContain(key.slice(17));
    for (const argv of [["list"], ["list", "--json"]]) {
      const listed = await run(...argv);
      expect(listed.out).toContain("noc");
      expect(listed.out).not.toContain(key.slice(17));
      expect(listed.out).not.toContain(stored.keys[0]?.hash ?? "");
    }
    expect((await run("add", "other")).out).not.toContain(key);
  });

  test("takes scopes, lists, an end and a rate", async () => {
    const { run } = onNewStore();
    const options = [
      ["--scopes", "read, exec"],
      ["--allow-device", "10.0.0.0/8"],
      ["--allow-device", "bonn/*"],
      ["--deny-device", "10.0.0.1"],
      ["--allow-command", "show *"],
      ["--deny-command", "show run"],
      ["--expires", "2030-01-01"],
      ["--rate", "60"],
    ].flat();
    const { code, out, err } = await run("add", "noc", "--json", ...options);
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toEqual({
      key: expect.stringMatching(/^npk_/),
      name: "noc",
      id: expect.any(String),
      scopes: ["read", "exec"],
      devices: { allow: ["10.0.0.0/8", "bonn/*"], deny: ["10.0.0.1"] },
      commands: { allow: ["show *"], deny: ["show run"] },
      rate: 60,
      expires_at: "2030-01-01T00:00:00.000Z",
      created_at: expect.any(String),
    });
    const { out: table } = await run("list");
    expect(table).toContain("only 10.0.0.0/8, bonn/*; not 10.0.0.1");
    expect(table).toContain("60/min");
  });

  test.each([
    ["90m", 90 * 60_000],
    ["12h", 12 * 3_600_000],
    ["30d", 30 * 86_400_000],
  ])("--expires %s counts from now", async (when, ms) => {
    const { run } = onNewStore();
    const { expires_at, created_at } = JSON.parse((await run("add", "noc", "--json", "--expires", when)).out);
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(ms);
  });

  test("says what may not be meant", async () => {
    const { run } = onNewStore();
    const { code, err } = await run("add", "noc", "--scopes", "exec", "--deny-command", "reload");
    expect(code).toBe(0);
    expect(err).toContain("--allow-command is the safe form");
    expect(err).toContain("without the scope read");
  });

  test.each([
    ["the configured key's name", ["default"]],
    ["a name with a blank", ["a b"]],
    ["an unknown scope", ["a", "--scopes", "read,write"]],
    ["no device", ["a", "--allow-device", "10.0.0.0/40"]],
    ["an empty command", ["a", "--deny-command", " "]],
    ["no moment", ["a", "--expires", "soon"]],
    ["no rate", ["a", "--rate", "0"]],
    [
      "more patterns than a list has",
      ["a", ...Array.from({ length: 101 }, () => ["--deny-command", "x"]).flat()],
    ],
  ])("refuses %s", async (_what, argv) => {
    const { run } = onNewStore();
    const { code, out, err } = await run("add", ...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/ is invalid( for argument .name.)?\. /);
  });

  test("a name is given once", async () => {
    const { run } = onNewStore();
    await run("add", "noc");
    expect(await run("add", "noc")).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("already"),
    });
  });
});

test("revoke forgets a key, and what was done is in the audit log", async () => {
  const { run, look } = onNewStore();
  await run("add", "noc");
  expect(await run("revoke", "other")).toMatchObject({ code: 1, err: expect.stringContaining("no key") });
  expect(await run("revoke", "noc")).toEqual({ code: 0, out: 'revoked "noc"\n', err: "" });
  expect((await run("list", "--json")).out).toBe("[]\n");
  const { entries } = await look((store) => store.listAudit({ filter: {}, limit: 9 }));
  expect(entries.map(({ actor, action }) => [actor.split(":")[0], action])).toEqual([
    ["local", "revoke_key"],
    ["local", "add_key"],
  ]);
});

test("--help shows how it is used", async () => {
  const { run } = onNewStore();
  expect((await run("--help")).out).toContain("revoke");
  const { out } = await run("add", "--help");
  for (const word of ["--scopes", "--allow-command 'show *'", "safe form"]) {
    expect(out.replace(/\s+/g, " ")).toContain(word);
  }
});
