import { describe, expect, test } from "bun:test";
import type { FromHost, ToHost } from "../../src/ipc/messages.ts";
import { SessionPlaces } from "../../src/worker/session-places.ts";
import { nodeSide } from "../support/admission.ts";
import { FakeClock } from "../support/clock.ts";

const QUESTION = { device: { site: null, host: "10.0.0.1", port: 22 }, credential: "u" };

/**
 * A node with one place for each device, and hosts whose messages, either way, are under way until a test
 * delivers them.
 */
function nodeWithHosts() {
  const clock = new FakeClock();
  const faults: unknown[] = [];
  const terms = { perDevice: 1 };
  const { admission } = nodeSide({ clock, terms, answer: () => {} });

  function host() {
    const toNode: FromHost[] = [];
    const toHost: ToHost[] = [];
    const side = nodeSide({ clock, admission, answer: (message) => toHost.push(message) });
    const places = new SessionPlaces(
      (message) => toNode.push(message),
      (error) => faults.push(error),
    );
    const enter = (signal = new AbortController().signal) => places.enter(QUESTION, signal);
    /** Lets the node hear everything that was said to it, and act on it. */
    async function up(): Promise<void> {
      for (const message of toNode.splice(0)) side.hear(message);
      await clock.settle();
    }
    /** Lets the host hear everything. */
    async function down(): Promise<void> {
      for (const message of toHost.splice(0)) {
        if (message.type === "admission") places.onAdmission(message);
        if (message.type === "vacate") places.onVacate(message.place);
      }
      await clock.settle();
    }
    return { enter, up, down, toNode, toHost, die: () => side.desk.close() };
  }
  return { clock, faults, host };
}

/** A session whose place is taken, and one in another host that waits for it. */
async function oneWaits() {
  const it = nodeWithHosts();
  const [one, other] = [it.host(), it.host()];
  const asked = one.enter();
  await one.up();
  await one.down();
  const held = await asked;
  held.opened();
  const entered: string[] = [];
  const abort = new AbortController();
  const waiting = other.enter(abort.signal).then(
    (place) => {
      entered.push("other");
      return place;
    },
    () => null,
  );
  await one.up();
  await other.up();
  await other.down();
  return { ...it, one, other, held, entered, waiting, abort };
}

describe("the places of a device", () => {
  test("are those of the node, not of each host: the second waits until the first has left", async () => {
    const { one, other, held, entered } = await oneWaits();
    expect(entered).toEqual([]);
    held.leave();
    await one.up();
    await other.down();
    expect(entered).toEqual(["other"]);
  });

  test("of an idle session in another host are asked back", async () => {
    const { one, other, held, entered } = await oneWaits();
    let closed = 0;
    held.offer(async () => {
      closed += 1;
      held.leave();
    });
    await one.up();
    await one.down();
    expect(closed).toBe(1);
    await one.up();
    await other.down();
    expect(entered).toEqual(["other"]);
  });

  test("stay with a session that is in use again when it is asked for them; when it is idle it is asked again", async () => {
    const { one, other, held, entered } = await oneWaits();
    let closed = 0;
    const close = async () => {
      closed += 1;
      held.leave();
    };
    const keep = held.offer(close);
    await one.up();
    keep();
    await one.down();
    expect(closed).toBe(0);
    held.offer(close);
    await one.up();
    await one.down();
    await one.up();
    await other.down();
    expect([closed, entered]).toEqual([1, ["other"]]);
  });

  test("are free when their host has died", async () => {
    const { one, other, entered } = await oneWaits();
    one.die();
    await other.up();
    await other.down();
    expect(entered).toEqual(["other"]);
  });

  test("are free when a host died that was asked for one", async () => {
    const { one, other, held, entered } = await oneWaits();
    held.offer(() => new Promise(() => {}));
    await one.up();
    await one.down();
    one.die();
    await other.up();
    await other.down();
    expect(entered).toEqual(["other"]);
  });

  test("are not lost on one who gave up when the answer was on its way", async () => {
    const { one, other, held, entered, waiting, abort, host } = await oneWaits();
    held.leave();
    await one.up();
    abort.abort(new Error("the job was aborted"));
    expect(await waiting).toBeNull();
    await other.down();
    await other.up();
    expect(entered).toEqual([]);
    const third = host();
    const asked = third.enter();
    await third.up();
    await third.down();
    await asked;
  });

  test("are not kept by one who gave up while it waited", async () => {
    const { one, other, held, waiting, abort } = await oneWaits();
    abort.abort(new Error("the job was aborted"));
    expect(await waiting).toBeNull();
    await other.up();
    held.leave();
    const next = one.enter();
    await one.up();
    await one.down();
    await next;
  });
});

test("a session that does not close when it is asked to is a fault that is told", async () => {
  const { one, held, faults } = await oneWaits();
  held.offer(() => Promise.reject(new Error("it does not close")));
  await one.up();
  await one.down();
  expect(faults).toMatchObject([{ message: "it does not close" }]);
});
