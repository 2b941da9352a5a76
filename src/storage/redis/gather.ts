interface Waiting<C, R> {
  call: C;
  resolve(result: R): void;
  reject(error: unknown): void;
}

export interface GatherParams<C, R> {
  send(calls: C[]): Promise<R[]>;
  most: number;
  weight?(call: C): number;
}

/**
 * Sends calls that come together in one script: one for sixteen calls costs Redis a third of sixteen. `send` answers
 * each call in its place. A call that comes while none is under way does not wait for others; those that come while
 * one is are gathered for a turn of the event loop, and sent when they are as many as may go together, so that Redis
 * has work while more are made.
 */
export class Gather<C, R> {
  readonly #send: (calls: C[]) => Promise<R[]>;
  readonly #most: number;
  readonly #weight: (call: C) => number;
  #waiting: Waiting<C, R>[] = [];
  #weighs = 0;
  #underWay = 0;
  #scheduled = false;

  /** `most`: what may go together, which keeps one script short. `weight`: how much of that a call takes up. */
  constructor({ send, most, weight = () => 1 }: GatherParams<C, R>) {
    this.#send = send;
    this.#most = most;
    this.#weight = weight;
  }

  call(call: C): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const weighs = this.#weight(call);
      if (this.#weighs > 0 && this.#weighs + weighs > this.#most) this.flush();
      this.#waiting.push({ call, resolve, reject });
      this.#weighs += weighs;
      if (this.#weighs >= this.#most) this.flush();
      else this.#schedule();
    });
  }

  /** Sends what waits at once: before this returns, so that what is sent next comes behind it. */
  flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    this.#weighs = 0;
    void this.#sendGroup(waiting);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const flush = () => {
      this.#scheduled = false;
      this.flush();
    };
    if (this.#underWay === 0) queueMicrotask(flush);
    else setImmediate(flush);
  }

  async #sendGroup(group: Waiting<C, R>[]): Promise<void> {
    this.#underWay += 1;
    try {
      const results = await this.#send(group.map(({ call }) => call));
      // Safe: `send` answers each call in its place.
      for (const [n, { resolve }] of group.entries()) resolve(results[n] as R);
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      this.#underWay -= 1;
    }
  }
}

/** One for each shard, made when it is first needed. */
export class ShardGathers<C, R> {
  readonly #make: (shard: number) => GatherParams<C, R>;
  readonly #gathers = new Map<number, Gather<C, R>>();

  constructor(make: (shard: number) => GatherParams<C, R>) {
    this.#make = make;
  }

  call(shard: number, call: C): Promise<R> {
    let gather = this.#gathers.get(shard);
    if (gather === undefined) {
      gather = new Gather(this.#make(shard));
      this.#gathers.set(shard, gather);
    }
    return gather.call(call);
  }

  flush(): void {
    for (const gather of this.#gathers.values()) gather.flush();
  }
}
