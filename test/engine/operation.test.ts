import { expect, test } from "bun:test";
import { decodeOperation, encodeOperation, type SealedOperation } from "../../src/engine/operation.ts";

const PLAIN: SealedOperation = {
  driver: "cli",
  connectionArgs: { host: "192.0.2.1" },
  driverArgs: {},
  credentials: null,
  hopCredentials: null,
  operation: { kind: "command", commands: ["show clock"] },
  lineRules: null,
  maskOutput: false,
  secrets: [],
};
const CONFIG: SealedOperation = { ...PLAIN, operation: { kind: "config", lines: ["a"] }, maskOutput: true };
const REFS = [{ name: null, ref: "core" }];

test.each([
  ["with nothing but what must be", PLAIN],
  ["whose output is masked, as that of a config is", CONFIG],
  ["whose output is masked though it is none", { ...PLAIN, maskOutput: true }],
  ["of a config whose output is not masked", { ...CONFIG, maskOutput: false }],
  ["with references", { ...PLAIN, credentials: REFS, hopCredentials: [null, REFS] }],
])("an operation %s comes back as it was", (_what, operation) => {
  expect(decodeOperation(encodeOperation(operation))).toEqual(operation);
});

test("what goes without saying takes no room", () => {
  const text = new TextDecoder().decode(encodeOperation(CONFIG));
  expect(text).not.toMatch(/null|maskOutput/);
});
