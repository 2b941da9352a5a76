import { expect, setDefaultTimeout, test } from "bun:test";
import { restartUnderLoad } from "../../roles/rolling.ts";

setDefaultTimeout(300_000);

test("three nodes on one Redis are restarted in turn, eight times, under load: no job fails, none runs twice", async () => {
  expect(await restartUnderLoad(8)).toBeGreaterThan(250);
});
