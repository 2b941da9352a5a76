import { expect, test } from "bun:test";
import { idSource, shardOfId } from "../../../src/core/ids.ts";
import { readsById } from "../../../src/storage/redis/reads-by-id.ts";
import { FakeClock } from "../../support/clock.ts";

const SHARDS = 2;
const ids = idSource(new FakeClock(1_000));

/** Answers each id with itself; what was asked for at once is noted with its shard. */
function reading({ most = 3, fails = false } = {}) {
  const asked: [number, string[]][] = [];
  const read = readsById({
    shards: SHARDS,
    most,
    async ask(shard, some: { id: string }[]) {
      const all = some.map(({ id }) => id);
      asked.push([shard, all]);
      if (fails) throw new Error("away");
      return all;
    },
  });
  return { asked, read: (wanted: string[]) => read(wanted.map((id) => ({ id }))) };
}

const here = () => ids.job(0);
const there = () => ids.job(1);

test("callers side by side share one question to a shard, and each gets its own answers in its order", async () => {
  const { asked, read } = reading();
  const [a, b, c] = [here(), there(), here()];
  expect(await Promise.all([read([a, b]), read([c]), read([])])).toEqual([[a, b], [c], []]);
  expect(asked).toEqual([
    [0, [a, c]],
    [1, [b]],
  ]);
});

test("the same id asked for by several, or twice by one, is answered to each", async () => {
  const { read } = reading();
  const id = here();
  expect(await Promise.all([read([id, id]), read([id])])).toEqual([[id, id], [id]]);
});

test("many are asked for in parts", async () => {
  const { asked, read } = reading();
  const many = Array.from({ length: 8 }, here);
  expect(await read(many)).toEqual(many);
  expect(asked.map(([, some]) => some.length)).toEqual([3, 3, 2]);
  expect(many.map((id) => shardOfId(id) % SHARDS)).toEqual(Array(8).fill(0));
});

test("a failure is that of all whose questions went together", async () => {
  const { read } = reading({ fails: true });
  const results = await Promise.allSettled([read([here()]), read([here()])]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
