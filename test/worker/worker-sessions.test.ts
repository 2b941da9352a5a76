import { expect, test } from "bun:test";
import type { ConnectContext } from "../../src/device/driver.ts";
import { SshShared } from "../../src/device/transport/ssh-shared.ts";
import type { RunOrder } from "../../src/ipc/messages.ts";
import { SessionPlaces } from "../../src/worker/session-places.ts";
import { WorkerSessions } from "../../src/worker/worker-sessions.ts";
import { WriteLease } from "../../src/worker/write-lease.ts";
import { nodeSide } from "../support/admission.ts";
import { FakeClock } from "../support/clock.ts";
import { scriptedDriver } from "../support/scripted-driver.ts";
import { SSH_TERMS, TLS_TERMS } from "../support/ssh-terms.ts";

const ORDER: RunOrder = {
  run: "job_1/1",
  worker: "w1",
  keepSession: true,
  driver: "scripted",
  connectionArgs: { host: "10.0.0.1", port: 22, username: "u" },
  driverArgs: {},
  operation: { kind: "command", commands: ["show version"] },
  lineRules: null,
  maskOutput: false,
  secrets: [],
  deadline: 1e6,
  timeoutMs: 1e6,
  mayWriteUntil: 1e6,
  maxOutput: 1e6,
};

/** The sessions of a worker that has one place; `onOpen` is what the device does while a session opens. */
function sessionsWhere(onOpen: (context: ConnectContext<unknown>) => void | Promise<void>) {
  const clock = new FakeClock();
  const { driver, log } = scriptedDriver();
  const connect: typeof driver.connect = async (context) => {
    const session = await driver.connect(context);
    await onOpen(context);
    return session;
  };
  const states: string[] = [];
  const { admission, hear } = nodeSide({
    clock,
    terms: { perDevice: 1 },
    answer(message) {
      if (message.type === "admission") places.onAdmission(message);
      if (message.type === "vacate") places.onVacate(message.place);
    },
  });
  const places: SessionPlaces = new SessionPlaces(hear, fail);
  const sessions = new WorkerSessions({
    clock,
    places,
    limit: 1,
    driver: () => ({ ...driver, connect }),
    ssh: () => new SshShared(SSH_TERMS, clock),
    tls: () => TLS_TERMS,
    verifyHostKey: async () => {},
    onState: (state, opened) => void states.push(`${state} ${opened}`),
  });
  const obtain = () =>
    sessions.obtain(ORDER, {
      lease: new WriteLease(clock),
      signal: new AbortController().signal,
      progress() {},
    });
  return { clock, sessions, admission, obtain, log, states };
}

function fail(error: unknown): never {
  throw error;
}

test("a session that the device ends while it opens is not kept, and its place is free", async () => {
  let opened = 0;
  const { obtain, log, states } = sessionsWhere((context) => {
    opened += 1;
    if (opened === 1) context.onClosed("10.0.0.1 closed the connection");
  });
  await expect(obtain()).rejects.toMatchObject({
    type: "ConnectionError",
    message: "10.0.0.1 closed the connection",
    retryable: true,
  });
  expect(states).toEqual(["connecting 0", "none 0"]);
  await obtain();
  expect(log).toEqual(["connect 1", "destroy 1", "connect 2"]);
  expect(states.at(-1)).toBe("connected 1");
});

test("nor is one that ends as soon as it is open", async () => {
  let opened = 0;
  const { obtain, log } = sessionsWhere((context) => {
    opened += 1;
    if (opened === 1) queueMicrotask(() => context.onClosed("10.0.0.1 closed the connection"));
  });
  await obtain().catch(() => {});
  await obtain();
  expect(log.filter((each) => each.startsWith("connect"))).toEqual(["connect 1", "connect 2"]);
});

test("a driver that opens and opens, deaf to its signal, loses its place when it is given up", async () => {
  const deaf = Promise.withResolvers<void>();
  let opened = 0;
  const { sessions, obtain, log } = sessionsWhere(() => {
    opened += 1;
    return opened === 1 ? deaf.promise : undefined;
  });
  const first = obtain();
  await new Promise((resolve) => setImmediate(resolve));
  sessions.destroy();
  await obtain();
  deaf.resolve();
  await expect(first).rejects.toThrow("given up while it opened");
  expect(log).toEqual(["connect 1", "connect 2", "destroy 1"]);
});

test("a kept session that ends is opened again for the next run", async () => {
  const contexts: ConnectContext<unknown>[] = [];
  const { sessions, obtain, log, states } = sessionsWhere((context) => void contexts.push(context));
  await obtain();
  await sessions.release(ORDER, true);
  contexts[0]?.onClosed("idle time-out");
  expect(states.at(-1)).toBe("none 1");
  await obtain();
  expect(log).toEqual(["connect 1", "connect 2"]);
});
