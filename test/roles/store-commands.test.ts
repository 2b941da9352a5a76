import { Database } from "bun:sqlite";
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type CliCommand, runCli } from "../../src/cli/cli.ts";
import { systemClock } from "../../src/core/clock.ts";
import { backupCommand } from "../../src/roles/backup-command.ts";
import { doctorCommand } from "../../src/roles/doctor-command.ts";
import { migrateCommand } from "../../src/roles/migrate-command.ts";
import { openStorage } from "../../src/storage/open.ts";
import { APPLICATION_ID } from "../../src/storage/sqlite/connection.ts";
import { MIGRATIONS } from "../../src/storage/sqlite/migrations/index.ts";
import { startOther } from "../conformance/storage/processes/spawn.ts";
import { Factory } from "../support/factory.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

const COMMANDS: CliCommand[] = [
  { name: "migrate", summary: "", run: migrateCommand },
  { name: "backup", summary: "", run: backupCommand },
  { name: "doctor", summary: "", run: doctorCommand },
];
const OURS = `PRAGMA application_id = ${APPLICATION_ID}`;
const NEWEST = MIGRATIONS.length;

const dirs: TempDir[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) dir.remove();
});

/** A data folder without anything in it, and the commands on it. */
function newFolder() {
  const dir = tempDir("commands");
  dirs.push(dir);
  const db = dir.file("netpulse.db");
  return {
    dir,
    db,
    open: () => openStorage({ url: `sqlite:${db}`, clock: systemClock }),
    async run(...argv: string[]) {
      let out = "";
      let err = "";
      const io = {
        out(text: string) {
          out += text;
        },
        err(text: string) {
          err += text;
        },
      };
      const code = await runCli([...argv, "--set", `data_dir=${dir.path}`], COMMANDS, io);
      return { code, out, err };
    },
  };
}

/** The same with a migrated store and some jobs. */
async function usedFolder(jobs = 3) {
  const folder = newFolder();
  const storage = await folder.open();
  await storage.migrate();
  const stored = await new Factory(storage).queuedAll(Array.from({ length: jobs }, () => ({})));
  return { ...folder, storage, ids: stored.map(({ id }) => id) };
}

function tamper(path: string, ...statements: string[]): void {
  const db = new Database(path);
  for (const statement of statements) db.run(statement);
  db.close();
}

describe("netpulse migrate", () => {
  test("makes the store and its folder, says from where to where, and finds nothing to do then", async () => {
    const { run, dir } = newFolder();
    const deep = ["--set", `storage.url=sqlite:${dir.file("netpulse.db")}`];
    expect(await run("migrate", ...deep)).toEqual({
      code: 0,
      out: `schema version 0 -> ${NEWEST}\n`,
      err: "",
    });
    expect(await run("migrate")).toMatchObject({ code: 0, out: `schema version ${NEWEST}: nothing to do\n` });
  });

  test("works beside a server that has the store open", async () => {
    const { run, storage } = await usedFolder();
    expect((await run("migrate")).code).toBe(0);
    await storage.close();
  });

  test("refuses a newer schema and leaves it as it is", async () => {
    const { run, storage, db } = await usedFolder();
    await storage.close();
    tamper(db, "PRAGMA user_version = 99");
    const before = readFileSync(db);
    const { code, err } = await run("migrate");
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/schema version 99, this program knows \d+: start the newer/),
    ]);
    expect(readFileSync(db).equals(before)).toBe(true);
  });
});

