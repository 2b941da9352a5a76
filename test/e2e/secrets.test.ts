import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Account, createAccount } from "../support/account.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { freePort } from "../support/ports.ts";
import { must } from "../support/process.ts";
import { type ProxyServer, startHttpProxy, startSocks } from "../support/proxies.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";
import { allowSudo } from "../support/sudo.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { Api, failure } from "./support/api.ts";
import type { Job } from "./support/contract.ts";
import { type Device, startDevice } from "./support/device.ts";
import { commandLineOf, environmentOf, filesOf, type Place, Secrets, text } from "./support/leaks.ts";
import { descendants } from "./support/processes.ts";

setDefaultTimeout(30_000);

/**
 * Every field that can hold a secret gets one of its own, in jobs of every outcome and in requests that
 * are refused. Then everything the product wrote, said or started is searched for each of them.
 */
const secrets = new Secrets();
/** What a secret may be given with: characters that every encoding writes differently. */
const awkward = (givenAs: string) => `${secrets.make(givenAs)}"'\\ü$`;
/** No secret: it must be found, or the search looks in the wrong places. */
const MARKER = "Marker7tThatIsNotASecretAtAll";

const apiKey = secrets.make("the API key, by the environment");
const sealingKey = crypto.getRandomValues(Buffer.alloc(32)).toString("hex");
secrets.add("the sealing key, by the environment", Buffer.from(sealingKey));
secrets.add("the sealing key, its bytes", Buffer.from(sealingKey, "hex"));
const stranger = secrets.make("another variable of the environment");

let folder: TempDir;
let account: Account;
let sshd: Sshd;
let netpulse: Netpulse;
let api: Api;
/** Names to places, each taken at its moment. */
const searched: Record<string, Place[]> = {};
const childEnvironments: Place[] = [];

beforeAll(async () => {
  folder = tempDir("secrets");
  await must(["mkdir", folder.file("data"), folder.file("tmp")]);
  account = await createAccount({ password: awkward("the password of jobs that finish") });
  sshd = await startSshd({ accounts: [account] });
  netpulse = await startNetpulse({
    dataDir: folder.file("data"),
    env: {
      TMPDIR: folder.file("tmp"),
      NETPULSE_LOG__LEVEL: "debug",
      NETPULSE_SERVER__API_KEY: apiKey,
      NETPULSE_SECRET_KEY: sealingKey,
      AWS_SECRET_ACCESS_KEY: stranger,
    },
  });
  api = new Api(netpulse);
  await using held = await startDevice({
    password: secrets.make("the password of jobs that run"),
    enable: secrets.make("the enable secret of jobs that run"),
  });
  await finishJobs();
  await failJobs();
  await refuseRequests();
  await leaveJobsUndone(held);
  await readEverything();
  await search("while jobs run and wait");
  held.release();
  await Promise.all((await api.jobs("status=started")).map(({ id }) => api.ended(id)));
  await api.cancel(`host=${held.handle.host}`);
  await readEverything();
  await search("after all jobs ended");
  await netpulse.stop();
  await search("after the product ended");
});
afterAll(async () => {
  await netpulse?.stop();
  await sshd?.stop();
  await account?.remove();
  folder?.remove();
});

function linux(request: Record<string, unknown>): Record<string, unknown> {
  const { name, password } = account;
  return {
    driver: "paramiko",
    command: `echo ${MARKER}`,
    ...request,
    connection_args: {
      host: sshd.host,
      port: sshd.port,
      username: name,
      password,
      ...(request.connection_args as object | undefined),
    },
  };
}

function cli(device: Device, request: Record<string, unknown>): Record<string, unknown> {
  return {
    driver: "netmiko",
    ...request,
    connection_args: device.args(request.connection_args as Record<string, unknown> | undefined),
  };
}

function expectEnd(job: Job, error: string | null) {
  expect({ id: job.id, ...failure(job) }).toMatchObject({ error });
}

async function finishJobs() {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const { id } = await api.exec(linux({}), headers);
  expectEnd(await api.ended(id), null);
  await api.exec(linux({}), headers);
  const password = secrets.make("the password of a repeat with another body");
  expect((await api.tryExec(linux({ connection_args: { password } }), headers)).status).toBe(422);
  expectEnd(await api.run(linux({ queue_strategy: "pinned" })), null);
  await finishOverHops();
  await finishWithKey();
  await finishConfig();
  await finishOnLinux();
}

