import { expect, test } from "bun:test";
import { hostKey } from "../../src/lab/host-key.ts";

test("every key that is made can be read again, also where ssh2 would drop a leading zero", async () => {
  const keys = await Promise.all(Array.from({ length: 1500 }, () => hostKey(undefined)));
  expect(keys.every((key) => key.isPrivateKey())).toBe(true);
});
