import { Database } from "bun:sqlite";

/** What only another process on the same file can do, for tests: `bun child.ts ROLE PATH …`. */
const [role, path = "", ...rest] = process.argv.slice(2);

const ROLES: Record<string, () => Promise<void>> = {
  /** Holds the write lock for so many milliseconds, or until a line comes on standard input. */
  async lock() {
    const db = new Database(path);
    db.run("PRAGMA busy_timeout = 5000");
    db.run("BEGIN IMMEDIATE");
    console.log("locked");
    await (rest[0] === undefined ? nextLine() : Bun.sleep(Number(rest[0])));
    db.run("COMMIT");
    db.close();
    console.log("released");
  },
};

async function nextLine(): Promise<void> {
  for await (const _ of console) return;
}

await ROLES[role ?? ""]?.();
process.exit(0);
