import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../src/core/clock.ts";
import { openStorage } from "../../src/storage/open.ts";
import { freePort } from "../support/ports.ts";
import { must } from "../support/process.ts";
import { startRedis } from "../support/redis.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

const dirs: TempDir[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) dir.remove();
});

function newDir(): TempDir {
  const dir = tempDir("open");
  dirs.push(dir);
  return dir;
}

describe("openStorage", () => {
  test("opens the file that a sqlite: URL names", async () => {
    const url = `sqlite:${newDir().file("a file with spaces.db")}`;
    const storage = await openStorage({ url, clock: systemClock, synchronous: "normal" });
    expect(await storage.migrate()).toMatchObject({ from: 0 });
    expect(storage.info).toEqual({ name: "sqlite", multiHost: false, shards: 1 });
    await storage.close();
  });

  test.each(["redis:localhost", "postgres://localhost/x", "sqlite:", "netpulse.db", ""])(
    "refuses %p and names what there is",
    async (url) => {
      await expect(openStorage({ url, clock: systemClock })).rejects.toMatchObject({
        name: "StartupError",
        message: expect.stringContaining("sqlite:PATH"),
      });
    },
  );

  test("opens the Redis that a redis: URL names, with what only Redis has", async () => {
    await using redis = await startRedis();
    const prefix = redis.freshPrefix();
    const storage = await openStorage({ url: redis.url, redis: { prefix, shards: 3 }, clock: systemClock });
    expect(storage.info).toEqual({ name: "redis", multiHost: true, shards: 3 });
    await storage.migrate();
    await storage.close();
    expect(await redis.footprint(prefix)).toBeGreaterThan(0);
  });

  test("a Redis that cannot be used refuses the start, by its place and without its password", async () => {
    const port = await freePort();
    const url = `redis://bob:s3cret@127.0.0.1:${port}`;
    const opening = openStorage({ url, redis: { commandTimeoutMs: 100 }, clock: systemClock });
    const error = await opening.catch((failure: unknown) => failure);
    expect(error).toMatchObject({
      name: "StartupError",
      message: `storage.url: Redis at 127.0.0.1:${port}: it cannot be reached (ECONNREFUSED)`,
    });
    expect(Bun.inspect(error, { depth: 10 })).not.toContain("s3cret");
  });

  test("SQLite does not load what only Redis needs", async () => {
    using dir = tempDir("open");
    const code = `
      const { openStorage } = await import(${JSON.stringify(`${import.meta.dir}/../../src/storage/open.ts`)});
      const { systemClock } = await import(${JSON.stringify(`${import.meta.dir}/../../src/core/clock.ts`)});
      const storage = await openStorage({ url: ${JSON.stringify(`sqlite:${dir.file("x.db")}`)}, clock: systemClock });
      await storage.close();
      console.log(Object.keys(require.cache).filter((path) => path.includes("ioredis")).length);`;
    expect(await must([process.execPath, "-e", code])).toBe("0\n");
  });

  test("a file that cannot be opened refuses the start, by its path", async () => {
    const path = newDir().file("missing/netpulse.db");
    await expect(openStorage({ url: `sqlite:${path}`, clock: systemClock })).rejects.toMatchObject({
      name: "StartupError",
      message: expect.stringContaining(path),
    });
  });
});
