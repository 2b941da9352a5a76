import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Merging, merge, type Step } from "../../../src/storage/redis/merge.ts";

interface Asked {
  limit: number;
  after: number | null;
}

/** Answers from a list in order, looking at no more than `stride` of its numbers in a step; odd ones do not match. */
function source(numbers: number[], stride: number, asked: Asked[] = []) {
  return async (limit: number, after: number | null): Promise<Step<number, number>> => {
    asked.push({ limit, after });
    const left = numbers.filter((n) => after === null || n > after);
    const looked = left.slice(0, stride);
    const rows = looked.filter((n) => n % 2 === 0).slice(0, limit);
    const last = rows.length === limit ? rows.at(-1) : looked.at(-1);
    return { rows, next: last === undefined || last === left.at(-1) ? null : last };
  };
}

function merging(sources: Merging<number, number>["sources"], wanted: number, after: number | null = null) {
  return { sources, after, wanted, placeOf: (n: number) => n, isBefore: (a: number, b: number) => a < b };
}

const lists = fc.uniqueArray(fc.nat(500), { maxLength: 120 }).chain((numbers) =>
  fc.array(fc.nat(3), { minLength: numbers.length, maxLength: numbers.length }).map((owners) =>
    [0, 1, 2, 3].map((owner) => ({
      numbers: numbers.filter((_, n) => owners[n] === owner).sort((a, b) => a - b),
    })),
  ),
);

describe("merge", () => {
  test("gives the first rows of all sources in one order, however short their steps are", async () => {
    await fc.assert(
      fc.asyncProperty(
        lists,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(300),
        async (all, stride, wanted, after) => {
          const sources = all.map(({ numbers }) => source(numbers, stride));
          const rows = await merge(merging(sources, wanted, after));
          const expected = all.flatMap(({ numbers }) => numbers).filter((n) => n % 2 === 0 && n > after);
          expect(rows).toEqual(expected.sort((a, b) => a - b).slice(0, wanted));
        },
      ),
    );
  });

  test("asks one source for what is missing, no more", async () => {
    const asked: Asked[] = [];
    const rows = await merge(merging([source([1, 2, 3, 4, 5, 6, 7, 8], 4, asked)], 3));
    expect(rows).toEqual([2, 4, 6]);
    expect(asked).toEqual([
      { limit: 3, after: null },
      { limit: 1, after: 4 },
    ]);
  });

  test("does not search a source to its end when others have filled the page", async () => {
    const far: Asked[] = [];
    const nothing = source(
      Array.from({ length: 1_000 }, (_, n) => 2 * n + 1),
      10,
      far,
    );
    const rows = await merge(merging([source([2, 4, 6, 8], 10), nothing], 4));
    expect(rows).toEqual([2, 4, 6, 8]);
    expect(far).toHaveLength(1);
  });

  test("of nothing asks each source once", async () => {
    const asked: Asked[] = [];
    expect(await merge(merging([source([], 5, asked), source([], 5, asked)], 10))).toEqual([]);
    expect(asked).toHaveLength(2);
  });

  test("passes a failure on", async () => {
    const broken = () => Promise.reject(new Error("out of reach"));
    await expect(merge(merging([source([2], 1), broken], 5))).rejects.toThrow("out of reach");
  });
});
