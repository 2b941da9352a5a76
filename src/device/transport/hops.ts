import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import type { Clock, Timer } from "../../core/clock.ts";
import { DeviceError } from "../../core/errors.ts";
import type { SshTerms } from "../driver.ts";
import { readCredentials } from "./credentials.ts";
import { type Address, dial } from "./dial.ts";
import { shakeHands } from "./handshake.ts";
import { unlessAborted, within } from "./phase.ts";
import { forwardError, place } from "./ssh-errors.ts";
import type { SshSurroundings, SshTarget } from "./ssh-target.ts";
import type { Client } from "./ssh2.ts";
import { Tunnel } from "./tunnel.ts";
import type { UsedCodes } from "./used-codes.ts";

/** A server that is asked to connect on, and what with. */
interface Onward {
  chain: readonly SshTarget[];
  to: Address;
  /** Seconds until the far end must have answered. */
  seconds: number;
}

/** A login that a jump host refused is not sent to it again for so long: hundreds of devices may lie behind it. */
const HELD_BACK_MS = 60_000;
const MAX_HELD_BACK = 1000;

interface Entry {
  key: string;
  name: string;
  opening: Promise<Client>;
  client: Client | null;
  socket: Duplex | null;
  /** Ends the attempt when nobody waits for it any more. */
  abort: AbortController;
  /** Of those who wait. */
  progress: Set<(doing: string) => void>;
  tunnels: Set<Tunnel>;
  /** Those who wait and those who have a tunnel. */
  users: number;
  idle: Timer | null;
}

/**
 * Connections to jump hosts, each shared by all sessions that go the same way as the same user. One is
 * opened at its first use and closed when it was not used for a while.
 */
export class HopPool {
  readonly #terms: SshTerms;
  readonly #clock: Clock;
  readonly #usedCodes: UsedCodes;
  /** In the order they were last left: the first idle one is the longest idle. */
  readonly #entries = new Map<string, Entry>();
  readonly #refused = new Map<string, { error: DeviceError; until: number }>();

  constructor(terms: SshTerms, clock: Clock, usedCodes: UsedCodes) {
    this.#terms = terms;
    this.#usedCodes = usedCodes;
    this.#clock = clock;
  }

  /** Connections that are open or being opened. */
  get size(): number {
    return this.#entries.size;
  }

  /** A connection through all of `chain`. Rejects with a `DeviceError` that names the hop that failed. */
  async through({ chain, to, seconds }: Onward, around: SshSurroundings): Promise<Duplex> {
    const entry = this.#enter(chain, around);
    const leave = () => this.#leave(entry);
    try {
      const client = await this.#opened(entry, around);
      const tunnel = await this.#forward(entry, client, to, seconds, around);
      tunnel.once("close", leave);
      return tunnel;
    } catch (error) {
      leave();
      throw error;
    }
  }

  destroy(): void {
    for (const entry of this.#entries.values()) this.#drop(entry);
  }

  #enter(chain: readonly SshTarget[], around: SshSurroundings): Entry {
    const key = identity(chain);
    const entry = this.#entries.get(key) ?? this.#begin(key, chain, around);
    entry.users += 1;
    entry.idle?.cancel();
    entry.idle = null;
    return entry;
  }

