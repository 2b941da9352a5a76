import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { freePort } from "../support/ports.ts";
import { type ProxyServer, startSocks } from "../support/proxies.ts";
import { type SshAgent, startSshAgent } from "../support/ssh-agent.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";
import { tempDir } from "../support/tempdir.ts";
import { Api, failure, resultOf } from "./support/api.ts";

setDefaultTimeout(60_000);

let bastion: Sshd;
let device: Sshd;
let other: Sshd;
let six: Sshd;
let socks: ProxyServer;
let agent: SshAgent;
let netpulse: Netpulse;
let api: Api;
beforeAll(async () => {
  [bastion, device, other, six] = await Promise.all([
    startSshd(),
    startSshd(),
    startSshd(),
    startSshd({ host: "::1" }),
  ]);
  socks = await startSocks();
  agent = await startSshAgent();
  netpulse = await startNetpulse({
    env: {
      NETPULSE_SSH__AGENT_SOCKET: agent.socket,
      NETPULSE_SSH__PROXIES: `127.0.0.1:${socks.port},proxy.example.net:3128`,
      NETPULSE_BREAKER__FAILURES: "2",
      ...kept("BASTION", bastion),
      ...kept("OTHER", other),
      ...kept("DEVICE", device),
    },
  });
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
  await agent?.[Symbol.asyncDispose]();
  await socks?.[Symbol.asyncDispose]();
  await Promise.all([bastion, device, other, six].map((each) => each?.stop()));
});

function login({ host, port, account }: Sshd) {
  return { host, port, username: account.name, password: account.password };
}

/** A login that jobs refer to. */
function kept(name: string, { account }: Sshd): Record<string, string> {
  const variable = `NETPULSE_CREDENTIAL_${name}`;
  return { [`${variable}__USERNAME`]: account.name, [`${variable}__PASSWORD`]: account.password };
}

function linux(connection_args: Record<string, unknown>, more: Record<string, unknown> = {}) {
  return { driver: "paramiko", command: "id -un", connection_args, ...more };
}

const userIs = ({ account }: Sshd) => `${account.name}\n`;

describe("devices behind a jump host", () => {
  test("are reached, and share the connection to it", async () => {
    const before = bastion.count("connection");
    const jump_hosts = [login(bastion)];
    const through = (server: Sshd) =>
      api.run(linux({ ...login(server), jump_hosts }, { queue_strategy: "pinned" }));
    const jobs = await Promise.all([through(device), through(other), through(six)]);
    expect(jobs.map((job) => resultOf(job).retval)).toEqual([device, other, six].map(userIs));
    expect(bastion.count("connection") - before).toBe(1);
  });

  test("are named by their own host key, and the jump host by its own", async () => {
    const { data } = await api.get("/hostkeys");
    const known = new Map(
      (data as { host: string; port: number; fingerprint: string }[]).map((key) => [key.port, key]),
    );
    for (const server of [bastion, device, other, six]) {
      expect(known.get(server.port)).toMatchObject({
        site: null,
        host: server.host,
        algorithm: "ssh-ed25519",
        fingerprint: server.hostKeyFingerprint,
      });
    }
  });

  test("have a circuit breaker each: one that is dead does not stand for the others", async () => {
    const jump_hosts = [login(bastion)];
    const dead = { ...login(device), port: await freePort(), jump_hosts };
    const errors = [];
    for (let n = 0; n < 3; n++) errors.push(failure(await api.run(linux(dead))).error);
    expect(errors).toEqual(["ConnectionError", "ConnectionError", "CircuitOpen"]);
    expect((await api.run(linux({ ...login(other), jump_hosts }))).status).toBe("finished");
  });

  test("name the hop that failed, without its password", async () => {
    const wrong = { ...login(bastion), password: "the-wrong-password" };
    const job = await api.run(linux({ ...login(device), jump_hosts: [login(other), wrong] }));
    expect(failure(job).error).toBe("AuthenticationError");
    const message = `${resultOf(job).error?.message}`;
    expect(message).toStartWith(
      `jump host 2, 127.0.0.1 port ${bastion.port}: login of ${bastion.account.name}`,
    );
    expect(message).not.toContain("the-wrong-password");
  });

  test("are reached with logins that are kept elsewhere, each its own", async () => {
    const at = ({ host, port }: Sshd) => ({ host, port });
    const jump_hosts = [
      { ...at(bastion), credential: "bastion" },
      { ...at(other), credential: { name: "env", ref: "other" } },
    ];
    const job = await api.run(linux({ ...at(device), jump_hosts }, { credential: "device" }));
    expect(failure(job)).toMatchObject({ error: null });
    expect(resultOf(job).retval).toBe(userIs(device));
    const wrong = [{ ...at(bastion), credential: "device" }];
    const refused = resultOf(await api.run(linux({ ...login(device), jump_hosts: wrong }))).error;
    expect(refused).toMatchObject({
      type: "AuthenticationError",
      message: expect.stringContaining("jump host 1"),
    });
    const missing = [{ ...at(bastion), credential: "nobody" }];
    expect(resultOf(await api.run(linux({ ...login(device), jump_hosts: missing }))).error).toMatchObject({
      type: "CredentialError",
      message: expect.stringContaining("env:nobody"),
    });
    const twice = { ref: "bastion", field_mapping: { username: "username" } };
    const both = await api.tryExec(
      linux({ ...at(device), jump_hosts: [{ ...login(bastion), credential: twice }] }),
    );
    expect([both.status, JSON.stringify(both)]).toEqual([
      422,
      expect.stringContaining('"jump_hosts",0,"credential",0,"field_mapping","username"'),
    ]);
  });
});