/** By sudo, with answers, variables and a script; then with a wrong password of sudo, and in a detached task. */
async function finishOnLinux() {
  await using _rule = await allowSudo(account);
  const sudo = { sudo: true, sudo_password: account.password };
  const environment = { TOKEN: awkward("a variable of a command") };
  const script = `x='${secrets.make("a word of a script")}'\nread y </dev/null\ntest -n "$x"\n`;
  const answer = awkward("an answer to a command");
  const asks = {
    command: "printf 'Code: '; read x; test -n \"$x\"",
    driver_args: { expect_map: { "Code: ": answer } },
  };
  const finished = [
    linux({ driver_args: { ...sudo, environment } }),
    linux({ command: undefined, driver_args: { script_content: script, environment } }),
    linux(asks),
    linux({ command: `test -n "$TOKEN"`, driver_args: { environment, detach: true } }),
    linux({ command: undefined, driver_args: { detached_task: { action: "list" } } }),
    linux({ command: `test -n "$TOKEN"`, driver_args: { ...sudo, environment }, detach: true }),
  ];
  for (const request of finished) expectEnd(await api.run(request), null);
  const wrong = { sudo: true, sudo_password: secrets.make("a wrong password of sudo") };
  expectEnd(await api.run(linux({ driver_args: wrong })), "AuthenticationError");
  const echoed = {
    command: "printf 'Code: '; read x; echo $x; exit 1",
    driver_args: { expect_map: { "Code: ": secrets.make("an answer that a command repeats") } },
  };
  expectEnd(await api.run(linux(echoed)), "CommandError");
}

/** Over a proxy and two jump hosts, each with a secret of its own; then with a wrong one at each of them. */
async function finishOverHops() {
  const givenToProxy = { username: "proxy-user", password: secrets.make("the password of a proxy") };
  const ofHop = { password: awkward("the password of a jump host") };
  await using hopAccount = await createAccount(ofHop);
  await using socks = await startSocks(givenToProxy);
  await using http = await startHttpProxy(givenToProxy);
  await using asking = await startSshd({ accounts: [hopAccount], authentication: ["keyboard-interactive"] });
  const proxyTo = ({ host, port }: ProxyServer, type: string, more = {}) => ({
    ...{ type, host, port, ...givenToProxy },
    ...more,
  });
  const hop = (more: object) => ({
    host: asking.host,
    port: asking.port,
    username: hopAccount.name,
    ...more,
  });
  const second = hop({
    login_answers: [
      { prompt: "assword", answer: hopAccount.password },
      { prompt: "never asked", answer: secrets.make("an answer that nobody asked for") },
    ],
    totp: { secret: base32Secret("the TOTP secret of a jump host") },
  });
  const over = (proxy: object, ...jump_hosts: object[]) =>
    api.run(linux({ connection_args: { proxy, jump_hosts } }));
  for (const proxy of [proxyTo(socks, "socks5"), proxyTo(http, "http")]) {
    expectEnd(await over(proxy, hop(ofHop), second), null);
  }
  const wrongAtHop = hop({ password: awkward("a wrong password of a jump host") });
  expectEnd(await over(proxyTo(socks, "socks5"), wrongAtHop), "AuthenticationError");
  const wrongAnswer = { prompt: "word", answer: awkward("a wrong answer to a login's question") };
  expectEnd(
    await over(proxyTo(socks, "socks5"), hop({ login_answers: [wrongAnswer] })),
    "AuthenticationError",
  );
  const wrongAtProxy = { password: secrets.make("a wrong password of a proxy") };
  expectEnd(await over(proxyTo(socks, "socks5", wrongAtProxy)), "AuthenticationError");
  const refused = await over(
    proxyTo(http, "http", { password: secrets.make("another wrong one of a proxy") }),
  );
  expect(["AuthenticationError", "ConnectionError"]).toContain(`${failure(refused).error}`);
  const totp = { secret: base32Secret("a TOTP secret that is not asked for") };
  expectEnd(await api.run(linux({ connection_args: { totp } })), null);
}

/** Secrets are made of letters and digits that base32 has not all of. */
function base32Secret(givenAs: string): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const secret = [...bytes].map((byte) => letters[byte % 32]).join("");
  secrets.add(givenAs, Buffer.from(secret));
  return secret;
}

async function finishWithKey() {
  const path = folder.file("tmp/key");
  const passphrase = awkward("the passphrase of a private key");
  await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", path]);
  const pkey = await Bun.file(path).text();
  const [, line = ""] = pkey.split("\n").slice(2);
  secrets.add("a private key", Buffer.from(line));
  await sshd.authorize(account, await Bun.file(`${path}.pub`).text());
  await must(["rm", path, `${path}.pub`]);
  const connection_args = { pkey, passphrase, password: undefined };
  expectEnd(await api.run(linux({ connection_args })), null);
  const wrong = { pkey, passphrase: awkward("a wrong passphrase"), password: undefined };
  const job = await api.run(linux({ connection_args: wrong }));
  expect(["AuthenticationError", "CredentialError"]).toContain(`${failure(job).error}`);
}

