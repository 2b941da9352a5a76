import { describe, expect, test } from "bun:test";
import { DevicePlaces, type Release } from "../../src/worker/device-places.ts";

const DEVICE = "10.0.0.1";

function placesFor(limit: number) {
  const places = new DevicePlaces(() => limit);
  const got = new Map<string, Release>();

  /** Asks for a place; `got` has it under the name once it is there. */
  function ask(name: string, signal = new AbortController().signal, device = DEVICE): Promise<void> {
    return places.take(device, signal).then((release) => void got.set(name, release));
  }

  return { places, got, ask, holders: () => [...got.keys()] };
}

/** Lets every promise that is ready run. */
const settle = () => new Promise<void>((resume) => setImmediate(resume));

/** An idle session whose closing the test owns; its place is free when it has closed. */
function idleSession(release: Release) {
  const closed = Promise.withResolvers<void>();
  let closing = 0;
  return {
    close() {
      closing += 1;
      return closed.promise;
    },
    get closing() {
      return closing;
    },
    end() {
      release();
      closed.resolve();
    },
  };
}

describe("places", () => {
  test("are as many as the limit says, for each device", async () => {
    const { ask, got, holders } = placesFor(2);
    for (const name of ["a", "b", "c"]) void ask(name);
    void ask("d", undefined, "10.0.0.2");
    await settle();
    expect(holders()).toEqual(["a", "b", "d"]);
    got.get("a")?.();
    await settle();
    expect(holders()).toEqual(["a", "b", "d", "c"]);
  });

  test("given back twice are free once", async () => {
    const { ask, got, holders } = placesFor(1);
    for (const name of ["a", "b", "c"]) void ask(name);
    await settle();
    got.get("a")?.();
    got.get("a")?.();
    await settle();
    expect(holders()).toEqual(["a", "b"]);
  });

  test("go to those who wait in their order; who comes later does not step in", async () => {
    const { ask, got, holders } = placesFor(1);
    for (const name of ["a", "b", "c"]) void ask(name);
    await settle();
    got.get("a")?.();
    void ask("late");
    await settle();
    expect(holders()).toEqual(["a", "b"]);
    got.get("b")?.();
    await settle();
    expect(holders()).toEqual(["a", "b", "c"]);
  });

  test("two given back at once serve two who wait", async () => {
    const { ask, got, holders } = placesFor(2);
    for (const name of ["a", "b", "c", "d"]) void ask(name);
    await settle();
    got.get("a")?.();
    got.get("b")?.();
    await settle();
    expect(holders()).toEqual(["a", "b", "c", "d"]);
  });
});

describe("an idle session", () => {
  test("gives its place to who needs it, once it has closed", async () => {
    const { places, ask, got, holders } = placesFor(1);
    await ask("a");
    const idle = idleSession(got.get("a") ?? (() => {}));
    places.offer(DEVICE, () => idle.close());
    void ask("b");
    await settle();
    expect([idle.closing, holders()]).toEqual([1, ["a"]]);
    idle.end();
    await settle();
    expect(holders()).toEqual(["a", "b"]);
  });

  test("whose place was handed on leaves the count as it is: no second place at a limit of one", async () => {
    const { places, ask, got, holders } = placesFor(1);
    await ask("a");
    const idle = idleSession(got.get("a") ?? (() => {}));
    const keep = places.offer(DEVICE, () => {
      keep();
      return idle.close();
    });
    void ask("b");
    await settle();
    idle.end();
    await settle();
    void ask("c");
    await settle();
    expect(holders()).toEqual(["a", "b"]);
    const next = idleSession(got.get("b") ?? (() => {}));
    places.offer(DEVICE, () => next.close());
    expect(next.closing).toBe(1);
    next.end();
    await settle();
    expect(holders()).toEqual(["a", "b", "c"]);
  });

  test("is closed for one who waits, not for each", async () => {
    const { places, ask, got } = placesFor(2);
    for (const name of ["a", "b", "c"]) void ask(name);
    await settle();
    const [one, other] = ["a", "b"].map((name) => idleSession(got.get(name) ?? (() => {})));
    places.offer(DEVICE, async () => one?.close());
    places.offer(DEVICE, async () => other?.close());
    await settle();
    expect([one?.closing, other?.closing]).toEqual([1, 0]);
    void ask("d");
    expect([one?.closing, other?.closing]).toEqual([1, 1]);
  });

  test("that is taken back stays open", async () => {
    const { places, ask } = placesFor(1);
    await ask("a");
    const keep = places.offer(DEVICE, () => {
      throw new Error("it was closed");
    });
    keep();
    void ask("b");
    await settle();
  });

  test("is left alone while there are free places", async () => {
    const { places, ask, holders } = placesFor(2);
    await ask("a");
    places.offer(DEVICE, () => {
      throw new Error("it was closed");
    });
    await ask("b");
    expect(holders()).toEqual(["a", "b"]);
  });
});

describe("who gives up", () => {
  const gone = new Error("the job was aborted");

  test("is told the reason and takes no place", async () => {
    const { ask, got, holders } = placesFor(1);
    await ask("a");
    const abort = new AbortController();
    const asked = ask("b", abort.signal);
    void ask("c");
    abort.abort(gone);
    await expect(asked).rejects.toBe(gone);
    got.get("a")?.();
    await settle();
    expect(holders()).toEqual(["a", "c"]);
  });

  test("before it asks gets none, also when there are free ones", async () => {
    const { ask, holders } = placesFor(1);
    await expect(ask("a", AbortSignal.abort(gone))).rejects.toBe(gone);
    await ask("b");
    expect(holders()).toEqual(["b"]);
  });

  test("in the moment when a place is free does not keep it from the next", async () => {
    const { ask, got, holders } = placesFor(1);
    await ask("a");
    const abort = new AbortController();
    const asked = ask("b", abort.signal).catch(() => {});
    void ask("c");
    await settle();
    got.get("a")?.();
    abort.abort(gone);
    await asked;
    got.get("b")?.(); // who got it although it gave up gives it back
    await settle();
    expect(holders()).toContain("c");
  });

  test("in the moment when a session is idle does not keep it from the next", async () => {
    const { places, ask, got, holders } = placesFor(1);
    await ask("a");
    const abort = new AbortController();
    const asked = ask("b", abort.signal).catch(() => {});
    void ask("c");
    await settle();
    const idle = idleSession(got.get("a") ?? (() => {}));
    places.offer(DEVICE, () => idle.close());
    abort.abort(gone);
    await asked;
    await settle();
    idle.end();
    await settle();
    expect(holders()).toEqual(["a", "c"]);
  });

  test("leaves nothing on its signal once it has its place", async () => {
    const { ask, got } = placesFor(1);
    await ask("a");
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    const asked = ask("b", signal);
    await settle();
    expect(listeners).toBe(1);
    got.get("a")?.();
    await asked;
    expect(listeners).toBe(0);
  });
});

test("a session that fails to close fails one who waits for its place, and not the others", async () => {
  const { places, ask, got, holders } = placesFor(1);
  await ask("a");
  const asked = ask("b");
  const other = ask("c");
  places.offer(DEVICE, () => Promise.reject(new Error("it does not close")));
  await expect(asked).rejects.toThrow("it does not close");
  got.get("a")?.();
  await other;
  expect(holders()).toEqual(["a", "c"]);
});
