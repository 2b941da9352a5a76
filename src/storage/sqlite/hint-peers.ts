import { chmodSync, mkdirSync, readdirSync, realpathSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Socket, SocketListener } from "bun";
import type { Clock, Timer } from "../../core/clock.ts";
import type { Hint } from "../storage.ts";
import { decodeHint, encodeHints, LineReader } from "./hint-lines.ts";

export interface HintPeersOptions {
  /** The database file that all of them have open. */
  path: string;
  clock: Clock;
  /** Hints of other processes. */
  hear(hints: Hint[]): void;
  /** Told once when others cannot be reached, until they can again. */
  warn(message: string): void;
}

/** How often the folder is looked at for what went wrong meanwhile: a peer we missed, a socket somebody removed. */
const LOOK_MS = 5_000;
const SOCKET_NAME = /^\d{1,10}-[0-9a-z]{1,16}\.sock$/;

/** One that listens to us. `rest` is what it has not taken yet of the last write: no more is kept for it. */
interface Listener {
  reader: LineReader;
  rest: Uint8Array | null;
}

interface Speaker {
  reader: LineReader;
}

/**
 * Brings hints to and from the other processes that have the same database file open. Each has a unix socket in the
 * folder `<file>-hints`; whoever wants to hear it connects, says the name of his own socket, and is connected to in
 * turn. A process that is killed leaves a socket that refuses: the next one who tries it removes it.
 *
 * Nobody waits for a peer: what one that is slow, or stopped, does not take at once is not sent to it.
 */
export class HintPeers {
  readonly #options: HintPeersOptions;
  readonly #folder: string;
  readonly #listeners = new Set<Socket<Listener>>();
  /** By the name of their socket; null while we are connecting. */
  readonly #speakers = new Map<string, Socket<Speaker> | null>();
  #own: { name: string; listener: SocketListener<Listener> } | null = null;
  #started = false;
  #closed = false;
  #warned = false;
  #timer: Timer | null = null;

  constructor(options: HintPeersOptions) {
    this.#options = options;
    this.#folder = `${realpathSync(options.path)}-hints`;
  }

  /** Joins the others, once. */
  join(): void {
    if (this.#started || this.#closed) return;
    this.#started = true;
    this.#look();
  }

  /** Joins the others, and keeps looking for them. */
  watch(): void {
    this.join();
    if (this.#timer || this.#closed) return;
    this.#timer = this.#options.clock.after(LOOK_MS, () => {
      this.#timer = null;
      this.#look();
      this.watch();
    });
  }

  send(hints: readonly Hint[]): void {
    if (this.#listeners.size === 0) return;
    const bytes = encodeHints(hints);
    for (const socket of this.#listeners) {
      if (socket.data.rest === null) write(socket, bytes);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    for (const socket of this.#listeners) socket.end();
    for (const socket of this.#speakers.values()) socket?.end();
    this.#own?.listener.stop();
    if (!this.#own) return;
    rmSync(join(this.#folder, this.#own.name), { force: true });
    this.#removeFolder();
  }

  /** The last one takes the folder away; for the others it is not empty. */
  #removeFolder(): void {
    try {
      rmdirSync(this.#folder);
    } catch (error) {
      if (!["ENOTEMPTY", "ENOENT", "EEXIST"].includes(codeOf(error))) this.#warn(error);
    }
  }

  #look(): void {
    try {
      const names = this.#present();
      for (const name of names) if (SOCKET_NAME.test(name)) this.#connect(name);
      this.#warned = false;
    } catch (error) {
      this.#warn(error);
    }
  }

  /** The names in the folder, our own one among them from now on. */
  #present(): string[] {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    chmodSync(this.#folder, 0o700);
    const names = readdirSync(this.#folder);
    if (this.#own && names.includes(this.#own.name)) return names;
    this.#own?.listener.stop();
    this.#own = this.#listen();
    return names;
  }

  #listen() {
    const random = Math.floor(Math.random() * 36 ** 8).toString(36);
    const name = `${process.pid}-${random}.sock`;
    const unix = join(this.#folder, name);
    const listener = Bun.listen<Listener>({
      unix,
      socket: {
        open: (socket) => {
          socket.unref();
          socket.data = { reader: new LineReader(), rest: null };
          this.#listeners.add(socket);
        },
        data: (socket, bytes) => this.#greeted(socket, bytes),
        drain: (socket) => {
          if (socket.data.rest) write(socket, socket.data.rest);
        },
        close: (socket) => void this.#listeners.delete(socket),
        error: (socket) => void socket.end(),
      },
    });
    chmodSync(unix, 0o600);
    listener.unref();
    return { name, listener };
  }

  /** One that listens to us says where it can be heard. */
  #greeted(socket: Socket<Listener>, bytes: Uint8Array): void {
    try {
      for (const name of socket.data.reader.take(bytes)) if (SOCKET_NAME.test(name)) this.#connect(name);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      socket.end();
    }
  }

  #connect(name: string): void {
    const own = this.#own?.name;
    if (this.#closed || !own || name === own || this.#speakers.has(name)) return;
    this.#speakers.set(name, null);
    Bun.connect<Speaker>({
      unix: join(this.#folder, name),
      socket: {
        open: (socket) => {
          socket.unref();
          socket.data = { reader: new LineReader() };
          if (this.#closed) return void socket.end();
          this.#speakers.set(name, socket);
          socket.write(`${own}\n`);
        },
        data: (socket, bytes) => this.#heard(socket, bytes),
        close: () => void this.#speakers.delete(name),
        error: (socket) => void socket.end(),
      },
    }).catch((error: unknown) => {
      this.#speakers.delete(name);
      // Nobody listens there any more. Where this is wrong by a moment, its owner sees it and makes another one.
      if (codeOf(error) === "ECONNREFUSED") rmSync(join(this.#folder, name), { force: true });
    });
  }

  #heard(socket: Socket<Speaker>, bytes: Uint8Array): void {
    try {
      const hints = socket.data.reader.take(bytes).map(decodeHint);
      this.#options.hear(hints.filter((hint) => hint !== null));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      socket.end();
    }
  }

  #warn(error: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#options.warn(
      `other processes of this database cannot be woken, so they find changes at their next sweep: ${this.#folder}: ${codeOf(error)}`,
    );
  }
}

/** Writes as much as is taken at once. A hint that was begun is finished later, or the next one could not be read. */
function write(socket: Socket<Listener>, bytes: Uint8Array): void {
  const taken = Math.max(0, socket.write(bytes));
  socket.data.rest = taken < bytes.length ? bytes.subarray(taken) : null;
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code ?? error);
}
