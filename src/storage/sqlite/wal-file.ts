import { close, fdatasync, fsync, open } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { StorageError } from "../../core/errors.ts";

const opened = promisify(open);
const synced = promisify(fdatasync);
const whole = promisify(fsync);
const closed = promisify(close);

export interface WalFileOptions {
  /** The database file. */
  path: string;
  /** Copies all commits into the database file and syncs that; false where another process was in the way. */
  checkpoint(): boolean;
  /** The machine's unless a test needs it to fail. */
  sync?: (file: number) => Promise<void>;
}

/**
 * Brings commits to the disk, in a thread that the event loop does not wait for: SQLite's own FULL does the same, to the
 * same file, inside COMMIT, and holds the loop for as long as the disk takes. SQLite keeps the `-wal` file for as long as
 * it has the database open, and takes no locks on it, so that a second descriptor does no harm.
 */
export class WalFile {
  readonly #options: WalFileOptions;
  #file: number | null = null;
  /**
   * After a failure the system takes pages for written that are not: another sync would say that all is well. What they
   * hold must get into the database file by another way.
   */
  #isDoubtful = false;

  constructor(options: WalFileOptions) {
    this.#options = options;
  }

  /** Resolves when all that is committed now would survive a power cut. One at a time. */
  async sync(): Promise<void> {
    const { path, sync = synced } = this.#options;
    try {
      if (this.#isDoubtful) this.#repair();
      this.#file ??= await openWal(path);
      await sync(this.#file);
    } catch (error) {
      this.#isDoubtful = true;
      throw unsynced(path, error);
    }
  }

  #repair(): void {
    if (!this.#options.checkpoint()) throw new Error("another process was reading");
    this.#isDoubtful = false;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    if (file !== null) await closed(file);
  }
}

async function openWal(path: string): Promise<number> {
  if (process.platform !== "win32") await syncFolder(dirname(path));
  return await opened(`${path}-wal`, "r+");
}

/** The file's name in it is as new as the file. */
async function syncFolder(path: string): Promise<void> {
  const folder = await opened(path, "r");
  try {
    await whole(folder);
  } finally {
    await closed(folder);
  }
}

function unsynced(path: string, cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = "what was asked may have been done, and may be undone when the power fails";
  return new StorageError("unavailable", `${path}: cannot write to the disk (${reason}); ${advice}`, {
    cause,
  });
}
