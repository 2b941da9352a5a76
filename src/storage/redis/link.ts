/** One Lua file, its includes resolved, as it is sent to Redis. */
export interface Script {
  /** The file's name without `.lua`. */
  name: string;
  source: string;
  /** SHA-1 of `source` in hex: what EVALSHA calls it by. */
  sha: string;
}

/** What goes to Redis as one bulk string; a number as its decimal digits. */
export type Argument = string | number | Uint8Array;

/** What a script or command answers: bulk strings as bytes, integers as numbers. */
export type Reply = Buffer | number | null | Reply[];

/**
 * The way to Redis: whatever stands behind it (one server, Sentinel, Cluster), calls look the same. A call that
 * gets no answer in time, or finds no server, fails as `StorageError` of kind `unavailable`; it is never sent a
 * second time by itself, for only the caller knows whether that is safe.
 */
export interface RedisLink {
  readonly shards: number;
  /**
   * Runs a script on one shard. `KEYS[1]` is the shard's key prefix, `{netpulse:3}:`, which routes the call; every
   * key that the script touches begins with it. A script that the server does not know is loaded and run again,
   * which is safe: it has not run. Waits for replicas when `durable` is set and the configuration asks for it:
   * `unavailable` when too few have it in time.
   */
  run(script: Script, shard: number, args: Argument[], options?: { durable?: boolean }): Promise<Reply>;
  /** A read of one shard's keys, given without their prefix: `GET job:x`, `MGET a b`. Missing ones are null. */
  read(shard: number, keys: string[]): Promise<(Buffer | null)[]>;
  /** The prefix of a shard's keys. */
  prefix(shard: number): string;
  /** Calls `onMessage` with every message of the hint channel while connected. Returns the way to stop. */
  listen(onMessage: (message: string) => void): () => void;
  /** Answers when every shard's server accepts writes. */
  ping(): Promise<void>;
  /** Memory the servers use for data, in bytes; null when it may not be asked for. */
  usedBytes(): Promise<number | null>;
  /** Waits for the answers that are under way, then closes. Later calls fail as `unavailable`. Idempotent. */
  close(): Promise<void>;
}
