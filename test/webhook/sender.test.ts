import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { systemClock } from "../../src/core/clock.ts";
import { parseNetworks } from "../../src/core/networks.ts";
import type { JobView } from "../../src/engine/engine.ts";
import { sealer } from "../../src/engine/seal.ts";
import { newWebhook, type WebhookRequest } from "../../src/engine/webhooks.ts";
import type { DeliveryClaim } from "../../src/storage/deliveries.ts";
import { type SenderDeps, send } from "../../src/webhook/sender.ts";
import { anEndedJob, anOutput } from "../api/memory-engine.ts";
import { WEBHOOKS } from "../support/no-webhooks.ts";
import { answer, startReceiver } from "./receiver.ts";

const SEALER = sealer(new Uint8Array(32).fill(7));
const LOOPBACK = parseNetworks("127.0.0.1") ?? [];
const ID = "01hk2ea8g0pq2a8az82r5z5w00";
const JOB = anEndedJob({ id: `job_${ID}` });
const never = new AbortController().signal;

function deps(change: Partial<SenderDeps> = {}): SenderDeps {
  return {
    clock: systemClock,
    sealer: SEALER,
    webhooks: { ...WEBHOOKS, networks: LOOPBACK },
    view: async () => ({ job: JOB, outputs: [anOutput({ stdout: "12345" })], waiting: null }),
    resolve: async () => ["127.0.0.1"],
    present: {
      job: ({ job, outputs }: JobView) => ({ id: job.id, result: outputs?.[0]?.stdout }),
    },
    secret: "the configured secret",
    userAgent: "NetPulse/test",
    deadRetentionMs: 60_000,
    ...change,
  };
}

function claimOf(request: WebhookRequest, tries = 1, terms = deps()): DeliveryClaim {
  const { sealed, target } = newWebhook(terms, JOB.id, request);
  const delivery = {
    jobId: JOB.id,
    status: "finished" as const,
    target,
    state: "pending" as const,
    tries,
    createdAt: 0,
    dueAt: 0,
    settledAt: null,
    attempts: [],
  };
  return { delivery, claim: 1, sealed };
}

test("a delivery is the job as the API shows it, signed over time and body", async () => {
  await using receiver = await startReceiver();
  const request = {
    url: `http://hooks.test:${receiver.port}/in?a=b#part`,
    method: "PATCH",
    headers: { "X-Mine": "1", "User-Agent": "mine" },
    cookies: { a: "1", b: "2" },
    auth: ["bob", "pass:word"],
  } satisfies WebhookRequest;
  const sent = await send(deps(), claimOf(request, 3), never);
  expect(sent).toMatchObject({ outcome: { kind: "delivered" }, attempt: { status: 200, error: null } });
  const [{ method, path, headers, body }] = receiver.received as [(typeof receiver.received)[0]];
  expect([method, path]).toEqual(["PATCH", "/in?a=b"]);
  expect(JSON.parse(body)).toEqual({
    event_type: "job.finished",
    final: true,
    delivery_id: `delivery_${ID}`,
    job: { id: JOB.id, result: "12345" },
  });
  const timestamp = headers.get("x-netpulse-timestamp") ?? "";
  expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
  const mac = createHmac("sha256", "the configured secret").update(`${timestamp}.${body}`).digest("hex");
  expect(Object.fromEntries(headers)).toMatchObject({
    authorization: `Basic ${btoa("bob:pass:word")}`,
    cookie: "a=1; b=2",
    "content-type": "application/json",
    "user-agent": "mine",
    "x-mine": "1",
    "x-netpulse-attempt": "3",
    "x-netpulse-delivery": `delivery_${ID}`,
    "x-netpulse-event": "job.finished",
    "x-netpulse-signature": `v1=${mac}`,
  });
});

test("a webhook's own secret signs what is sent to it", async () => {
  await using receiver = await startReceiver();
  const secret = "a secret of its own";
  await send(deps(), claimOf({ url: `http://127.0.0.1:${receiver.port}`, secret }), never);
  const [request] = receiver.received;
  const timestamp = request?.headers.get("x-netpulse-timestamp");
  const mac = createHmac("sha256", secret).update(`${timestamp}.${request?.body}`).digest("hex");
  expect(request?.headers.get("x-netpulse-signature")).toBe(`v1=${mac}`);
});

test.each([
  [1, [5, 60], 5_000],
  [2, [5, 60], 60_000],
  [3, [5, 60], 60_000],
])("attempt %d that fails is made again after its pause of %p", async (tries, retryIntervals, delayMs) => {
  await using receiver = await startReceiver();
  receiver.react(answer(503));
  const request = { url: `http://127.0.0.1:${receiver.port}`, maxRetries: 3, retryIntervals };
  expect(await send(deps(), claimOf(request, tries), never)).toMatchObject({
    outcome: { kind: "retry", delayMs },
    attempt: { status: 503, error: "answered 503" },
  });
  expect(await send(deps(), claimOf(request, 4), never)).toMatchObject({
    outcome: { kind: "dead", keepMs: 60_000 },
    attempt: { status: 503 },
  });
});

