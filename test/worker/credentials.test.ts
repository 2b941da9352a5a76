import { afterEach, describe, expect, test } from "bun:test";
import type { CredentialRef } from "../../src/core/credential.ts";
import { credentialChain } from "../../src/credentials/chain.ts";
import { CredentialFault, type CredentialProvider } from "../../src/credentials/provider.ts";
import { DeviceError } from "../../src/device/driver.ts";
import { keyIdOf } from "../../src/engine/seal.ts";
import { DirectTemplates } from "../support/direct-templates.ts";
import { echoScript } from "../support/scripted-driver.ts";
import { endWorlds, world } from "../support/world.ts";

afterEach(endWorlds);

const LOGIN = { username: "admin", password: "pw-of-the-vault" };
const CORE: CredentialRef[] = [{ name: "store", ref: "core" }];
const REQUEST = { connectionArgs: { host: "10.0.0.1" }, credentials: CORE };

/** A place whose answers a test gives. */
function place(answer: () => Promise<Record<string, string>> = async () => LOGIN) {
  const asked: string[] = [];
  const forgotten: string[] = [];
  const provider: CredentialProvider = {
    name: "store",
    async read({ ref, signal }) {
      asked.push(ref.ref);
      const aborted = new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
      );
      return await Promise.race([answer(), aborted]);
    },
    forget: ({ ref }) => void forgotten.push(ref),
  };
  const credentials = credentialChain({ providers: [provider], chain: ["store"], onFault: () => {} });
  return { asked, forgotten, credentials };
}

async function startedWorld(given: ReturnType<typeof place>, device: Parameters<typeof world>[1] = {}) {
  const seen: unknown[] = [];
  const it = await world(async function* (request, context) {
    seen.push(context.args);
    yield* echoScript(request, context);
  }, device);
  await it.addNode("a", { credentials: given.credentials });
  return { ...it, seen };
}

