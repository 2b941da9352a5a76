import type { Clock } from "../core/clock.ts";
import type { Caller } from "../engine/engine.ts";
import type { ApiKeyStore } from "../storage/api-keys.ts";

/** A stored key, as requests are judged by it. */
export interface KnownKey {
  caller: Caller;
  /** SHA-256 of the whole key. */
  digest: Uint8Array;
  expiresAt: number | null;
  perMinute: number | null;
}

interface Remembered {
  key: KnownKey | null;
  /** On the monotonic clock. */
  until: number;
}

/** Ids that are remembered, those of no key among them: any number of wrong keys may come by. */
const MAX_REMEMBERED = 10_000;

export interface KeyRingDeps {
  keys: Pick<ApiKeyStore, "findKey">;
  clock: Clock;
  /** How long an answer of the store counts: within this time a revoked key opens nothing any more. */
  cacheMs: number;
}

/** The stored keys, by their ids; each is looked up again once what is known of it is old. */
export class KeyRing {
  readonly #deps: KeyRingDeps;
  readonly #remembered = new Map<string, Remembered>();
  readonly #asked = new Map<string, Promise<KnownKey | null>>();

  constructor(deps: KeyRingDeps) {
    this.#deps = deps;
  }

  /** At once where it is known. Rejects with `StorageError` where it has to be asked for and the store is away. */
  find(id: string): KnownKey | null | Promise<KnownKey | null> {
    const known = this.#remembered.get(id);
    if (known !== undefined && this.#deps.clock.monotonic() < known.until) return known.key;
    const asked = this.#asked.get(id) ?? this.#ask(id);
    this.#asked.set(id, asked);
    return asked;
  }

  async #ask(id: string): Promise<KnownKey | null> {
    const { keys, clock, cacheMs } = this.#deps;
    // From before the store is asked: what is revoked afterwards counts from then.
    const until = clock.monotonic() + cacheMs;
    try {
      const stored = await keys.findKey({ id });
      const key: KnownKey | null = stored && {
        caller: {
          key: stored.name,
          access: { scopes: stored.scopes, devices: stored.devices, commands: stored.commands },
        },
        digest: Buffer.from(stored.hash, "hex"),
        expiresAt: stored.expiresAt,
        perMinute: stored.perMinute,
      };
      this.#remember(id, { key, until });
      return key;
    } finally {
      this.#asked.delete(id);
    }
  }

  #remember(id: string, answer: Remembered): void {
    this.#remembered.delete(id);
    this.#remembered.set(id, answer);
    if (this.#remembered.size <= MAX_REMEMBERED) return;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }
}
