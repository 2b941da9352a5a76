import type { Clock, Timer } from "../../../core/clock.ts";
import { HttpError } from "../../http-error.ts";
import type { McpServer } from "./servers.ts";

export interface SessionLimits {
  readonly maxSessions: number;
  readonly sessionsPerKey: number;
  /** Seconds. */
  readonly sessionIdle: number;
  /** Seconds. */
  readonly sessionAge: number;
}

export interface Session {
  readonly id: string;
  /** The name of its key. */
  readonly key: string;
  readonly server: McpServer;
}

interface Kept extends Session {
  /** Of the key itself: one that is made anew under the same name is another. */
  digest: string;
  bornAt: number;
  usedAt: number;
  /** Calls that are being answered. */
  open: number;
}

export interface Opening {
  key: string;
  digest: string;
  make(id: string): McpServer;
}

/** Calls of one session that are answered at once. */
const MAX_CALLS = 16;
/** How often sessions whose time is over are looked for, ms; nobody finds them meanwhile. */
const SWEEP_MS = 60_000;

/** The sessions of this process, bounded in number and time. One that nobody has closed gives way to others of its key. */
export class McpSessions {
  readonly #sessions = new Map<string, Kept>();
  readonly #clock: Clock;
  readonly #limits: SessionLimits;
  #sweep: Timer | null = null;

  constructor(clock: Clock, limits: SessionLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Throws `HttpError`, 429, where there are too many. */
  open({ key, digest, make }: Opening): Session {
    this.#prune();
    this.#makeRoom(key);
    const id = crypto.randomUUID();
    const now = this.#clock.monotonic();
    const session: Kept = { id, key, digest, server: make(id), bornAt: now, usedAt: now, open: 0 };
    this.#sessions.set(id, session);
    this.#sweep ??= this.#clock.after(SWEEP_MS, () => this.#onSweep());
    return session;
  }

  /** That of this key; throws 404: it is over, or was never this key's. */
  find(id: string, digest: string): Session {
    const session = this.#sessions.get(id);
    if (session === undefined || session.digest !== digest || this.#isOver(session)) {
      throw new HttpError(404, "no such session, or not any more; begin a new one with initialize");
    }
    return session;
  }

  /** Counts a call until what this gives is called. Throws 429 where there are too many at once. */
  begin({ id }: Session): () => void {
    const session = this.#sessions.get(id);
    if (session === undefined) return () => {};
    if (session.open >= MAX_CALLS)
      throw tooMany(`the session has ${MAX_CALLS} calls that are not answered yet`);
    session.open += 1;
    session.usedAt = this.#clock.monotonic();
    let over = false;
    return () => {
      if (over) return;
      over = true;
      session.open -= 1;
      session.usedAt = this.#clock.monotonic();
    };
  }

  async end({ id }: Session): Promise<void> {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    await session?.server.close();
  }

  async endAll(): Promise<void> {
    this.#sweep?.cancel();
    this.#sweep = null;
    await Promise.all([...this.#sessions.values()].map((session) => this.end(session)));
  }

  #makeRoom(key: string): void {
    const { maxSessions, sessionsPerKey } = this.#limits;
    const own = [...this.#sessions.values()].filter((session) => session.key === key);
    if (own.length < sessionsPerKey && this.#sessions.size < maxSessions) return;
    const [oldest] = own.filter(({ open }) => open === 0).sort((one, other) => one.usedAt - other.usedAt);
    if (oldest === undefined) throw tooMany("there are too many sessions of MCP already");
    void this.end(oldest);
  }

  #isOver({ open, usedAt, bornAt }: Kept): boolean {
    const now = this.#clock.monotonic();
    const { sessionIdle, sessionAge } = this.#limits;
    return now - bornAt >= sessionAge * 1000 || (open === 0 && now - usedAt >= sessionIdle * 1000);
  }

  #prune(): void {
    for (const session of [...this.#sessions.values()]) if (this.#isOver(session)) void this.end(session);
  }

  #onSweep(): void {
    this.#prune();
    this.#sweep = this.#sessions.size === 0 ? null : this.#clock.after(SWEEP_MS, () => this.#onSweep());
  }
}

function tooMany(what: string): HttpError {
  return new HttpError(429, `${what}; close some, or ask again in 5 s`, { headers: { "retry-after": "5" } });
}