describe("a job that refers to a credential", () => {
  test("logs in with it, and it is nowhere in what is stored", async () => {
    const kept = place();
    const it = await startedWorld(kept);
    const done = await it.until(
      await it.submit({ ...REQUEST, operation: { kind: "command", text: LOGIN.password } }),
      "finished",
    );
    expect(it.seen).toEqual([{ host: "10.0.0.1", port: 22, ...LOGIN }]);
    expect(kept.asked).toEqual(["core"]);
    // The command that holds it was masked when it was shown, as the secrets of a job are.
    expect(done.outputs?.[0]?.command).toBe("******");
  });

  test("keeps nothing of it in the queue", async () => {
    const it = await world();
    const job = await it.submit(REQUEST);
    const { items } = await it.storage.listSealed({ kind: "jobs", limit: 10 });
    expect(items.map(({ id, sealed }) => [id, keyIdOf(sealed) !== null])).toEqual([[job.id, true]]);
    expect(it.sealer.open(job.id, items[0]?.sealed ?? new Uint8Array()).toString()).not.toContain("password");
  });

  test("reads anew for each run, and what the request gives goes before what is read", async () => {
    const kept = place();
    const it = await startedWorld(kept);
    await it.until(await it.submit(REQUEST), "finished");
    await it.until(
      await it.submit({ ...REQUEST, connectionArgs: { host: "10.0.0.2", username: "own" } }),
      "finished",
    );
    expect(kept.asked).toEqual(["core", "core"]);
    expect(it.seen[1]).toMatchObject({ username: "own", password: LOGIN.password });
  });

  test("takes what its mapping names, and no more", async () => {
    const it = await startedWorld(place(async () => ({ user: "u1", pass: "p1-secret", password: "other" })));
    const credentials = [
      { ...CORE[0], fieldMapping: { username: "user", password: "pass" } },
    ] as CredentialRef[];
    await it.until(await it.submit({ ...REQUEST, credentials }), "finished");
    expect(it.seen).toMatchObject([{ username: "u1", password: "p1-secret" }]);
  });

  test.each([
    ["a field that is not there", { username: "u" }, { password: "pass" }, 'store:core has no field "pass"'],
    ["no field of an argument's name", { user: "u" }, undefined, "give field_mapping"],
    ["no user", { password: "p4ssw0rd" }, undefined, "connection_args.username is required"],
  ])("fails on %s, named without what was read", async (_, fields, fieldMapping, message) => {
    const it = await startedWorld(place(async () => fields as unknown as Record<string, string>));
    const credentials = [{ ...CORE[0], ...(fieldMapping && { fieldMapping }) }] as CredentialRef[];
    const { job } = await it.until(await it.submit({ ...REQUEST, credentials }), "failed");
    expect(job.result?.error).toMatchObject({
      type: "CredentialError",
      retryable: false,
      message: expect.stringContaining(message),
    });
    expect(JSON.stringify(job)).not.toContain("p4ssw0rd");
    expect(it.log).toEqual([]);
  });

  test("may refer to one for each jump host, which goes to nobody else", async () => {
    const kept = place();
    const devices: unknown[] = [];
    const resolve = kept.credentials.resolve.bind(kept.credentials);
    kept.credentials.resolve = async (refs, wish) => {
      devices.push([refs[0]?.ref, wish.devices.map(({ host }) => host)]);
      const { ref } = await resolve(refs, wish);
      return { ref, fields: { username: `of-${ref.ref}`, password: `${ref.ref}-s3cret` } };
    };
    const it = await startedWorld(kept);
    const jump_hosts = [
      { host: "b1" },
      { host: "b2", username: "own", password: "given-one" },
      { host: "b3" },
    ];
    const hopCredentials = [[{ name: "store", ref: "first" }], null, [{ name: "store", ref: "last" }]];
    const connectionArgs = { host: "10.0.0.1", username: "u", jump_hosts };
    const operation = { kind: "command", text: "show first-s3cret" } as const;
    const { outputs } = await it.until(
      await it.submit({ connectionArgs, hopCredentials, operation }),
      "finished",
    );
    expect(it.seen).toMatchObject([
      {
        username: "u",
        jump_hosts: [
          { host: "b1", username: "of-first", password: "first-s3cret" },
          { host: "b2", username: "own", password: "given-one" },
          { host: "b3", username: "of-last", password: "last-s3cret" },
        ],
      },
    ]);
    expect(devices).toEqual([
      ["first", ["b1"]],
      ["last", ["b1", "b2", "b3"]],
    ]);
    expect(outputs?.[0]?.command).toBe("show ******");
    await it.until(
      await it.submit({ ...REQUEST, connectionArgs: { host: "10.0.0.2", jump_hosts }, hopCredentials }),
      "finished",
    );
    expect(devices.at(-1)).toEqual(["core", ["b1", "b2", "b3", "10.0.0.2"]]);
  });

  test("has its output parsed by the platform that the session names", async () => {
    const kept = place();
    const templates = new DirectTemplates();
    const asked: unknown[] = [];
    templates.parse = async ({ template }) => {
      asked.push(template);
      return "[]";
    };
    const it = await world(echoScript, { platform: "acme_os" });
    const templating = { templates, maxCommands: 5, maxParsed: 100 };
    await it.addNode("a", { credentials: kept.credentials, templating });
    const parsing = { name: "textfsm", template: null, platform: null, options: {} } as const;
    await it.until(await it.submit({ ...REQUEST, parsing }), "finished");
    expect(asked).toEqual([{ kind: "command", platform: "acme_os", command: "show version" }]);
  });

  test("names the credential of a jump host that does not serve", async () => {
    const it = await startedWorld(place(async () => ({ password: "p4ssw0rd" })));
    const hopCredentials = [[{ name: "store", ref: "bastion" }]];
    const connectionArgs = { host: "10.0.0.1", username: "u", jump_hosts: [{ host: "b1" }] };
    const { job } = await it.until(await it.submit({ connectionArgs, hopCredentials }), "failed");
    expect(job.result?.error).toEqual({
      type: "CredentialError",
      retryable: false,
      message:
        "the credential store:bastion does not give what the driver needs: connection_args.jump_hosts.0.username is required",
    });
  });

  test("fails with CredentialError, and runs again where the request allows it and the place was away", async () => {
    let away = true;
    const kept = place(async () => {
      if (away) throw new CredentialFault("unavailable", "could not be read");
      return LOGIN;
    });
    const it = await startedWorld(kept);
    const { job } = await it.until(await it.submit(REQUEST), "failed");
    expect(job.result?.error).toEqual({
      type: "CredentialError",
      message: "the credential store:core could not be read",
      retryable: true,
    });
    const again = await it.submit({ ...REQUEST, retries: 1 });
    while (kept.asked.length < 2) await it.clock.advance(50);
    away = false;
    expect((await it.until(again, "finished")).job.attempts).toBe(2);
  });

  test("whose login a device refuses has it read anew next time", async () => {
    const kept = place();
    const it = await startedWorld(kept, {
      connect: async () => {
        throw new DeviceError("AuthenticationError", "permission denied");
      },
    });
    await it.until(await it.submit(REQUEST), "failed");
    expect(kept.forgotten).toEqual(["core"]);
  });

  test("is aborted, and ends at its deadline, while it is read", async () => {
    const kept = place(() => new Promise(() => {}));
    const it = await startedWorld(kept);
    const [one, two] = [
      await it.submit(REQUEST),
      await it.submit({ ...REQUEST, connectionArgs: { host: "10.0.0.2" }, executionTimeout: 5 }),
    ];
    await it.until(one, "started");
    await it.engine.cancelJob({ id: one.id, abort: true });
    expect((await it.until(one, "failed")).job.result).toMatchObject({ type: "stopped" });
    expect((await it.until(two, "failed")).job.result?.error).toMatchObject({
      type: "TimeoutError",
      message: expect.stringContaining("reading its credential"),
    });
    expect(it.log).toEqual([]);
  });

  test("whose reading outlasts its first lease runs all the same, under the lease of then", async () => {
    const login = Promise.withResolvers<Record<string, string>>();
    const it = await startedWorld(place(() => login.promise));
    const job = await it.submit(REQUEST);
    await it.until(job, "started");
    for (let n = 0; n < 30; n++) await it.clock.advance(1_000);
    login.resolve(LOGIN);
    await it.until(job, "finished");
  });

  test("goes back to the queue untouched when its node drains meanwhile", async () => {
    const it = await world();
    const first = await it.addNode("a", { credentials: place(() => new Promise(() => {})).credentials });
    const job = await it.submit(REQUEST);
    await it.until(job, "started");
    await it.stopped(first.node.stop({ ms: 60_000 }));
    expect((await it.view(job)).job.status).toBe("queued");
  });
});

test("a mapping to what is no argument of a login is refused, as is one that the request gives as well", async () => {
  const it = await world();
  const submit = (fieldMapping: Record<string, string>) =>
    it.submit({
      connectionArgs: { host: "10.0.0.1", username: "u" },
      credentials: [{ name: "store", ref: "core", fieldMapping }],
    });
  await expect(submit({ host: "x" })).rejects.toMatchObject({
    fields: [
      { loc: ["credential", 0, "field_mapping", "host"], msg: expect.stringContaining("username, password") },
    ],
  });
  await expect(submit({ username: "x" })).rejects.toMatchObject({
    fields: [
      { loc: ["credential", 0, "field_mapping", "username"], msg: expect.stringContaining("keep one") },
    ],
  });
});
