import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../src/core/clock.ts";
import { openStorage } from "../../src/storage/open.ts";
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

  test.each(["redis://localhost", "postgres://localhost/x", "sqlite:", "netpulse.db", ""])(
    "refuses %p and names what there is",
    async (url) => {
      await expect(openStorage({ url, clock: systemClock })).rejects.toMatchObject({
        name: "StartupError",
        message: expect.stringContaining("sqlite:PATH"),
      });
    },
  );

  test("a file that cannot be opened refuses the start, by its path", async () => {
    const path = newDir().file("missing/netpulse.db");
    await expect(openStorage({ url: `sqlite:${path}`, clock: systemClock })).rejects.toMatchObject({
      name: "StartupError",
      message: expect.stringContaining(path),
    });
  });
});
