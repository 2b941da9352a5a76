import { expect, test } from "bun:test";
import { Gather } from "../../../src/storage/redis/gather.ts";

/** Calls are numbers, their weight; what goes together is answered when the test says so. */
function gathering(most: number) {
  const sent: number[][] = [];
  const answers: (() => void)[] = [];
  const gather = new Gather<number, number>({
    most,
    weight: (call) => call,
    send(calls) {
      sent.push(calls);
      const answer = Promise.withResolvers<number[]>();
      answers.push(() => answer.resolve(calls));
      return answer.promise;
    },
  });
  return { gather, sent, answers };
}

const aTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("a call that comes while none is under way is sent in the same turn, with those made beside it", async () => {
  const { gather, sent } = gathering(10);
  void gather.call(1);
  void gather.call(2);
  await Promise.resolve();
  expect(sent).toEqual([[1, 2]]);
});

test("calls that come while one is under way wait for the others of their turn", async () => {
  const { gather, sent } = gathering(10);
  void gather.call(1);
  await Promise.resolve();
  void gather.call(2);
  await Promise.resolve();
  void gather.call(3);
  expect(sent).toEqual([[1]]);
  await aTurn();
  expect(sent).toEqual([[1], [2, 3]]);
});

test("as many as may go together are sent at once", () => {
  const { gather, sent } = gathering(4);
  for (const call of [1, 2, 3, 2, 2, 9, 1]) void gather.call(call);
  expect(sent).toEqual([[1, 2], [3], [2, 2], [9]]);
});

test("each is answered in its place, and a failure is that of its group", async () => {
  const { gather, answers } = gathering(3);
  const calls = [1, 2].map((call) => gather.call(call));
  answers[0]?.();
  expect(await Promise.all(calls)).toEqual([1, 2]);
  const failing = new Gather<number, number>({ most: 2, send: () => Promise.reject(new Error("away")) });
  expect(await Promise.allSettled([failing.call(1), failing.call(1)])).toMatchObject([
    { status: "rejected", reason: { message: "away" } },
    { status: "rejected", reason: { message: "away" } },
  ]);
});

test("what waits is sent before flush returns, and nothing twice", async () => {
  const { gather, sent } = gathering(10);
  void gather.call(1);
  gather.flush();
  expect(sent).toEqual([[1]]);
  await aTurn();
  expect(sent).toEqual([[1]]);
});
