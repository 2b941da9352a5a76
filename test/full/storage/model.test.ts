import { test } from "bun:test";
import { checkAgainstModel } from "../../conformance/storage/model.ts";
import { onEveryBackend } from "../../support/backends.ts";

onEveryBackend((setup) => {
  test("whatever happens, in whatever order, is what the model says: 200 sequences", async () => {
    await checkAgainstModel(setup, { runs: 200, steps: 150, limitMs: 1_700_000 });
  }, 1_800_000);
});