  async #opened(entry: Entry, { signal, progress }: SshSurroundings): Promise<Client> {
    progress(`waiting for the connection to ${entry.name}`);
    entry.progress.add(progress);
    try {
      return await unlessAborted(entry.opening, signal);
    } finally {
      entry.progress.delete(progress);
    }
  }

  #leave(entry: Entry): void {
    entry.users -= 1;
    if (entry.users > 0 || this.#entries.get(entry.key) !== entry) return;
    if (entry.client === null) return this.#drop(entry);
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
    entry.idle = this.#clock.after(this.#terms.hopIdleMs, () => this.#drop(entry));
  }

  #begin(key: string, chain: readonly SshTarget[], around: SshSurroundings): Entry {
    const name = hopName(chain);
    this.#refuseHeldBack(key);
    this.#makeRoom(name);
    const abort = new AbortController();
    const progress = new Set<(doing: string) => void>();
    const entry: Entry = {
      key,
      name,
      opening: Promise.resolve().then(() => this.#open(entry, chain, around)),
      client: null,
      socket: null,
      abort,
      progress,
      tunnels: new Set(),
      users: 0,
      idle: null,
    };
    entry.opening.catch(() => this.#drop(entry));
    this.#entries.set(key, entry);
    return entry;
  }

  async #open(entry: Entry, chain: readonly SshTarget[], around: SshSurroundings): Promise<Client> {
    const target = chain.at(-1);
    if (target === undefined) throw new RangeError("a chain of jump hosts without any");
    const mine: SshSurroundings = {
      ...around,
      signal: entry.abort.signal,
      // Nothing that a jump host is told concerns a device: leases end the tunnels through it.
      guard: { assertMayWrite() {} },
      progress: (doing) => {
        for (const tell of entry.progress) tell(`${doing} (${entry.name})`);
      },
    };
    const before = chain.slice(0, -1);
    const seconds = target.patience.dial;
    const named = <T>(work: Promise<T>) => work.catch((error) => this.#explain(entry, error));
    const sources = { agentSocket: this.#terms.agentSocket, usedCodes: this.#usedCodes };
    const credentials = await named(readCredentials(target, mine, sources));
    const login = async () => {
      // A hop before this one is named by its own error.
      const socket = await (before.length > 0
        ? this.through({ chain: before, to: target, seconds }, mine)
        : named(dial(target, mine, this.#terms.proxies)));
      entry.socket = socket;
      return await named(shakeHands({ target, around: mine, socket, credentials }));
    };
    const client = await login().finally(() => credentials.codeTurn?.end());
    entry.client = client;
    client.on("error", () => {});
    client.once("close", () => this.#drop(entry, `${entry.name} closed the connection`));
    return client;
  }

  #explain(entry: Entry, error: unknown): never {
    if (!(error instanceof DeviceError)) throw error;
    const { type, message, retryable } = error;
    const named = new DeviceError(type, `${entry.name}: ${message}`, { retryable });
    if (type === "AuthenticationError") this.#holdBack(entry.key, named);
    throw named;
  }

  #holdBack(key: string, error: DeviceError): void {
    const now = this.#clock.monotonic();
    for (const [old, { until }] of this.#refused) {
      if (until <= now || this.#refused.size >= MAX_HELD_BACK) this.#refused.delete(old);
    }
    this.#refused.set(key, { error, until: now + HELD_BACK_MS });
  }

  #refuseHeldBack(key: string): void {
    const held = this.#refused.get(key);
    if (held === undefined) return;
    const left = held.until - this.#clock.monotonic();
    if (left <= 0) return void this.#refused.delete(key);
    throw new DeviceError(
      held.error.type,
      `${held.error.message}. It is not asked again with the same credentials for ${Math.ceil(left / 1000)} s`,
    );
  }

  #makeRoom(name: string): void {
    if (this.#entries.size < this.#terms.maxHops) return;
    const idle = [...this.#entries.values()].find(({ users }) => users === 0);
    if (idle !== undefined) return this.#drop(idle);
    throw new DeviceError(
      "ConnectionError",
      `no connection to ${name}: ${this.#entries.size} to jump hosts are in use, which is ssh.max_hops`,
    );
  }

  async #forward(
    entry: Entry,
    client: Client,
    to: Address,
    seconds: number,
    { clock, signal, progress }: SshSurroundings,
  ): Promise<Tunnel> {
    const where = place(to.host, to.port);
    progress(`waiting for ${entry.name} to connect to ${where}`);
    let wanted = true;
    const opened = new Promise<Tunnel>((resolve, reject) => {
      // It would throw; a client that is gone was dropped.
      if (entry.abort.signal.aborted) return reject(lost(entry.name));
      client.forwardOut("127.0.0.1", 0, to.host, to.port, (error, channel) => {
        if (error && entry.abort.signal.aborted) return reject(lost(entry.name));
        if (error) return reject(forwardError(error, entry.name, where));
        const tunnel = new Tunnel(channel);
        entry.tunnels.add(tunnel);
        tunnel.on("error", () => {}).once("close", () => entry.tunnels.delete(tunnel));
        if (wanted) resolve(tunnel);
        else tunnel.destroy();
      });
    });
    const timeoutMessage = () => `${entry.name} did not connect to ${where} within ${seconds} s`;
    const giveUp = () => {
      wanted = false;
    };
    return await within({ clock, signal, seconds, timeoutMessage, giveUp }, opened);
  }

  #drop(entry: Entry, why?: string): void {
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
    entry.idle?.cancel();
    entry.abort.abort(new DeviceError("ConnectionError", `nobody waits for ${entry.name} any more`));
    for (const tunnel of [...entry.tunnels]) tunnel.destroy(why === undefined ? undefined : new Error(why));
    entry.client?.end();
    entry.socket?.destroy();
  }
}

function lost(name: string): DeviceError {
  return new DeviceError("ConnectionError", `${name} closed the connection`);
}

function hopName(chain: readonly SshTarget[]): string {
  const last = chain.at(-1);
  return `jump host ${chain.length}, ${last === undefined ? "" : place(last.host, last.port)}`;
}

/** The way and the users on it. Hashed, so that no key of a map holds a password. */
function identity(chain: readonly SshTarget[]): string {
  const parts = chain.map(({ keepalive, patience, hops, ...rest }) => rest);
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}
