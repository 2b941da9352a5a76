import { afterEach, describe, expect, test } from "bun:test";
import { type Access, FULL_ACCESS } from "../../src/core/access.ts";
import type { CommandRules } from "../../src/core/command-rules.ts";
import { idSource } from "../../src/core/ids.ts";
import { createEngine } from "../../src/engine/create.ts";
import type { Caller, ExecRequest } from "../../src/engine/engine.ts";
import { decodeOperation } from "../../src/engine/operation.ts";
import { notPermitted } from "../../src/engine/permission.ts";
import { QueueGate, type QueueLimits } from "../../src/engine/queue-limits.ts";
import { sealer } from "../../src/engine/seal.ts";
import { openStorage } from "../../src/storage/open.ts";
import type { NewJob } from "../../src/storage/storage.ts";
import { FakeClock } from "../support/clock.ts";
import { WEBHOOKS } from "../support/no-webhooks.ts";
import { scriptedDriver } from "../support/scripted-driver.ts";
import { tempDir } from "../support/tempdir.ts";
import { bind } from "../support/world.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const MANY: QueueLimits = { maxQueued: 1000, maxQueueDepth: 1000 };
const seal = sealer(new Uint8Array(32).fill(1));

async function anEngine(limits = MANY) {
  const dir = tempDir("permission");
  const clock = new FakeClock();
  const store = await openStorage({ url: `sqlite:${dir.file("test.db")}`, clock, synchronous: "normal" });
  await store.migrate();
  ends.push(async () => {
    await store.close();
    dir.remove();
  });
  const stored: NewJob[] = [];
  const { driver } = scriptedDriver();
  const engine = createEngine({
    storage: {
      ...bind(store),
      enqueue: (params) => {
        stored.push(...params.jobs);
        return store.enqueue(params);
      },
    },
    batches: store,
    tasks: store,
    deliveries: store,
    webhooks: WEBHOOKS,
    files: { id: "folder" },
    audit: store,
    gate: new QueueGate(store, clock, limits),
    sealer: seal,
    clock,
    ids: idSource(clock),
    stopWaitMs: 1,
    healthLimitMs: 1,
    nodeSilenceMs: 1,
    inlineOutput: 1024,
    drivers: { find: () => driver, names: () => ["scripted"] },
    limits: {
      ttl: 300,
      executionTimeout: 60,
      resultTtl: 3600,
      maxCommands: 100,
      testTimeout: 30,
      taskTtl: 60,
    },
  });
  const audit = async () => (await store.listAudit({ filter: {}, limit: 100 })).entries;
  return { engine, store, clock, stored, audit };
}

function callerWith(access: Partial<Access>): Caller {
  return { key: "ci", access: { ...FULL_ACCESS, ...access } };
}

function wish(text: string | string[], more: Partial<ExecRequest> & { host?: string } = {}): ExecRequest {
  const { host = "r1", ...rest } = more;
  return {
    driver: "scripted",
    connectionArgs: { host, username: "u", password: "p4ssw0rd" },
    driverArgs: {},
    operation: { kind: "command", text },
    ...rest,
  };
}

const config = (text: string[]) => wish([], { operation: { kind: "config", text } });
const NO_RELOAD: CommandRules = { allow: null, deny: ["reload"] };

describe("submit refuses, and stores nothing of,", () => {
  test.each<[string, Partial<Access>, ExecRequest, string]>([
    ["a command without exec", { scopes: ["read", "config"] }, wish("show version"), "command"],
    ["a configuration without config", { scopes: ["read", "exec"] }, config(["hostname x"]), "config"],
    ["a line that is denied", { commands: NO_RELOAD }, wish(["show version", "reload in 5"]), "command.1"],
    ["one of a configuration", { commands: NO_RELOAD }, config(["interface x", "do reload"]), "config.1"],
    ["a line of a block", { commands: NO_RELOAD }, config(["interface x\n do reload"]), "config.1"],
    [
      "another device",
      { devices: { allow: ["10.0.0.0/8"], deny: [] } },
      wish("show version", { host: "192.0.2.1" }),
      "connection_args.host",
    ],
  ])("%s", async (_what, access, request, field) => {
    const { engine, store, audit } = await anEngine();
    const refused = engine.submit(request, callerWith(access));
    await expect(refused).rejects.toMatchObject({ kind: "forbidden" });
    const error = await refused.catch((thrown) => thrown);
    expect(error.fields.map(({ loc }: { loc: string[] }) => loc.join("."))).toEqual([field]);
    expect(JSON.stringify(error.fields)).not.toMatch(/reload|p4ssw0rd|192\.0\.2\.1/);
    expect((await store.counts()).queued).toBe(0);
    expect(await audit()).toEqual([]);
  });
});

test("a way through a jump host that the key is not for is refused", () => {
  const caller = callerWith({ devices: { allow: ["10.0.0.0/8"], deny: [] } });
  const wrongFor = (...hosts: string[]) =>
    notPermitted(caller, {
      device: { host: "10.0.0.1", site: null },
      connectionArgs: { jump_hosts: hosts.map((host) => ({ host })) },
      kind: "connect",
      lines: [],
    }).map(({ loc }) => loc.join("."));
  expect(wrongFor("10.0.0.9", "::ffff:10.0.0.8")).toEqual([]);
  expect(wrongFor("10.0.0.9", "192.0.2.1")).toEqual(["connection_args.jump_hosts.1.host"]);
});

