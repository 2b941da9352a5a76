import { describe, expect, test } from "bun:test";
import { Channel, ProtocolError } from "../../src/ipc/channel.ts";
import { Credits } from "../../src/ipc/credits.ts";
import { RemoteClock } from "../../src/ipc/remote-clock.ts";

describe("Channel", () => {
  function pair() {
    const wire: unknown[] = [];
    const got: string[] = [];
    const sender = new Channel<string, never>(
      (envelope) => wire.push(envelope),
      () => {},
    );
    const receiver = new Channel<never, string>(
      () => {},
      (message) => got.push(message),
    );
    return { wire, got, sender, receiver };
  }

  test("delivers in order", () => {
    const { wire, got, sender, receiver } = pair();
    for (const word of ["a", "b", "c"]) sender.send(word);
    for (const raw of wire) receiver.receive(raw);
    expect(got).toEqual(["a", "b", "c"]);
  });

  test.each([
    ["lost", [0, 2]],
    ["repeated", [0, 0]],
  ])("a %s message is a fault of the peer", (_what, order) => {
    const { wire, sender, receiver } = pair();
    for (const word of ["a", "b", "c"]) sender.send(word);
    receiver.receive(wire[order[0] ?? 0]);
    expect(() => receiver.receive(wire[order[1] ?? 0])).toThrow(ProtocolError);
  });

  test.each([null, 1, "x", {}, { n: "1" }])("%p is no message", (raw) => {
    expect(() => pair().receiver.receive(raw)).toThrow(ProtocolError);
  });
});

describe("Credits", () => {
  test("a run that used its window waits until bytes were taken over", async () => {
    const credits = new Credits(100);
    const never = new AbortController().signal;
    credits.take(100);
    let sent = false;
    const waiting = credits.available(never).then(() => {
      sent = true;
    });
    await Promise.resolve();
    expect(sent).toBe(false);
    credits.give(1);
    await waiting;
    expect(sent).toBe(true);
  });

  test("an abort ends the wait", async () => {
    const credits = new Credits(1);
    credits.take(5);
    const abort = new AbortController();
    const waiting = credits.available(abort.signal);
    abort.abort();
    await waiting;
    expect(abort.signal.aborted).toBe(true);
  });
});

describe("RemoteClock", () => {
  test("a translated deadline is never later than the real one, and a faster reading makes it exact", () => {
    // The child's clock is 1000 ms ahead of ours.
    const clock = new RemoteClock();
    clock.observe(1000 + 500, 540); // read at our 500, received at 540
    expect(clock.toRemote(2000)).toBe(2960);
    clock.observe(1000 + 600, 600); // received at once
    expect(clock.toRemote(2000)).toBe(3000);
    clock.observe(1000 + 700, 900); // a slower one does not spoil it
    expect(clock.toRemote(2000)).toBe(3000);
  });

  test("before any reading every deadline has passed", () => {
    expect(new RemoteClock().toRemote(1e12)).toBe(Number.NEGATIVE_INFINITY);
  });
});