test("redirects are not followed", async () => {
  await using other = await startReceiver();
  await using receiver = await startReceiver();
  receiver.react(answer(307, [`Location: http://127.0.0.1:${other.port}/`]));
  const sent = await send(deps(), claimOf({ url: `http://127.0.0.1:${receiver.port}` }), never);
  expect(sent.attempt).toMatchObject({ status: 307, error: "answered 307: redirects are not followed" });
  expect(other.received).toEqual([]);
});

test("one that hangs ends with its time-out", async () => {
  await using receiver = await startReceiver();
  receiver.react(() => {});
  const sent = await send(deps(), claimOf({ url: `http://127.0.0.1:${receiver.port}`, timeout: 0.5 }), never);
  expect(sent).toMatchObject({
    outcome: { kind: "retry" },
    attempt: { status: null, error: "did not answer in time" },
  });
});

test("one that is cut off by our own stop is handed back", async () => {
  await using receiver = await startReceiver();
  const stop = new AbortController();
  receiver.react(() => stop.abort());
  const sent = await send(deps(), claimOf({ url: `http://127.0.0.1:${receiver.port}` }), stop.signal);
  expect(sent).toEqual({ outcome: { kind: "released" }, attempt: null });
});

const NOT_PUBLIC = "may not be called: its address is not public; webhook.networks may allow it";

test.each([
  "127.0.0.1",
  "10.0.0.7 192.168.1.1",
  "169.254.169.254",
  "::1 ::ffff:127.0.0.1",
  "0.0.0.0",
  "fe80::1",
])("a name of an address that is not public is not called: %s", async (addresses) => {
  await using receiver = await startReceiver();
  const terms = deps({ webhooks: WEBHOOKS, resolve: async () => addresses.split(" ") });
  const sent = await send(terms, claimOf({ url: `http://hooks.test:${receiver.port}` }, 1, terms), never);
  expect(sent.attempt).toMatchObject({ status: null, error: NOT_PUBLIC });
  expect(receiver.received).toEqual([]);
});

test("a name is resolved once for an attempt: what it stands for later does not count", async () => {
  await using receiver = await startReceiver();
  const answers = [["10.1.1.1", "127.0.0.1"], ["10.1.1.1"]];
  const asked: string[] = [];
  const terms = deps({
    resolve: async (host) => {
      asked.push(host);
      return answers[asked.length - 1] ?? [];
    },
  });
  const claim = claimOf({ url: `http://hooks.test:${receiver.port}` });
  expect((await send(terms, claim, never)).outcome.kind).toBe("delivered");
  expect((await send(terms, claim, never)).attempt?.error).toBe(NOT_PUBLIC);
  expect([asked, receiver.received.length]).toEqual([["hooks.test", "hooks.test"], 1]);
});

test.each([
  ["http://2130706433:1/", "is of an address"],
  ["http://0x7f.1:1/", "is of an address"],
  ["http://0177.0.0.1:1/", "is of an address"],
  ["http://[::ffff:127.0.0.1]:1/", "is of an address"],
  ["http://[fd00::1]/", "is of an address"],
  ["http://elsewhere.test/", "is of a host that webhooks may not go to"],
])("what is not allowed any more is not called: %s", async (url, problem) => {
  const webhooks = { ...WEBHOOKS, hosts: ["*.example.com", "127.0.0.1", "::ffff:7f00:1", "fd00::1"] };
  const sent = await send(deps({ webhooks }), claimOf({ url }), never);
  expect(sent.attempt?.error).toStartWith(`may not be called: its URL ${problem}`);
});

test("one whose name is not resolved, or not in time, is made again", async () => {
  const claim = claimOf({ url: "http://hooks.test", timeout: 0.5 });
  const failing = deps({ resolve: async () => Promise.reject(new Error("NXDOMAIN")) });
  expect((await send(failing, claim, never)).attempt?.error).toBe(
    "could not be called: its name was not resolved",
  );
  const silent = deps({ resolve: () => new Promise(() => {}) });
  expect((await send(silent, claim, never)).attempt?.error).toBe("did not answer in time");
});

test("the next address is tried where one cannot be connected to, and never after something was sent", async () => {
  await using receiver = await startReceiver();
  const two = deps({
    webhooks: { ...WEBHOOKS, networks: parseNetworks("127.0.0.0/8") ?? [] },
    resolve: async () => ["127.0.0.2", "127.0.0.1"],
  });
  const claim = claimOf({ url: `http://hooks.test:${receiver.port}` });
  expect((await send(two, claim, never)).outcome.kind).toBe("delivered");
  receiver.react((socket) => socket.end());
  const again = deps({ resolve: async () => ["127.0.0.1", "127.0.0.1"] });
  expect((await send(again, claim, never)).attempt?.error).toBe("closed the connection without an answer");
  expect(receiver.received).toHaveLength(2);
});

test("what cannot be sent at all is a dead letter at once", async () => {
  const claim = claimOf({ url: "http://hooks.test" });
  const other = sealer(new Uint8Array(32).fill(8));
  expect(await send(deps({ sealer: other }), claim, never)).toMatchObject({
    outcome: { kind: "dead" },
    attempt: { error: "what it takes to send it was sealed with another key" },
  });
  expect(await send(deps({ view: async () => null }), claim, never)).toMatchObject({
    outcome: { kind: "dead" },
    attempt: { error: "the job is not there any more" },
  });
});
