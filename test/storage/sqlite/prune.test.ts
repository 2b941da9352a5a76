import { afterEach, expect, test } from "bun:test";
import { Factory, MINUTE, T0 } from "../../support/factory.ts";
import { reading, sqliteBackend } from "./backend.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

test("one prune forgets all old answers, however fast they came, and keeps the others", async () => {
  const { storage, path, dispose } = await sqliteBackend();
  ends.push(dispose);
  await storage.migrate();
  const make = new Factory(storage);
  const answer = (n: number, now: number) =>
    Promise.all(
      Array.from({ length: n }, () => storage.cancel({ op: make.op(), id: "unknown", abort: false, now })),
    );
  const kept = () =>
    reading(path, (db) => db.query<{ n: number }, []>("SELECT count(*) AS n FROM operations").get()?.n);
  await answer(2_500, T0);
  await answer(3, T0 + 20 * MINUTE);
  expect(kept()).toBe(2_503);
  await storage.prune({ max: 1, now: T0 + 20 * MINUTE });
  expect(kept()).toBe(3);
});
