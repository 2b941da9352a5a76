import { shardOfId } from "../../core/ids.ts";
import { ShardGathers } from "./gather.ts";

interface ReadsParams<A, V> {
  shards: number;
  /** Asked for at once, which keeps one script short. */
  most: number;
  /** Answers each in its place; all are on the shard. */
  ask(shard: number, asked: A[]): Promise<V[]>;
}

/**
 * Reads of what is kept by a job's id. Those made side by side, by however many callers, share what is sent: to write to
 * the socket for each costs more than the read.
 */
export function readsById<A extends { id: string }, V>({ shards, most, ask }: ReadsParams<A, V>) {
  const gathers = new ShardGathers<A[], V[]>((shard) => ({
    most,
    weight: (asked) => asked.length,
    async send(calls) {
      const values = await ask(shard, calls.flat());
      let from = 0;
      return calls.map(({ length }) => {
        from += length;
        return values.slice(from - length, from);
      });
    },
  }));

  async function ofShard(shard: number, asked: A[]): Promise<V[]> {
    const values: V[] = [];
    for (let from = 0; from < asked.length; from += most) {
      for (const value of await gathers.call(shard, asked.slice(from, from + most))) values.push(value);
    }
    return values;
  }

  /** Answers each in its place. */
  return async (asked: readonly A[]): Promise<V[]> => {
    const values: V[] = [];
    const byShard = Map.groupBy(asked.entries(), ([, { id }]) => shardOfId(id) % shards);
    const reads = [...byShard].map(async ([shard, group]) => {
      const found = await ofShard(
        shard,
        group.map(([, each]) => each),
      );
      // Safe: `ask` answers each in its place.
      for (const [n, [place]] of group.entries()) values[place] = found[n] as V;
    });
    await Promise.all(reads);
    return values;
  };
}