async function finishConfig() {
  await using device = await startDevice({
    password: secrets.make("the password of a config that is applied"),
    enable: secrets.make("the enable secret of a config that is applied"),
  });
  const connection_args = credentialsOf(device);
  const enable = secrets.make("enable secret");
  const config = [
    `username bob secret ${secrets.make("username … secret")}`,
    `username eve privilege 15 password 0 ${secrets.make("username … password 0")}`,
    `enable secret ${enable}`,
    `snmp-server community ${secrets.make("snmp-server community")} RO`,
    `interface Loopback7`,
    `description ${MARKER}`,
  ];
  expectEnd(await api.run(cli(device, { connection_args, config })), null);
  const one = `username dan secret ${secrets.make("username … secret, given as a string")}`;
  const changed = { ...connection_args, secret: enable };
  expectEnd(await api.run(cli(device, { connection_args: changed, config: one })), null);
}

/** The lab knows its password as the test made it. */
function credentialsOf(device: Device): Record<string, string> {
  const { password, enable } = device.settings;
  return { password: password ?? "", secret: enable ?? "" };
}

async function failJobs() {
  const password = awkward("a wrong password");
  expectEnd(await api.run(linux({ connection_args: { password } })), "AuthenticationError");
  const unreachable = { port: await freePort(), password: secrets.make("the password for nobody") };
  expectEnd(await api.run(linux({ connection_args: unreachable })), "ConnectionError");

  await using device = await startDevice();
  const wrongEnable = { secret: secrets.make("a wrong enable secret") };
  const notEnabled = cli(device, { connection_args: wrongEnable, command: "show clock" });
  expectEnd(await api.run(notEnabled), "AuthenticationError");
  const refused = `username bob privilege 99 secret ${secrets.make("a config line that is refused")}`;
  expectEnd(await api.run(cli(device, { config: ["hostname x", refused] })), "ConfigError");
  await failAtTimeOut(device);

  // This one repeats what it did not understand.
  await using frr = await startDevice({ platform: "frr" });
  const repeated = `username bob secret ${secrets.make("a refused line that the device repeats")}`;
  expectEnd(await api.run(cli(frr, { config: ["ip forwarding", repeated] })), "ConfigError");
}

/** The device has echoed the line and says nothing more; the error tells what was printed last. */
async function failAtTimeOut(device: Device) {
  const line = `username carol secret ${secrets.make("a config line without an answer")}`;
  device.hold(line);
  const job = await api.run(cli(device, { config: line, driver_args: { read_timeout: 1 } }));
  expectEnd(job, "TimeoutError");
  device.release();
}

