import type { Clock } from "../../core/clock.ts";
import { DeviceError } from "../../core/errors.ts";
import { printable } from "./handshake-watch.ts";
import type { SFTPWrapper, Stats } from "./ssh2.ts";

export interface RemoteState {
  kind: "file" | "folder" | "link" | "other";
  size: number;
  /** Permissions alone. */
  mode: number;
}

/** What every server takes in one request, and gives in one answer. */
export const CHUNK = 32 * 1024;

/** `create` refuses what is there, a link that somebody has put in the way included. */
const OPEN = { read: "r", create: "wx", resume: "r+" } as const;

/** How long a host may take to close the channel. */
const END_MS = 1000;

const NO_SUCH_FILE = 2;
const KIND_BITS = 0o170000;
const KINDS = new Map<number, RemoteState["kind"]>([
  [0o100000, "file"],
  [0o040000, "folder"],
  [0o120000, "link"],
]);

/** Most entries of one folder. */
const MAX_ENTRIES = 100_000;

/** The files of a host, over one SFTP channel. Rejects with a `DeviceError`, or the signal's reason. */
export class Sftp {
  readonly #sftp: SFTPWrapper;
  readonly #assertMayWrite: () => void;
  readonly #signal: AbortSignal;
  /** What is under way, to be ended when the channel ends or the run is cut short. */
  readonly #pending = new Set<(error: unknown) => void>();
  readonly #closed = Promise.withResolvers<void>();
  #over: { error: unknown } | null = null;

  constructor(
    sftp: SFTPWrapper,
    options: { assertMayWrite(): void; signal: AbortSignal; lost(): DeviceError },
  ) {
    this.#sftp = sftp;
    this.#assertMayWrite = options.assertMayWrite;
    this.#signal = options.signal;
    sftp.once("close", () => {
      this.#closed.resolve();
      this.#stop(options.lost());
    });
    // The channel closes after an error: that is what counts.
    sftp.on("error", () => {});
    options.signal.addEventListener("abort", () => this.#stop(options.signal.reason), { once: true });
  }

  #stop(error: unknown): void {
    this.#over ??= { error };
    for (const reject of this.#pending) reject(error);
    this.#pending.clear();
  }

  /** Null: there is nothing. Does not follow links. */
  lstat(path: string): Promise<RemoteState | null> {
    return this.#orNull(
      path,
      this.#ask<Stats>((done) => this.#sftp.lstat(path, done)),
    ).then(stateOf);
  }