test("a device with an IPv6 address, in brackets or not, is one", async () => {
  const jobs = await Promise.all(
    ["::1", "[::1]", "0:0:0:0:0:0:0:1"].map((host) =>
      api.run(linux({ ...login(six), host }, { queue_strategy: "pinned" })),
    ),
  );
  expect(jobs.map(({ host, queue, status }) => [host, queue, status])).toEqual(
    Array(3).fill(["::1", `pinned_[::1]:${six.port}`, "finished"]),
  );
});

test("a proxy is used where ssh.proxies names it, and no other", async () => {
  const via = (port: number) => ({ type: "socks5", host: "127.0.0.1", port });
  const job = await api.run(linux({ ...login(device), proxy: via(socks.port) }));
  expect(resultOf(job).retval).toBe(userIs(device));
  const refused = await api.run(linux({ ...login(device), proxy: via(1) }));
  expect(resultOf(refused).error).toMatchObject({
    type: "ConnectionError",
    message: "the proxy 127.0.0.1 port 1 is none that ssh.proxies of this node names",
    retryable: false,
  });
});

test("the node's SSH agent logs in who asks for it", async () => {
  await device.authorize(device.account, await agent.add());
  const { password: _, ...args } = login(device);
  const job = await api.run(linux({ ...args, allow_agent: true }));
  expect(resultOf(job).retval).toBe(userIs(device));
  expect(failure(await api.run(linux(args))).error).toBe("AuthenticationError");
});

test.each([
  ["jump_hosts.0.host", { jump_hosts: [{ host: "not a host", username: "x" }] }],
  [
    "jump_hosts.1.host",
    {
      jump_hosts: [
        { host: "a", username: "x" },
        { host: "fe80::1%eth0", username: "x" },
      ],
    },
  ],
  ["host", { host: "fe80::1%eth0", jump_hosts: [{ host: "a", username: "x" }] }],
  ["jump_hosts.0.password", { jump_hosts: [{ host: "a", username: "x", password: 7 }] }],
  ["jump_hosts.0.totp.secret", { jump_hosts: [{ host: "a", username: "x", totp: { secret: "189" } }] }],
  ["totp.secret", { totp: { secret: "not base32!" } }],
  ["proxy.host", { proxy: { type: "http", host: "a b", port: 1 } }],
  ["proxy.port", { proxy: { type: "http", host: "a", port: 0 } }],
  ["proxy.type", { proxy: { type: "socks4", host: "a", port: 1 } }],
  ["login_answers.0.answer", { login_answers: [{ prompt: "x" }] }],
])("a wrong %s is refused by its name", async (field, args) => {
  const answer = await api.tryExec(linux({ ...login(device), ...args }));
  expect(answer.status).toBe(422);
  const names = (answer.data as { loc: (string | number)[] }[]).map(({ loc }) => loc.join("."));
  expect(names).toEqual([`body.connection_args.${field}`]);
});

test("each policy for host keys does what it says", async () => {
  using folder = tempDir("policies");
  await using known = await startSshd();
  await using unknown = await startSshd();
  const under = async (policy: string, ...servers: Sshd[]) => {
    await using product = await startNetpulse({
      dataDir: folder.file("data"),
      env: { NETPULSE_SSH__HOST_KEY_POLICY: policy },
    });
    const client = new Api(product);
    const ends = [];
    for (const server of servers) ends.push(failure(await client.run(linux(login(server)))));
    const { data } = await client.get("/hostkeys");
    return {
      errors: ends.map(({ error }) => error),
      ports: (data as { port: number }[]).map(({ port }) => port),
    };
  };
  expect(await under("accept-new", known)).toEqual({ errors: [null], ports: [known.port] });
  expect(await under("strict", known, unknown)).toEqual({
    errors: [null, "HostKeyError"],
    ports: [known.port],
  });
  expect([unknown.count("accepted"), unknown.count("refused")]).toEqual([0, 0]);
  expect(await under("off", known, unknown)).toEqual({ errors: [null, null], ports: [known.port] });

  // Another server at the known address.
  const { port } = known;
  await known.stop();
  await using changed = await startSshd({ config: [`ListenAddress 127.0.0.1:${port}`] });
  const moved = { ...changed, port };
  expect((await under("accept-new", moved)).errors).toEqual(["HostKeyError"]);
  expect((await under("strict", moved)).errors).toEqual(["HostKeyError"]);
  expect([changed.count("accepted"), changed.count("refused")]).toEqual([0, 0]);
  expect((await under("off", moved)).errors).toEqual([null]);
});

test("a key that is forgotten through the API is taken anew", async () => {
  await using server = await startSshd();
  const place = `host=127.0.0.1&port=${server.port}`;
  expect((await api.run(linux(login(server)))).status).toBe("finished");
  expect((await api.get(`/hostkeys?${place}`)).data).toHaveLength(1);
  const forgotten = await api.delete(`/hostkeys?${place}`);
  expect([forgotten.status, forgotten.data]).toEqual([
    200,
    { site: null, host: "127.0.0.1", port: server.port },
  ]);
  expect((await api.get(`/hostkeys?${place}`)).data).toEqual([]);
  expect((await api.delete(`/hostkeys?${place}`)).status).toBe(404);
  expect((await api.run(linux(login(server)))).status).toBe("finished");
  expect((await api.get(`/hostkeys?${place}`)).data).toHaveLength(1);
});