describe("netpulse backup", () => {
  test("copies one moment of the store while others write, and the copy serves as a store", async () => {
    const { run, dir, db, storage, ids } = await usedFolder(500);
    await using writer = startOther({ url: `sqlite:${db}`, synchronous: "normal" }, "write", []);
    await writer.waitFor(/job_/);
    const to = dir.file("copy.db");
    const { code, out } = await run("backup", to);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(new RegExp(`MiB, schema version ${NEWEST}, checked`)),
    ]);
    const mark = writer.mark();
    await writer.waitFor(/job_/, { from: mark });
    const copy = await openStorage({ url: `sqlite:${to}`, clock: systemClock });
    expect((await copy.get({ ids })).filter((job) => job === null)).toEqual([]);
    expect((await copy.examine({ limit: 3 })).findings).toEqual([]);
    expect((await copy.counts()).queued).toBeLessThan((await storage.counts()).queued);
    await copy.close();
    await storage.close();
  });

  test("is for its owner alone, and leaves nothing beside it", async () => {
    const { run, dir, storage } = await usedFolder();
    await storage.close();
    const before = readdirSync(dir.path);
    expect((await run("backup", dir.file("copy.db"))).code).toBe(0);
    expect((statSync(dir.file("copy.db")).mode & 0o777).toString(8)).toBe("600");
    expect(readdirSync(dir.path).toSorted()).toEqual([...before, "copy.db"].toSorted());
  });

  test("says which keys it does not hold, by where they are, not by what they are", async () => {
    const { run, dir, storage } = await usedFolder();
    await storage.close();
    const { out } = await run("backup", dir.file("a.db"));
    expect(out).toContain(`the sealing key, ${dir.file("secret.key")}; the API key, ${dir.file("api-key")}`);
    const keys = ["--set", "secret_key=0123456789abcdef", "--set", "server.api_key=fedcba9876543210"];
    const configured = await run("backup", dir.file("b.db"), ...keys);
    expect(configured.out).toContain("NETPULSE_SECRET_KEY; the API key, NETPULSE_SERVER__API_KEY");
    expect(configured.out).not.toMatch(/0123456789abcdef|fedcba9876543210/);
  });

  test("never writes over a file that is there", async () => {
    const { run, dir, storage } = await usedFolder();
    await storage.close();
    const to = dir.file("precious");
    writeFileSync(to, "precious");
    expect(await run("backup", to)).toMatchObject({
      code: 2,
      err: expect.stringContaining("it is there already"),
    });
    expect(readFileSync(to, "utf8")).toBe("precious");
  });

  test("of a store that is not there, or damaged, makes no file", async () => {
    const { run, dir, db, storage } = await usedFolder(500);
    await storage.close();
    const to = dir.file("copy.db");
    const elsewhere = ["--set", `storage.url=sqlite:${dir.file("nowhere.db")}`];
    expect(await run("backup", to, ...elsewhere)).toMatchObject({
      code: 2,
      err: expect.stringContaining("no database"),
    });
    const data = readFileSync(db);
    data.fill(0xff, 20 * 4096, 30 * 4096);
    writeFileSync(db, data);
    expect((await run("backup", to)).code).toBe(2);
    expect(existsSync(to)).toBe(false);
    expect(existsSync(dir.file("nowhere.db"))).toBe(false);
    expect(readdirSync(dir.path).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test("needs a folder that is there", async () => {
    const { run, dir, storage } = await usedFolder();
    await storage.close();
    const { code, err } = await run("backup", dir.file("no/copy.db"));
    expect([code, err]).toEqual([2, expect.stringContaining("cannot write")]);
  });
});

describe("netpulse doctor", () => {
  test("finds a store in order beside its server, and says how much it has looked at", async () => {
    const { run, storage } = await usedFolder(3);
    const { code, out } = await run("doctor");
    await storage.close();
    expect(code).toBe(0);
    expect(out).toContain(`store: sqlite, schema version ${NEWEST} (this program's: ${NEWEST})`);
    expect(out).toContain("looked at: 3 jobs");
    expect(out).toEndWith("all is in order\n");
  });

  test("names what is off by rule, and ends with 1", async () => {
    const { run, storage, db, ids } = await usedFolder(3);
    await storage.close();
    tamper(db, "UPDATE jobs SET abort = 1");
    const { code, out } = await run("doctor", "--limit", "2");
    expect(code).toBe(1);
    expect(out).toContain("not so: no queued job was asked to abort\n");
    expect(ids.filter((id) => out.includes(`  ${id}: FifoQ`))).toHaveLength(2);
  });

  test("--json says the same to programs", async () => {
    const { run, storage, db } = await usedFolder(1);
    await storage.close();
    tamper(db, "UPDATE jobs SET abort = 1");
    const { code, out } = await run("doctor", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      store: "sqlite",
      schema: { version: NEWEST, newest: NEWEST },
      looked: { jobs: 1 },
      findings: [{ rule: "no queued job was asked to abort", detail: "FifoQ" }],
    });
  });

  test("does not migrate: of an older schema it says what to do", async () => {
    const { run, storage, db } = await usedFolder();
    await storage.close();
    tamper(db, "PRAGMA user_version = 1");
    expect(await run("doctor")).toMatchObject({ code: 1, out: expect.stringContaining("netpulse migrate") });
    expect((await run("doctor", "--json")).out).toContain('"version": 1');
  });

  test.each([
    ["is not there", (path: string) => expect(existsSync(path)).toBe(false)],
    ["is no database", (path: string) => writeFileSync(path, "no database at all ".repeat(500))],
    ["is another program's", (path: string) => tamper(path, "CREATE TABLE theirs (a)")],
    [
      "has a newer schema",
      (path: string) => tamper(path, "PRAGMA journal_mode = WAL", OURS, "PRAGMA user_version = 99"),
    ],
  ])("ends with 2 when the store %s, and does not touch it", async (_, prepare) => {
    const { run, db } = newFolder();
    prepare(db);
    const before = existsSync(db) ? readFileSync(db) : null;
    const { code, out, err } = await run("doctor");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(db);
    expect(existsSync(db) ? readFileSync(db) : null).toEqual(before);
  });

  test("refuses a limit that is none", async () => {
    expect(await newFolder().run("doctor", "--limit", "0")).toMatchObject({ code: 2 });
  });

  test("--help says what the exit codes mean", async () => {
    expect((await newFolder().run("doctor", "--help")).out).toMatch(/Exit code: 0 .* 1 .* 2 /);
  });
});