  stat(path: string): Promise<RemoteState | null> {
    return this.#orNull(
      path,
      this.#ask<Stats>((done) => this.#sftp.stat(path, done)),
    ).then(stateOf);
  }

  /** Names in a folder, as the host gives them. */
  async list(path: string): Promise<string[]> {
    const handle = await this.#about(
      path,
      this.#ask<Buffer>((done) => this.#sftp.opendir(path, done)),
    );
    const names: string[] = [];
    try {
      for (;;) {
        const page = await this.#about(path, this.#page(handle));
        if (page === null) return names;
        names.push(...page.filter((name) => name !== "." && name !== ".."));
        if (names.length > MAX_ENTRIES) throw problem(path, `has more than ${MAX_ENTRIES} entries`);
      }
    } finally {
      await this.close(handle);
    }
  }

  mkdir(path: string): Promise<void> {
    return this.#about(
      path,
      this.#do((done) => this.#sftp.mkdir(path, done)),
    );
  }

  open(path: string, how: keyof typeof OPEN, mode = 0o600): Promise<Buffer> {
    const flags = OPEN[how];
    return this.#about(
      path,
      this.#ask<Buffer>((done) => this.#sftp.open(path, flags, { mode }, done)),
    );
  }

  /** No bytes: the end. There may be fewer than asked for before it. */
  async read(path: string, handle: Buffer, offset: number, length: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafe(length);
    const got = this.#ask<number>((done) =>
      this.#sftp.read(handle, buffer, 0, length, offset, (error, count) => done(error, count ?? 0)),
    );
    const count = await this.#about(path, got.catch(endIsNothing));
    return buffer.subarray(0, Math.min(count, length));
  }

  write(path: string, handle: Buffer, offset: number, bytes: Uint8Array): Promise<void> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    return this.#about(
      path,
      this.#do((done) => this.#sftp.write(handle, buffer, 0, buffer.length, offset, done)),
    );
  }

  /** Of a handle, which may be gone with its channel. */
  async close(handle: Buffer): Promise<void> {
    await this.#do((done) => this.#sftp.close(handle, done)).catch(() => {});
  }

  chmod(path: string, mode: number): Promise<void> {
    return this.#about(
      path,
      this.#do((done) => this.#sftp.chmod(path, mode, done)),
    );
  }

  remove(path: string): Promise<void> {
    return this.#about(
      path,
      this.#do((done) => this.#sftp.unlink(path, done)),
    );
  }

  /** In one step where the server can; else what has the name is removed first. */
  async replace(from: string, to: string): Promise<void> {
    try {
      await this.#do((done) => this.#sftp.ext_openssh_rename(from, to, done));
    } catch (error) {
      if (error instanceof DeviceError) throw error;
      await this.#do((done) => this.#sftp.unlink(to, done)).catch(notADeviceError);
      await this.#about(
        to,
        this.#do((done) => this.#sftp.rename(from, to, done)),
      );
    }
  }

  /**
   * Ends the channel, and waits for the host to do so: Dropbear refuses what is asked of it in between. Never rejects; a
   * host that does not answer is for whoever uses the connection next to find.
   */
  async end(clock: Clock): Promise<void> {
    const timer = clock.after(END_MS, () => this.#closed.resolve());
    this.#sftp.end();
    await this.#closed.promise;
    timer.cancel();
  }

  async #page(handle: Buffer): Promise<string[] | null> {
    type Entries = { filename: string }[];
    const entries = await this.#ask<Entries | null>((done) =>
      this.#sftp.readdir(handle as never, (error, list) => done(error, (list as Entries) ?? null)),
    ).catch((error) => {
      if (codeOf(error) === END_OF_FILE) return null;
      throw error;
    });
    return entries === null ? null : entries.map(({ filename }) => filename);
  }

  #do(request: (done: (error?: Error | null) => void) => void): Promise<void> {
    return this.#ask<void>((done) => request((error) => done(error ?? undefined, undefined)));
  }

  #ask<T>(request: (done: (error: Error | undefined, value: T) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#over !== null) return reject(this.#over.error);
      this.#assertMayWrite();
      this.#pending.add(reject);
      request((error, value) => {
        this.#pending.delete(reject);
        if (error) reject(error);
        else resolve(value);
      });
    });
  }

  async #orNull<T>(path: string, asked: Promise<T>): Promise<T | null> {
    return this.#about(
      path,
      asked.catch((error) => {
        if (codeOf(error) === NO_SUCH_FILE) return null;
        throw error;
      }),
    );
  }

  #about<T>(path: string, asked: Promise<T>): Promise<T> {
    return asked.catch((error) => {
      const ours = error instanceof DeviceError || error === this.#signal.reason;
      throw ours ? error : problem(path, said(error));
    });
  }
}

const END_OF_FILE = 1;
const WORDS: Record<number, string> = {
  2: "is not there",
  3: "is not allowed",
  8: "is more than the server can do",
};

function codeOf(error: unknown): number | null {
  return error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : null;
}

function said(error: unknown): string {
  const known = WORDS[codeOf(error) ?? -1];
  return known ?? `failed: ${printable(error instanceof Error ? error.message : String(error))}`;
}

function endIsNothing(error: unknown): number {
  if (codeOf(error) === END_OF_FILE) return 0;
  throw error;
}

function notADeviceError(error: unknown): void {
  if (error instanceof DeviceError || codeOf(error) === null) throw error;
}

/** What is wrong with a path of the host. */
export function problem(path: string, what: string): DeviceError {
  return new DeviceError(
    "CommandError",
    `${JSON.stringify(printable(path.slice(0, 300)))} on the host ${what}`,
  );
}

function stateOf(found: Stats | null): RemoteState | null {
  if (found === null) return null;
  const { mode = 0, size = 0 } = found;
  return { kind: KINDS.get(mode & KIND_BITS) ?? "other", size, mode: mode & 0o7777 };
}
