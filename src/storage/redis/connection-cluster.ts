import type { Clock, Timer } from "../../core/clock.ts";
import { StorageError } from "../../core/errors.ts";
import { pause, type Refusal, type Routes } from "./connection-routes.ts";
import { Server } from "./connection-server.ts";
import { nameOf, parseMoved, parseSlots, type SlotRange, slotOfTag } from "./connection-slots.ts";
import { askOnce, type SocketOptions } from "./connection-socket.ts";
import { isLasting, NotSentError, translated } from "./errors.ts";
import type { Endpoint } from "./url.ts";

export interface ClusterParams {
  /** Some servers, to find the others. */
  nodes: Endpoint[];
  clock: Clock;
  socket: SocketOptions;
  waitReplicas: number;
  /** The hash tag of each shard's keys. */
  tags: string[];
}

interface Known {
  endpoint: Endpoint;
  server: Server;
}

/** How long one server may take to say who holds what, before another is asked. */
const ANSWER_MS = 1_000;
/** How often who holds what is asked anew while somebody waits for a shard. */
const ROUND_MS = 250;

/** How often it is asked anew while all is well, so that servers that come later are heard of before they are needed. */
const LOOK_AROUND_MS = 30_000;

/**
 * Shards on the masters of a cluster. Learns who holds them when it starts, when a server sends us elsewhere, while
 * a shard's server does not answer, and now and then.
 */
export class ClusterRoutes implements Routes {
  readonly #params: ClusterParams;
  readonly #slots: number[];
  readonly #servers = new Map<string, Known>();
  /** By shard. */
  readonly #owners: (Server | null)[];
  /** All servers that were heard of, to ask them when those that we are connected to are gone. */
  #heardOf: Endpoint[];
  #learning: Promise<void> | null = null;
  /** Of the last time, if it failed. */
  #failure: unknown = null;
  #closed = false;
  #lookAround: Timer;

  constructor(params: ClusterParams) {
    this.#params = params;
    this.#slots = params.tags.map(slotOfTag);
    this.#owners = params.tags.map(() => null);
    this.#heardOf = params.nodes;
    this.#lookAround = this.#nextLook();
  }

  now(shard: number, durable: boolean): Server | null {
    const owner = this.#owners[shard];
    return owner?.isReady(durable) ? owner : null;
  }

  async wait(shard: number, durable: boolean, ms: number): Promise<Server> {
    const { clock } = this.#params;
    const until = clock.monotonic() + ms;
    for (;;) {
      try {
        await this.#learn();
        return await this.#ready(shard, durable, Math.min(until - clock.monotonic(), ROUND_MS));
      } catch (error) {
        if (until - clock.monotonic() <= ROUND_MS || this.#isHopeless(shard, durable)) throw error;
        await pause(clock);
      }
    }
  }

  /**
   * `ASK` is not followed: while a slot moves, each of two servers sees a part of the data only, and a script must
   * not run on a part. Its key, the bare prefix, never exists, so that neither server runs it before the move is over.
   */
  async refused({ shard, error, times }: Refusal): Promise<void> {
    if (error instanceof NotSentError) return;
    const target = error instanceof Error ? parseMoved(error.message) : null;
    if (target !== null) this.#owners[shard] = this.#serverAt(target);
    this.#learn().catch(() => {});
    // Two servers that each believe the other has it must not send us to and fro as fast as they can.
    if (target === null || times > 0) await pause(this.#params.clock);
  }

  servers(): Server[] {
    return [...new Set(this.#owners)].filter((server) => server !== null);
  }

  async anyServer(): Promise<Endpoint> {
    const all = [...this.#servers.values()];
    const ready = all.filter(({ server }) => server.isReady(false));
    return (anyOf(ready) ?? anyOf(all))?.endpoint ?? anyOf(this.#heardOf) ?? this.#nowhere();
  }

  close(): void {
    this.#closed = true;
    this.#lookAround.cancel();
    for (const { server } of this.#servers.values()) server.close();
  }

  async #ready(shard: number, durable: boolean, ms: number): Promise<Server> {
    const owner = this.#owners[shard];
    if (!owner) {
      throw new StorageError("unavailable", `Redis cluster: no server holds slot ${this.#slots[shard]}`);
    }
    await owner.whenReady(durable, ms);
    return owner;
  }

  #isHopeless(shard: number, durable: boolean): boolean {
    return isLasting(this.#failure) || this.#owners[shard]?.isHopeless(durable) === true;
  }

  /** Learns who holds what; those who come while it does share the answer. */
  #learn(): Promise<void> {
    this.#learning ??= this.#ask().finally(() => {
      this.#learning = null;
    });
    return this.#learning;
  }

  #nextLook(): Timer {
    return this.#params.clock.after(LOOK_AROUND_MS, () => {
      this.#learn().catch(() => {});
      this.#lookAround = this.#nextLook();
    });
  }

  async #ask(): Promise<void> {
    const ready = anyOf([...this.#servers.values()].filter(({ server }) => server.isReady(false)));
    const endpoint = ready?.endpoint ?? anyOf(this.#heardOf) ?? this.#nowhere();
    const socket = { ...this.#params.socket, timeoutMs: Math.min(ANSWER_MS, this.#params.socket.timeoutMs) };
    try {
      const reply = await askOnce(endpoint, socket, ["cluster", "slots"]);
      this.#failure = null;
      if (!this.#closed) this.#take(parseSlots(reply, endpoint));
    } catch (error) {
      this.#failure = error;
      throw translated(error, placeOf(endpoint));
    }
  }

  #take(ranges: SlotRange[]): void {
    for (const [shard, slot] of this.#slots.entries()) {
      const range = ranges.find(({ first, last }) => first <= slot && slot <= last);
      this.#owners[shard] = range === undefined ? null : this.#serverAt(range.master);
    }
    const heardOf = [
      ...this.#params.nodes,
      ...ranges.flatMap(({ master, replicas }) => [master, ...replicas]),
    ];
    this.#heardOf = [...new Map(heardOf.map((endpoint) => [nameOf(endpoint), endpoint])).values()];
    for (const [name, { server }] of this.#servers) {
      if (this.#owners.includes(server)) continue;
      this.#servers.delete(name);
      server.close();
    }
  }

  #serverAt(endpoint: Endpoint): Server {
    const name = nameOf(endpoint);
    const known = this.#servers.get(name);
    if (known) return known.server;
    const { clock, socket, waitReplicas } = this.#params;
    const find = async () => endpoint;
    const server = new Server({ clock, socket, place: placeOf(endpoint), find, cluster: true, waitReplicas });
    this.#servers.set(name, { endpoint, server });
    return server;
  }

  #nowhere(): never {
    throw new StorageError("unavailable", "Redis cluster: none of its servers is known");
  }
}

function placeOf(endpoint: Endpoint): string {
  return `Redis at ${nameOf(endpoint)}`;
}

function anyOf<T>(items: readonly T[]): T | undefined {
  return items[Math.floor(Math.random() * items.length)];
}
