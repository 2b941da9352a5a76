import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runCommand } from "../roles/support.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { answer, type Received, type Receiver, startReceiver } from "../webhook/receiver.ts";
import { Api } from "./support/api.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on, startHeldJob } from "./support/held-job.ts";
import { Scraper } from "./support/scrape.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(60_000);

const LOOPBACK = { NETPULSE_WEBHOOK__NETWORKS: "127.0.0.1" };
const SECRETS = { user: "hook-user-4711", password: "hook-password-4711", cookie: "hook-cookie-4711" };

let folder: TempDir;
let device: Device;
let receiver: Receiver;
let netpulse: Netpulse;
let api: Api;

beforeEach(async () => {
  folder = tempDir("webhooks");
  [device, receiver] = await Promise.all([startDevice(), startReceiver()]);
  await start();
});
afterEach(async () => {
  await netpulse?.stop();
  await Promise.all([device?.stop(), receiver?.[Symbol.asyncDispose]()]);
  folder?.remove();
});

async function start(env: Record<string, string> = LOOPBACK): Promise<void> {
  netpulse = await startNetpulse({ dataDir: folder.path, env });
  api = new Api(netpulse);
}

const hook = (more: Record<string, unknown> = {}) => ({
  url: `http://127.0.0.1:${receiver.port}/netpulse`,
  ...more,
});
const asking = (webhook: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  on(device, { command: "show clock", webhook, ...more });

// biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
type Json = any;

async function delivery(id: string): Promise<Json> {
  return (await api.get(`/webhook/deliveries/${id}`)).data;
}

/** The delivery, once it is in the state. */
async function inState(id: string, state: string): Promise<Json> {
  const look = async () => {
    const found = await delivery(id);
    return found?.state === state ? found : null;
  };
  return await until(`the delivery of ${id} is ${state}`, look, 30_000);
}

const SNIPPET = /```python file=signature\.py\n(.*?)```/s.exec(
  readFileSync(resolve(import.meta.dir, "../../docs/webhooks.md"), "utf8"),
)?.[1];

/** What the receiver of the documentation says of a request. */
function judged(secret: string, { headers, body }: Received, change: { body?: string; now?: number } = {}) {
  const given = { secret, headers: Object.fromEntries(headers), body, now: null, ...change };
  const program = `${SNIPPET}
import json, sys
given = json.load(sys.stdin)
print(is_from_netpulse(given["secret"], given["headers"], given["body"].encode(), given["now"]))`;
  const run = Bun.spawnSync(["python3", "-c", program], { stdin: Buffer.from(JSON.stringify(given)) });
  if (run.exitCode !== 0) throw new Error(run.stderr.toString());
  return run.stdout.toString().trim();
}

describe("a receiver", () => {
  test("is told of a job that has finished, as the API shows it, and can check that it is us", async () => {
    const { id } = await api.exec(asking(hook({ auth: [SECRETS.user, SECRETS.password] })));
    const [request] = (await receiver.count(1)) as [Received];
    expect(JSON.parse(request.body)).toEqual({
      event_type: "job.finished",
      final: true,
      delivery_id: id.replace("job_", "delivery_"),
      job: await api.job(id),
    });
    expect(request.headers.get("authorization")).toBe(`Basic ${btoa(`${SECRETS.user}:${SECRETS.password}`)}`);
    const told = await inState(id, "delivered");
    expect(told).toMatchObject({ job_id: id, event_type: "job.finished", final: true, tries: 1 });
    expect(told.target).toBe(`http://127.0.0.1:${receiver.port}`);
    expect(told.attempts).toMatchObject([{ status: 200, error: null }]);

    const printed = await runCommand(["webhook-secret"], { NETPULSE_DATA_DIR: folder.path });
    const secret = printed.stdout.trim();
    expect(judged(secret, request)).toBe("True");
    expect(judged(secret, request, { body: request.body.replace("finished", "failed") })).toBe("False");
    expect(judged(`${secret}x`, request)).toBe("False");
    expect(judged(secret, request, { now: Date.now() / 1000 + 1000 })).toBe("False");
  });

  test("is told of one that failed, that was cancelled, and that was aborted", async () => {
    const failing = asking(hook(), { connection_args: device.args({ password: "wrong" }) });
    const failed = await api.run(failing);
    const held = await startHeldJob(api, device, { webhook: hook() });
    const waiting = await api.exec(asking(hook()));
    await api.cancel(`id=${waiting.id}`);
    await api.cancel(`id=${held.id}&force=true`);
    const told = (await receiver.count(3)).map(({ body }) => JSON.parse(body));
    const events = Object.fromEntries(told.map(({ job, event_type }) => [job.id, event_type]));
    expect(events).toEqual({
      [failed.id]: "job.failed",
      [waiting.id]: "job.cancelled",
      [held.id]: "job.failed",
    });
    const aborted = told.find(({ job }) => job.id === held.id)?.job;
    expect(aborted).toMatchObject({ status: "failed", result: { type: "stopped" } });
  });

  test("that fails, drops and hangs is told again, and another one meanwhile", async () => {
    await using other = await startReceiver();
    receiver.react(
      answer(500),
      (socket) => socket.destroy(),
      () => {},
      answer(204),
    );
    const { id } = await api.exec(asking(hook({ timeout: 0.5, max_retries: 3, retry_intervals: [0.1] })));
    await api.run(asking({ url: `http://127.0.0.1:${other.port}/` }));
    await other.count(1);
    const told = await inState(id, "delivered");
    expect(told.attempts.map(({ status, error }: Json) => [status, error])).toEqual([
      [500, "answered 500"],
      [null, "closed the connection without an answer"],
      [null, "did not answer in time"],
      [204, null],
    ]);
    const numbers = receiver.received.map(({ headers }) => headers.get("x-netpulse-attempt"));
    const names = new Set(receiver.received.map(({ headers }) => headers.get("x-netpulse-delivery")));
    expect([numbers, [...names]]).toEqual([["1", "2", "3", "4"], [told.id]]);
  });

  test("that never takes it leaves a dead letter, which can be sent again", async () => {
    receiver.react(answer(503));
    const secrets = { auth: [SECRETS.user, SECRETS.password], cookies: { session: SECRETS.cookie } };
    const { id } = await api.exec(asking(hook({ ...secrets, max_retries: 1, retry_intervals: [0] })));
    const dead = await inState(id, "dead");
    expect([dead.tries, dead.next_attempt_at]).toEqual([2, null]);
    expect((await api.get("/webhook/deliveries?state=dead")).data).toEqual([dead]);
    await netpulse.waitForOutput(/a webhook was not delivered, and is a dead letter/);
    const metrics = await new Scraper(netpulse).untilIs({
      'netpulse_webhook_deliveries{state="dead"}': 1,
      'netpulse_webhook_attempts_total{outcome="retry"}': 1,
      'netpulse_webhook_attempts_total{outcome="dead"}': 1,
      netpulse_webhook_attempts_under_way: 0,
    });
    expect(metrics['netpulse_webhook_attempt_duration_seconds_sum{outcome="dead"}']).toBeGreaterThan(0);

    receiver.react(answer(200));
    expect((await api.call("POST", `/webhook/deliveries/${id}/replay`)).status).toBe(200);
    const told = await inState(id, "delivered");
    expect(told.attempts).toHaveLength(3);
    expect(receiver.received.at(-1)?.headers.get("cookie")).toBe(`session=${SECRETS.cookie}`);
    expect((await api.call("POST", `/webhook/deliveries/${id}/replay`)).status).toBe(409);
    const json = { webhook: hook() };
    expect((await api.call("POST", `/webhook/deliveries/${id}/replay`, { json })).status).toBe(200);
    await receiver.count(4);
    await inState(id, "delivered");
    expectNoSecrets();
  });
});

/** In no answer, no line of the log, and no file. */
function expectNoSecrets(): void {
  const files = readdirSync(folder.path, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const places = [
    ["answers", api.transcript.join("\n")],
    ["log", netpulse.output()],
    ...files.map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), "latin1")]),
  ];
  const basic = btoa(`${SECRETS.user}:${SECRETS.password}`);
  const found = places.filter(([, text = ""]) =>
    [...Object.values(SECRETS), basic].some((secret) => text.includes(secret)),
  );
  expect(found.map(([name]) => name)).toEqual([]);
}

