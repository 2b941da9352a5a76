import { afterEach, expect, test } from "bun:test";
import { keyRing } from "../../src/engine/key-ring.ts";
import { KEY_LOOK_MS, keyWatch } from "../../src/engine/key-watch.ts";
import { type RotationDeps, rotateKey } from "../../src/engine/rotate-key.ts";
import { keyIdOf, sealer } from "../../src/engine/seal.ts";
import { boundTo } from "../../src/engine/webhooks.ts";
import { openStorage } from "../../src/storage/open.ts";
import { SEALED_KINDS } from "../../src/storage/sealing-key.ts";
import { secretBinding } from "../../src/storage/secrets.ts";
import { FakeClock } from "../support/clock.ts";
import { Factory, T0 } from "../support/factory.ts";
import { tempDir } from "../support/tempdir.ts";

const [OLD, NEW] = [1, 2].map((n) => new Uint8Array(32).fill(n)) as [Uint8Array, Uint8Array];
const [from, to] = [sealer(OLD).keyId, sealer(NEW).keyId];
const plain = new TextEncoder().encode("the operation");

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function sealedStore() {
  const dir = tempDir("rotation");
  const clock = new FakeClock(T0);
  const storage = await openStorage({
    url: `sqlite:${dir.file("netpulse.db")}`,
    clock,
    synchronous: "normal",
  });
  ends.push(
    () => dir.remove(),
    () => storage.close(),
  );
  await storage.migrate();
  await storage.checkSealingKey({ keyId: from });
  const make = new Factory(storage);
  /** As an API that seals with this ring. */
  const submit = async (ring: Pick<ReturnType<typeof keyRing>, "seal">, told = false) => {
    const job = make.newJob();
    const webhook = { target: "https://ops:443", timeoutMs: 1000, sealed: ring.seal(boundTo(job.id), plain) };
    const sealed = ring.seal(job.id, plain);
    await storage.enqueue({ jobs: [{ ...job, sealed, ...(told && { webhook }) }] });
    return job.id;
  };
  const keyIds = async () => {
    const pages = await Promise.all(SEALED_KINDS.map((kind) => storage.listSealed({ kind, limit: 1000 })));
    return pages.flatMap(({ items }) => items.map(({ sealed }) => keyIdOf(sealed)));
  };
  return { storage, clock, make, submit, keyIds };
}

/** Lets time pass until it is done. */
async function through<R>(clock: FakeClock, work: Promise<R>): Promise<R> {
  let done = false;
  const marked = work.finally(() => {
    done = true;
  });
  while (!done) await clock.advance(500);
  return await marked;
}

test("all that is sealed is sealed anew, what comes in meanwhile as well, and opens as before", async () => {
  const { storage, clock, make, submit, keyIds } = await sealedStore();
  const api = keyRing({ keys: [OLD, NEW] });
  const watch = keyWatch({
    ring: api,
    storage,
    clock,
    onError: (error) => {
      throw error;
    },
  });
  await watch.start();
  const ids = [];
  for (let n = 0; n < 450; n++) ids.push(await submit(api, n === 7));
  const { token } = await make.mustClaim(await make.worker());
  const task = {
    site: null,
    host: "h",
    driver: "linux",
    command: "x",
    state: "running",
    createdAt: T0,
  } as const;
  await storage.putTask({
    task: { ...task, id: "task_1", expiresAt: 9e15, sealed: api.seal("task_1", plain) },
  });
  const secret = { name: "core", fields: [], devices: null, changedAt: T0 };
  await storage.putSecret({ secret: { ...secret, sealed: api.seal(secretBinding("core"), plain) } });

  const ring = keyRing({ keys: [OLD, NEW] });
  const rotation = rotateKey({ storage, ring, clock }, { from, to });
  await clock.settle();
  // An API that has not looked yet seals with the old key still.
  ids.push(await submit(api));
  expect(api.keyId).toBe(from);
  expect(await through(clock, rotation)).toEqual({
    resealed: { jobs: 451, webhooks: 1, tasks: 1, secrets: 1 },
    foreign: 0,
  });
  expect(api.keyId).toBe(to);
  expect(new Set(await keyIds())).toEqual(new Set([to]));
  expect(await storage.sealingKeys()).toEqual({ current: to, previous: null });
  const opened = await storage.listSealed({ kind: "jobs", limit: 1000 });
  expect(opened.items.map(({ id }) => id).sort()).toEqual(ids.toSorted());
  expect(ids).toContain(token.id);
  for (const { id, sealed } of opened.items) expect(sealer(NEW).open(id, sealed)).toEqual(Buffer.from(plain));
  const [told] = (await storage.listSealed({ kind: "webhooks", limit: 9 })).items;
  expect(sealer(NEW).open(boundTo(told?.id ?? ""), told?.sealed ?? plain)).toEqual(Buffer.from(plain));
  await watch.stop();
});

test("one that was broken off anywhere goes on where it was", async () => {
  const { storage, clock, submit, keyIds } = await sealedStore();
  const ring = keyRing({ keys: [OLD, NEW] });
  for (let n = 0; n < 300; n++) await submit(sealer(OLD));
  let calls = 0;
  const broken: RotationDeps["storage"] = {
    changeSealingKey: (params) => storage.changeSealingKey(params),
    sealingKeys: () => storage.sealingKeys(),
    endKeyChange: (params) => storage.endKeyChange(params),
    listSealed: (params) => storage.listSealed(params),
    reseal: async (params) => {
      calls += 1;
      if (calls === 2) throw new Error("killed");
      return await storage.reseal(params);
    },
  };
  await expect(rotateKey({ storage: broken, ring, clock }, { from, to })).rejects.toThrow("killed");
  expect(new Set(await keyIds())).toEqual(new Set([from, to]));
  expect(await storage.sealingKeys()).toEqual({ current: to, previous: from });
  expect(await through(clock, rotateKey({ storage, ring, clock }, { from, to }))).toMatchObject({
    resealed: { jobs: 100 },
  });
  expect(new Set(await keyIds())).toEqual(new Set([to]));
});

test("another change that is under way is left alone", async () => {
  const { storage, clock } = await sealedStore();
  const third = new Uint8Array(32).fill(3);
  await storage.changeSealingKey({ from, to: sealer(third).keyId });
  const ring = keyRing({ keys: [OLD, NEW, third] });
  expect(await rotateKey({ storage, ring, clock }, { from, to })).toBeNull();
  expect((await storage.sealingKeys()).current).toBe(sealer(third).keyId);
});

test("what neither key opens is counted, left as it is, and holds nothing up", async () => {
  const { storage, clock, submit } = await sealedStore();
  await submit(sealer(new Uint8Array(32).fill(9)));
  const ring = keyRing({ keys: [OLD, NEW] });
  const rotation = await through(clock, rotateKey({ storage, ring, clock }, { from, to }));
  expect(rotation).toEqual({ resealed: { jobs: 0, webhooks: 0, tasks: 0, secrets: 0 }, foreign: 1 });
});

test("a process that lacks the store's key says so, and goes on as it was", async () => {
  const { storage, clock } = await sealedStore();
  const errors: unknown[] = [];
  const ring = keyRing({ keys: [OLD] });
  const watch = keyWatch({ ring, storage, clock, onError: (error) => errors.push(error) });
  await watch.start();
  await clock.advance(KEY_LOOK_MS);
  expect(errors).toEqual([]);
  await storage.changeSealingKey({ from, to });
  await clock.advance(KEY_LOOK_MS);
  await watch.stop();
  expect(String(errors[0])).toContain("restart it with that key");
  expect(ring.keyId).toBe(from);
});