async function refuseRequests() {
  const bodies: Record<string, unknown>[] = [
    linux({ connection_args: { password: { [MARKER]: secrets.make("a password that is an object") } } }),
    linux({ connection_args: { password: [secrets.make("a password that is a list")] } }),
    linux({ connection_args: { passwrod: secrets.make("a mistyped password") } }),
    linux({ connection_args: { password: secrets.make("a password that is too long").repeat(100) } }),
    linux({ connection_args: { port: -1, password: secrets.make("a password beside a wrong port") } }),
    linux({ connection_args: { port: secrets.make("a password in the wrong field") } }),
    linux({ connection_args: { pkey: { key: secrets.make("a key that is an object") } } }),
    linux({ driver: secrets.make("a password as driver") }),
    { ...linux({}), connection_args: secrets.make("connection_args that are text") },
    linux({ passphrase: secrets.make("a passphrase in the wrong place") }),
    linux({ ttl: secrets.make("a password as ttl") }),
    linux({ queue_strategy: secrets.make("a password as strategy") }),
    linux({ webhook: { auth: secrets.make("a webhook's authorization") } }),
    linux({ connection_args: { totp: { secret: `${secrets.make("a TOTP secret that is none")}1890` } } }),
    linux({ connection_args: { totp: secrets.make("a TOTP secret as text") } }),
    linux({
      connection_args: {
        login_answers: [{ prompt: "x", answer: 1, secret: secrets.make("a field in an answer") }],
      },
    }),
    linux({ connection_args: { login_answers: { Password: secrets.make("answers as an object") } } }),
    linux({
      connection_args: {
        jump_hosts: [{ host: "a b", username: "x", password: secrets.make("beside a wrong host") }],
      },
    }),
    linux({ connection_args: { jump_hosts: [`bob:${secrets.make("a jump host as text")}@10.0.0.1`] } }),
    linux({
      connection_args: {
        jump_hosts: [{ host: "a", username: "x", passwrod: secrets.make("a mistyped one of a hop") }],
      },
    }),
    linux({ connection_args: { proxy: `socks5://bob:${secrets.make("a proxy as URL")}@10.0.0.1:1080` } }),
    linux({
      connection_args: {
        proxy: { type: "http", host: `bob:${secrets.make("in a proxy's host")}@a`, port: 1 },
      },
    }),
    linux({ credential: { token: secrets.make("a credential reference's token") } }),
    linux({ driver_args: { sudo_password: secrets.make("a driver argument") } }),
    linux({ driver_args: { environment: { "A B": secrets.make("a variable with a wrong name") } } }),
    linux({ driver_args: { expect_map: [secrets.make("answers as a list")] } }),
    linux({ driver_args: { script_content: `${secrets.make("a script with a NUL")}\0` } }),
    linux({ command: undefined, file_transfer: { operation: secrets.make("a transfer's operation") } }),
    {
      ...linux({ connection_args: { device_type: "frr" } }),
      driver: "netmiko",
      command: `show \u0003${secrets.make("a command with a control character")}`,
    },
  ];
  const answers = await Promise.all(bodies.map((body) => api.tryExec(body)));
  expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 422));
  const json = { "Content-Type": "application/json" };
  const broken = `{"connection_args": {"password": "${secrets.make("a password in broken JSON")}"`;
  expect((await api.call("POST", "/device/exec", { body: broken, headers: json })).status).toBe(400);
  const large = {
    password: secrets.make("a password in a body that is too large"),
    command: "x".repeat(1e7),
  };
  expect((await api.tryExec(large)).status).toBe(413);
  await refuseKeys();
}

async function refuseKeys() {
  const without = { "X-API-KEY": null };
  const wrong = [
    { path: "/job", headers: { "X-API-KEY": secrets.make("a wrong key") } },
    { path: `/job?X-API-KEY=${secrets.make("a wrong key in the query")}`, headers: without },
    { path: "/job", headers: { ...without, Authorization: `Bearer ${secrets.make("a wrong bearer")}` } },
    { path: "/job", headers: { ...without, Cookie: `X-API-KEY=${secrets.make("a wrong key in a cookie")}` } },
  ];
  for (const { path, headers } of wrong) expect((await api.call("GET", path, { headers })).status).toBe(401);
  expect((await api.call("GET", `/job?X-API-KEY=${apiKey}`, { headers: without })).status).toBe(200);
  const unknown = `/job?password=${secrets.make("a password as query parameter")}`;
  expect((await api.get(unknown)).status).toBe(422);
}

/** One that runs, one that waits, one that was cancelled, one that expired. */
async function leaveJobsUndone(device: Device) {
  const connection_args = credentialsOf(device);
  const wait = (givenAs: string, more: Record<string, unknown> = {}) =>
    api.exec(
      cli(device, {
        connection_args: { ...connection_args, password: secrets.make(`the password of ${givenAs}`) },
        config: [`username bob secret ${secrets.make(`config of ${givenAs}`)}`],
        ...more,
      }),
    );
  device.hold("show users");
  await api.exec(cli(device, { connection_args, command: ["show clock", "show users"] }));
  await device.received("show users");
  const cancelled = await wait("a job that is cancelled");
  const expired = await wait("a job that expires", { ttl: 1 });
  await wait("a job that waits", { config: linesWithSecrets() });
  await api.cancel(`id=${cancelled.id}`);
  expectEnd(await api.ended(expired.id), "JobExpired");
}

/** What configurations and commands hold passwords in; the lists of jobs show them masked. */
function linesWithSecrets(): string[] {
  const templates = [
    "username bob password 7 *",
    "username bob privilege 15 secret 9 *",
    "enable password *",
    "enable secret 5 *",
    "enable algorithm-type scrypt secret *",
    "snmp-server community * RW 10",
    "snmp-server host 192.0.2.1 version 2c *",
    "snmp-server user bob grp v3 auth sha * priv aes 128 *",
    "tacacs-server key *",
    "tacacs-server host 192.0.2.1 key 7 *",
    "radius-server host 192.0.2.1 auth-port 1812 key *",
    " key *",
    " key-string *",
    " key 0 *",
    " password *",
    " neighbor 192.0.2.1 password *",
    " ip ospf authentication-key *",
    " ip ospf message-digest-key 1 md5 *",
    " ppp chap password 0 *",
    " standby 1 authentication md5 key-string *",
    " pre-shared-key *",
    "crypto isakmp key * address 192.0.2.1",
    "ntp authentication-key 1 md5 *",
    " wpa-psk ascii 0 *",
    "ip ftp password *",
    "copy ftp://bob:*@192.0.2.1/file flash:",
    "set system login user bob authentication plain-text-password-value *",
    "set passwd *",
    "local-user bob password cipher *",
    "do show run | include *".replace("*", MARKER),
  ];
  return templates.map((template) =>
    template.replaceAll("*", () => secrets.make(`${template} (${lines++})`)),
  );
}
let lines = 0;