test("kill -9 between the end of a job and its delivery loses nothing", async () => {
  receiver.react(() => {}, answer(200));
  const { id } = await api.run(asking(hook({ timeout: 0.5, max_retries: 0 })));
  await receiver.count(1);
  await netpulse.kill9();
  await start();
  await receiver.count(2);
  const told = await inState(id, "delivered");
  expect([told.tries, told.attempts.length]).toEqual([2, 1]);
  const [first, second] = receiver.received;
  expect(second?.headers.get("x-netpulse-delivery")).toBe(first?.headers.get("x-netpulse-delivery") ?? "");
});

describe("without leave for loopback", () => {
  beforeEach(async () => {
    await netpulse.stop();
    await start({});
  });

  test("an address of ours is refused with the request", async () => {
    for (const host of [
      "127.0.0.1",
      "2130706433",
      "[::1]",
      "[::ffff:7f00:1]",
      "0.0.0.0",
      "169.254.169.254",
    ]) {
      const answered = await api.tryExec(asking({ url: `http://${host}:${receiver.port}/` }));
      expect(answered.status).toBe(422);
      expect(JSON.stringify(answered.data)).toContain("is of an address that is not public");
    }
    expect(receiver.received).toEqual([]);
  });

  test("a name that stands for one is not called", async () => {
    const url = `http://localhost:${receiver.port}/`;
    const { id } = await api.exec(asking({ url, max_retries: 0 }));
    const dead = await inState(id, "dead");
    expect(dead.attempts[0].error).toContain("its address is not public");
    expect(receiver.received).toEqual([]);
    expect(receiver.open.size).toBe(0);
  });
});
