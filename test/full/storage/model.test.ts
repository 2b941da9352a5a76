import { test } from "bun:test";
import { checkAgainstModel } from "../../conformance/storage/model.ts";
import { onEveryBackend } from "../../support/backends.ts";

onEveryBackend((setup) => {
  test("whatever happens, in whatever order, is what the model says: 1,000 sequences", async () => {
    await checkAgainstModel(setup, { runs: 1_000, steps: 100 });
  }, 1_800_000);
});
