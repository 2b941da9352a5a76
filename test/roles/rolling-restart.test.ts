import { expect, setDefaultTimeout, test } from "bun:test";
import { restartUnderLoad } from "./rolling.ts";

setDefaultTimeout(90_000);

test("three nodes on one Redis are restarted in turn under load: no job fails, none runs twice", async () => {
  expect(await restartUnderLoad(1)).toBeGreaterThan(40);
});
