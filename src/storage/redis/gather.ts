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
 * Sends calls that are made in one turn of the event loop together: a script for thirty calls costs Redis a fifth
 * of thirty scripts. `send` answers each call in its place.
 */
export class Gather<C, R> {
  readonly #send: (calls: C[]) => Promise<R[]>;
  readonly #most: number;
  readonly #weight: (call: C) => number;
  #waiting: Waiting<C, R>[] = [];
  #scheduled = false;

  /** `most`: what may go together, which keeps one script short. `weight`: how much of that a call takes up. */
  constructor({ send, most, weight = () => 1 }: GatherParams<C, R>) {
    this.#send = send;
    this.#most = most;
    this.#weight = weight;
  }

  call(call: C): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.#waiting.push({ call, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.flush());
    });
  }

  /** Sends what waits at once: before this returns, so that what is sent next comes behind it. */
  flush(): void {
    this.#scheduled = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let from = 0; from < waiting.length; ) {
      const to = this.#end(waiting, from);
      this.#sendGroup(waiting.slice(from, to));
      from = to;
    }
  }

  #end(waiting: Waiting<C, R>[], from: number): number {
    let weight = 0;
    for (let to = from; to < waiting.length; to++) {
      const next = waiting[to];
      if (!next) break;
      weight += this.#weight(next.call);
      if (weight > this.#most && to > from) return to;
    }
    return waiting.length;
  }

  async #sendGroup(group: Waiting<C, R>[]): Promise<void> {
    try {
      const results = await this.#send(group.map(({ call }) => call));
      // Safe: `send` answers each call in its place.
      for (const [n, { resolve }] of group.entries()) resolve(results[n] as R);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
