import { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartupError } from "../core/errors.ts";

/** What is not reachable would be closed with the garbage, and its lock be gone. */
const held = new Set<Database>();

export interface Lock {
  /** Idempotent. */
  release(): void;
}

/**
 * Holds a data folder for the one `serve` it may have. Rejects with `StartupError` at once when another process
 * holds it.
 */
export function lockDataDir(dataDir: string): Promise<Lock> {
  const taken = `another netpulse serve uses the data folder ${dataDir}; stop it, or set NETPULSE_DATA_DIR to another one`;
  return lock(dataDir, "serve.lock", taken);
}

/**
 * Holds a node's name among the processes of a data folder, `serve` and `node` alike: two nodes of one name on one
 * store would take each other for a restart. Other names may join in, and any number of APIs.
 */
export function lockNodeName(dataDir: string, name: string): Promise<Lock> {
  const taken = `another process of the data folder ${dataDir} is the node ${name}; stop it, or set NETPULSE_NODE__NAME to another name`;
  return lock(dataDir, `node-${fileName(name)}.lock`, taken);
}

/** A node's name may be longer than a file's. */
export function fileName(name: string): string {
  return name.length <= 100 ? name : createHash("sha256").update(name).digest("hex");
}

/** The lock is the kernel's on a file that stays empty: it dies with its process, however that ends. */
async function lock(dataDir: string, file: string, taken: string): Promise<Lock> {
  const path = join(dataDir, file);
  try {
    makePrivate(path);
    const db = hold(path);
    held.add(db);
    return {
      release() {
        held.delete(db);
        db.close();
      },
    };
  } catch (error) {
    throw refusal(dataDir, taken, error);
  }
}

/** Others could keep us out by a lock of theirs. */
function makePrivate(path: string): void {
  try {
    // Only a new file may be opened here: closing it would drop a lock that this process already has on it.
    writeFileSync(path, "", { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    chmodSync(path, 0o600);
  }
}

/** A write transaction for life: SQLite lets one process have it, and tells the others without a wait. */
function hold(path: string): Database {
  const db = new Database(path, { readwrite: true, create: false });
  try {
    db.run("PRAGMA busy_timeout = 0");
    db.run("PRAGMA journal_mode = MEMORY"); // a journal file would be left behind by a killed process
    db.run("BEGIN IMMEDIATE");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function refusal(dataDir: string, taken: string, error: unknown): StartupError {
  const code = codeOf(error);
  if (code?.startsWith("SQLITE_BUSY")) return new StartupError(taken);
  return new StartupError(`the data folder ${dataDir} cannot be locked (${code ?? String(error)})`, {
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