test("a job takes the rules that it was accepted under along, sealed", async () => {
  const { engine, stored } = await anEngine();
  const rulesOf = async (access: Partial<Access>) => {
    await engine.submit(wish("show version"), callerWith(access));
    const { id, sealed } = stored.at(-1) as NewJob;
    return decodeOperation(seal.open(id, sealed)).lineRules;
  };
  expect(await rulesOf({})).toBeNull();
  expect(await rulesOf({ commands: NO_RELOAD })).toEqual({ ...NO_RELOAD, config: true });
  expect(await rulesOf({ scopes: ["exec"] })).toEqual({ allow: null, deny: [], config: false });
});

test("a job is noted with who asked for what of which device, secrets masked", async () => {
  const { engine, audit } = await anEngine();
  const caller = callerWith({});
  const { job } = await engine.submit(wish("username a password hunter2"), caller);
  const { jobs, batch } = await engine.submitBulk(
    { count: 1, entry: () => ({ host: "r2", reason: null, request: config(["hostname x"]) }) },
    caller,
  );
  const entry = { actor: "ci", outcome: "done", host: "r1", site: null };
  expect(await audit()).toMatchObject([
    { ...entry, action: "config", job: jobs[0]?.id ?? "", batch: batch?.id ?? "", detail: "hostname x" },
    { ...entry, action: "exec", job: job.id, batch: null, detail: "username a password ******" },
  ]);
});

test("a repeat under an idempotency key is noted once", async () => {
  const { engine, audit } = await anEngine();
  const request = wish("show version", { idempotencyKey: "k" });
  for (let n = 0; n < 2; n++) await engine.submit(request, callerWith({}));
  expect(await audit()).toHaveLength(1);
});

test("entries of a bulk request that the key does not allow are refused one by one, and noted", async () => {
  const { engine, audit } = await anEngine();
  const caller = callerWith({ devices: { allow: null, deny: ["core-*"] } });
  const hosts = ["r1", "core-1", "r2"];
  const { jobs, refused } = await engine.submitBulk(
    {
      count: 3,
      entry: (place) => {
        const host = hosts[place] ?? "";
        return { host, reason: null, request: wish("show version", { host }) };
      },
    },
    caller,
  );
  expect(jobs.map(({ host }) => host)).toEqual(["r1", "r2"]);
  expect(refused).toMatchObject([{ place: 1, reason: expect.stringContaining("it is denied") }]);
  expect((await audit()).map(({ host, outcome }) => [host, outcome])).toEqual([
    ["r2", "done"],
    ["r1", "done"],
    ["core-1", "refused"],
  ]);
});

describe("a full queue", () => {
  test("takes nothing more, until there is room again", async () => {
    const { engine, store, clock } = await anEngine({ maxQueued: 1000, maxQueueDepth: 2 });
    const caller = callerWith({});
    for (let n = 0; n < 2; n++) await engine.submit(wish("show version"), caller);
    await expect(engine.submit(wish("show version"), caller)).rejects.toMatchObject({
      kind: "limited",
      retryAfter: 5,
    });
    await engine.submit(wish("show version", { host: "r2" }), caller);
    await store.cancelQueued({ op: "op_1", filter: { host: "r1" } });
    await clock.advance(1000);
    await engine.submit(wish("show version"), caller);
    expect((await store.counts()).queued).toBe(2);
  });

  test("takes all of a bulk request or nothing", async () => {
    const { engine, store } = await anEngine({ maxQueued: 3, maxQueueDepth: 1000 });
    const bulk = (count: number) => ({
      count,
      entry: (place: number) => ({
        host: null,
        reason: null,
        request: wish("show version", { host: `r${place}` }),
      }),
    });
    await expect(engine.submitBulk(bulk(4), callerWith({}))).rejects.toMatchObject({ kind: "limited" });
    expect((await store.counts()).queued).toBe(0);
    expect(await store.listBatches({ watched: false, limit: 9 })).toEqual({ batches: [], next: null });
    expect((await engine.submitBulk(bulk(3), callerWith({}))).jobs).toHaveLength(3);
  });

  test("takes more as soon as there is room: nothing is refused by an old look", async () => {
    const clock = new FakeClock();
    let depth = 2;
    const queues = async () => [{ queue: "a", depth, oldestAt: 0, dueInMs: null }];
    const gate = new QueueGate({ queues }, clock, { maxQueued: 1000, maxQueueDepth: 2 });
    await expect(gate.enter(["a"])).rejects.toThrow("job.max_queue_depth");
    depth = 0;
    await clock.advance(200);
    await gate.enter(["a", "a"]);
    await expect(gate.enter(["a"])).rejects.toThrow("job.max_queue_depth");
  });

  test("is looked at once a second, however many ask", async () => {
    const clock = new FakeClock();
    let looks = 0;
    const queues = async () => {
      looks += 1;
      return [];
    };
    const gate = new QueueGate({ queues }, clock, { maxQueued: 5, maxQueueDepth: 5 });
    await Promise.all([gate.enter(["a"]), gate.enter(["a"]), gate.enter(["b"])]);
    expect(looks).toBe(1);
    await expect(gate.enter(["a", "a", "a"])).rejects.toThrow("job.max_queued");
    await clock.advance(1000);
    await gate.enter(["a", "a", "a"]);
    expect(looks).toBe(2);
  });
});
