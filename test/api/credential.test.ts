import { describe, expect, test } from "bun:test";
import { TestApi, wrongFields } from "./client.ts";

const body = {
  driver: "netmiko",
  connection_args: { device_type: "cisco_ios", host: "192.0.2.1" },
  command: "show version",
};
const reference = {
  name: "vault_kv",
  ref: "net/core",
  mount: "kv",
  namespace: "org/lab",
  version: 3,
  field_mapping: { username: "user", password: "pass" },
};

async function credentialsOf(given: object) {
  const api = new TestApi();
  const { status } = await api.exec(given);
  expect(status).toBe(201);
  return api.engine.submitted[0]?.request.credentials;
}

describe("credential", () => {
  test("is a name, a reference, or several of both, in the body or in its options", async () => {
    const { field_mapping: fieldMapping, ...rest } = reference;
    const whole = { ...rest, fieldMapping };
    const plain = { name: null, ref: "core/admin" };
    expect(await credentialsOf({ ...body, credential: "core/admin" })).toEqual([plain]);
    expect(await credentialsOf({ ...body, credential: reference })).toEqual([whole]);
    expect(await credentialsOf({ ...body, options: { credential: [reference, "core/admin"] } })).toEqual([
      whole,
      plain,
    ]);
    expect(await credentialsOf({ ...body, credential: null })).toBeUndefined();
  });

  test.each([
    ["a path that leaves its place", "../core", { "body.credential": /names of letters/ }],
    ["a reference without a ref", { name: "store" }, { "body.credential": /a name, an object with a ref/ }],
    ["an unknown place", [{ name: "vault", ref: "a" }], { "body.credential.0": /./ }],
    ["no reference at all", [], { "body.credential": /./ }],
    ["too many", Array(6).fill("a"), { "body.credential": /at most 5/ }],
    [
      "a path of a mount that is none",
      { ...reference, mount: "a/../b" },
      { "body.credential.mount": /names/ },
    ],
    [
      "what is of Vault elsewhere",
      ["a", { name: "env", ref: "a", version: 1 }],
      { "body.credential.1.version": /of Vault/ },
    ],
  ])("with %s is refused", async (_, credential, expected: Record<string, RegExp>) => {
    const answer = await new TestApi().exec({ ...body, credential });
    expect(answer.status).toBe(422);
    const wrong = wrongFields(answer);
    expect(Object.keys(wrong)).toEqual(Object.keys(expected));
    for (const [name, msg] of Object.entries(expected)) expect(wrong[name]).toMatch(msg);
  });

  test("goes with a test of a connection", async () => {
    const { command: _command, ...rest } = body;
    const api = new TestApi();
    const { status } = await api.call("POST", "/device/test", { body: { ...rest, credential: "../a" } });
    expect(status).toBe(422);
  });

  test("is a device's own in a bulk request, where it has one", async () => {
    const api = new TestApi();
    const { connection_args, ...rest } = body;
    const { status } = await api.call("POST", "/device/bulk", {
      body: {
        ...rest,
        connection_args: { device_type: "cisco_ios" },
        credential: "shared",
        devices: [{ host: connection_args.host }, { host: "192.0.2.2", credential: "own" }],
      },
    });
    expect(status).toBe(201);
    expect(api.engine.submitted.map(({ request }) => request.credentials)).toEqual([
      [{ name: null, ref: "shared" }],
      [{ name: null, ref: "own" }],
    ]);
  });
});

test("mask_output is handed on, and is true or false", async () => {
  const api = new TestApi();
  await api.exec({ ...body, mask_output: true });
  await api.exec({ ...body, options: { mask_output: false } });
  expect(api.engine.submitted.map(({ request }) => request.maskOutput)).toEqual([true, false]);
  const wrong = await api.exec({ ...body, mask_output: "yes" });
  expect(wrongFields(wrong)).toEqual({ "body.mask_output": "must be true or false" });
});