/** Asks for everything that can be asked for. */
async function readEverything() {
  for (const path of ["/job", "/worker", "/health", "/health?verbose=true"]) await api.get(path);
  for (const { id } of await api.jobs()) await api.job(id);
}

async function search(when: string) {
  const alive = await descendants(netpulse.pid);
  childEnvironments.push(...alive.map(environmentOf));
  searched[when] = [
    ...filesOf(folder.path),
    text("what the product printed", netpulse.output()),
    text("its answers", api.transcript.join("\n")),
    ...alive.flatMap((pid) => [commandLineOf(pid), environmentOf(pid)]),
    ...(alive.length > 0 ? [commandLineOf(netpulse.pid)] : []),
  ];
}

describe("no secret is found", () => {
  test.each(["while jobs run and wait", "after all jobs ended", "after the product ended"])("%s", (when) => {
    expect(secrets.leaks(searched[when] ?? [])).toEqual([]);
  });
});

describe("the search", () => {
  test("looks for every secret that was given", () => {
    expect(secrets.size).toBeGreaterThan(65);
  });

  test("looks where things are: it finds what is no secret", () => {
    const marker = new Secrets();
    marker.add("the marker", Buffer.from(MARKER));
    const [last = []] = Object.values(searched).slice(-1);
    const found = marker.leaks(last).map((leak) => leak.replace(folder.path, ""));
    expect(found.some((leak) => leak.startsWith("the marker: plain in /data/"))).toBe(true);
    expect(found).toContain("the marker: plain in its answers");
    const running = searched["while jobs run and wait"] ?? [];
    expect(running.filter(({ name }) => name.startsWith("the environment of")).length).toBeGreaterThan(0);
    expect(netpulse.output()).toContain('"level":"debug"');
  });

  const control = new Secrets();
  const planted = control.make("planted");
  test.each([
    ["plain", planted],
    ["plain", `half of it: ${planted.slice(0, 15)}`],
    ["plain", JSON.stringify({ password: `"${planted}"` })],
    ["base64", Buffer.from(`{"password":"${planted}"}`).toString("base64")],
    ["base64", Buffer.from(`1{"password":"${planted}"}`).toString("base64url")],
    ["base64", Buffer.from(`12{"password":"${planted}"}`).toString("base64")],
    ["hex", Buffer.from(`x${planted}x`).toString("hex")],
    ["hex", Buffer.from(`x${planted}x`).toString("hex").toUpperCase()],
    ["UTF-16", Buffer.from(`x${planted}`, "utf16le").toString("latin1")],
  ])("finds a planted secret, %s (%#)", async (form, content) => {
    using place = tempDir("planted");
    await Bun.write(place.file("deep/control"), Buffer.from(content, "latin1"));
    expect(control.leaks(filesOf(place.path))).toEqual([`planted: ${form} in ${place.file("deep/control")}`]);
  });
});

test("a session host inherits nothing but what it needs", () => {
  expect(childEnvironments.length).toBeGreaterThan(0);
  const names = new Set(
    childEnvironments.flatMap(({ bytes }) =>
      bytes
        .toString()
        .split("\0")
        .filter((line) => line !== "")
        .map((line) => line.split("=", 1)[0] ?? ""),
    ),
  );
  const allowed =
    /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|SSH_AUTH_SOCK|NODE_CHANNEL_\w+|BUN_\w+|NETPULSE_(LOG__(LEVEL|FORMAT)|DRIVERS_DIR|WORKER__\w+|SESSION__\w+|SSH__\w+))$/;
  expect([...names].filter((name) => !allowed.test(name))).toEqual([]);
});

test("what is kept in the data folder is for its owner alone", async () => {
  const modes = await must(["find", folder.file("data"), "-type", "f", "-printf", "%m %f\n"]);
  const open = modes.split("\n").filter((line) => line !== "" && !/^[0-7]?[0-7]00 /.test(line));
  expect(open).toEqual([]);
});
