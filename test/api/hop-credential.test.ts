import { describe, expect, test } from "bun:test";
import { TestApi, wrongFields } from "./client.ts";

const via = (...jump_hosts: unknown[]) => ({
  driver: "paramiko",
  connection_args: { host: "192.0.2.1", username: "u", jump_hosts },
  command: "id",
});

describe("a jump host's credential", () => {
  test("is taken out of the arguments, by its place", async () => {
    const api = new TestApi();
    const given = via(
      { host: "b1", credential: "ops/bastion" },
      { host: "b2", username: "u" },
      { host: "b3", credential: null },
    );
    expect((await api.exec(given)).status).toBe(201);
    const { request } = api.engine.submitted[0] ?? {};
    expect(request?.hopCredentials).toEqual([[{ name: null, ref: "ops/bastion" }], null, null]);
    expect(request?.connectionArgs.jump_hosts).toEqual([
      { host: "b1" },
      { host: "b2", username: "u" },
      { host: "b3" },
    ]);
    await api.exec(via({ host: "b1", username: "u" }));
    expect(api.engine.submitted[1]?.request).not.toHaveProperty("hopCredentials");
  });

  test("goes with bulk requests and tests of connections", async () => {
    const api = new TestApi();
    const { command, ...rest } = via({ host: "b1", credential: [{ name: "env", ref: "a" }, "b"] });
    const devices = [{ host: "192.0.2.1" }, { host: "192.0.2.2", jump_hosts: [] }];
    await api.call("POST", "/device/bulk", { body: { ...rest, command, devices } });
    const refs = [
      { name: "env", ref: "a" },
      { name: null, ref: "b" },
    ];
    expect(api.engine.submitted.map(({ request }) => request.hopCredentials)).toEqual([[refs], undefined]);
    const wrong = via({ host: "b1", credential: "../a" });
    const { status } = await api.call("POST", "/device/test", { body: { ...wrong, command: undefined } });
    expect(status).toBe(422);
  });

  test.each([
    ["a path that leaves its place", "../a", "credential", /names of letters/],
    ["no reference", { name: "env" }, "credential", /an object with a ref/],
    ["an unknown place in a list", ["a", { name: "vault", ref: "a" }], "credential.1", /./],
    ["what is of Vault elsewhere", { name: "env", ref: "a", version: 1 }, "credential.version", /of Vault/],
  ])("with %s is refused", async (_, credential, field, msg) => {
    const answer = await new TestApi().exec(via({ host: "b0", username: "u" }, { host: "b1", credential }));
    expect(answer.status).toBe(422);
    expect(wrongFields(answer)).toMatchObject({
      [`body.connection_args.jump_hosts.1.${field}`]: expect.stringMatching(msg),
    });
  });
});
