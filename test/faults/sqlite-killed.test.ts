import { expect, test } from "bun:test";
import { killWriters } from "../support/faults/killed-writer.ts";
import { openStore } from "../support/faults/store.ts";
import { tempDir } from "../support/tempdir.ts";

test("a writer killed at random moments loses nothing it was told of, doubles nothing, and leaves nothing half done", async () => {
  using folder = tempDir("killed");
  const url = `sqlite:${folder.file("netpulse.db")}`;
  const { problems, answered } = await killWriters({ url, open: () => openStore(url), rounds: 8, seed: 1 });
  expect(problems.slice(0, 3)).toEqual([]);
  expect(answered).toBeGreaterThan(8);
});
