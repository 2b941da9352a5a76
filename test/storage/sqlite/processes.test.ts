import { afterEach, describe, expect, test } from "bun:test";
import { Factory } from "../../support/factory.ts";
import type { Child } from "../../support/process.ts";
import { sqliteBackend } from "./backend.ts";
import { childOn } from "./spawn.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function migrated() {
  const backend = await sqliteBackend();
  ends.push(() => backend.dispose());
  await backend.storage.migrate();
  return { ...backend, make: new Factory(backend.storage) };
}

function spawn(...args: Parameters<typeof childOn>): Child {
  const child = childOn(...args);
  ends.push(() => child.stop());
  return child;
}

describe("a process that writes and is killed with -9", () => {
  test("loses no job that it was told was accepted, and leaves a sound file", async () => {
    const { storage, path } = await migrated();
    const writer = spawn(path, "write");
    await writer.waitFor(/(job_\w+\n){50}/);
    writer.kill("SIGKILL");
    await writer.exited;
    const accepted = writer.stdout().match(/job_\w+(?=\n)/g) ?? [];
    expect(accepted.length).toBeGreaterThanOrEqual(50);
    const found = await storage.get({ ids: accepted });
    expect(found.filter((job) => job === null)).toEqual([]);
    // At most one more: stored, but killed before it could say so.
    expect((await storage.counts()).queued - accepted.length).toBeOneOf([0, 1]);
  });
});

describe("several processes that claim at once", () => {
  async function drain(queue: string, jobs: number) {
    const { storage, path, make } = await migrated();
    await make.queuedAll(Array.from({ length: jobs }, () => ({ queue })));
    const node = await make.node();
    const children: Child[] = [];
    for (let n = 0; n < 3; n++) {
      const names = [`w${n}-a`, `w${n}-b`];
      for (const name of names) await make.worker({ name, queue, kind: "fifo" }, node);
      children.push(spawn(path, "drain", ...names));
    }
    for (const child of children) await child.waitFor(/ready/);
    for (const child of children) child.write("\n");
    await Promise.all(children.map((child) => child.exited));
    const lines = children.flatMap((child) => [...child.stdout().matchAll(/claimed (\w+) (\d+)/g)]);
    expect(await storage.counts()).toMatchObject({ queued: 0, started: 0, finished: jobs });
    return lines.map(([, id = "", started]) => ({ id, started: Number(started) }));
  }

  test("share the jobs of a FIFO queue, each job once", async () => {
    const claims = await drain("FifoQ", 200);
    expect(claims).toHaveLength(200);
    expect(new Set(claims.map(({ id }) => id)).size).toBe(200);
  });

  test("never have two jobs of a pinned queue started", async () => {
    const claims = await drain("pinned_10.0.0.1", 60);
    expect(new Set(claims.map(({ id }) => id)).size).toBe(60);
    expect(claims.map(({ started }) => started).filter((started) => started !== 1)).toEqual([]);
  });
});

describe("several processes that migrate at once", () => {
  test("leave one good schema, made once", async () => {
    const backend = await sqliteBackend();
    ends.push(() => backend.dispose());
    const children = Array.from({ length: 4 }, () => spawn(backend.path, "migrate"));
    for (const child of children) child.write("\n");
    const made = await Promise.all(
      children.map(async (child) => {
        const [json] = await child.waitFor(/\{"from".*\}/);
        expect((await child.exited).code).toBe(0);
        return JSON.parse(json) as { from: number; to: number };
      }),
    );
    expect(made.filter(({ from }) => from === 0)).toHaveLength(1);
    const { from, to } = await backend.storage.migrate();
    expect(made.every((each) => each.to === to)).toBe(true);
    expect(from).toBe(to);
  });
});
