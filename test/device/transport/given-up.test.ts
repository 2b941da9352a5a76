import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { inOwnNetwork } from "../../support/own-network.ts";

const script = resolve(import.meta.dir, "given-up/main.ts");

test("what was typed into a dead wire goes with its session, and does not reach the device when the wire works again", async () => {
  const { left, lines } = await inOwnNetwork<{ left: string; lines: string[] }>({ script, deadline: 20_000 });
  expect(left).toBe("");
  expect(lines).toEqual(["show users"]);
}, 30_000);
