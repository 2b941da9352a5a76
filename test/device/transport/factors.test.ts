import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { systemClock } from "../../../src/core/clock.ts";
import { DeviceError } from "../../../src/core/errors.ts";
import type { SshTerms } from "../../../src/device/driver.ts";
import { connectSsh } from "../../../src/device/transport/ssh.ts";
import { SshShared } from "../../../src/device/transport/ssh-shared.ts";
import type { SshTarget } from "../../../src/device/transport/ssh-target.ts";
import { base32 } from "../../../src/device/transport/totp.ts";
import type { CodeTurn } from "../../../src/device/transport/used-codes.ts";
import { until } from "../../e2e/support/until.ts";
import { FakeClock } from "../../support/clock.ts";
import { must, mustAsRoot } from "../../support/process.ts";
import { startSshAgent } from "../../support/ssh-agent.ts";
import { SSH_TERMS } from "../../support/ssh-terms.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { tempDir } from "../../support/tempdir.ts";
import { around, exec, failure, startInflatingServer, startWire, target } from "../support/ssh.ts";

// PAM answers a wrong password seconds later.
setDefaultTimeout(30_000);

const keys = tempDir("factor-keys");
afterAll(() => keys.remove());
let made = 0;

async function makeKey(...options: string[]): Promise<{ text: string; publicKey: string }> {
  made += 1;
  const path = keys.file(`key-${made}`);
  await must(["ssh-keygen", "-q", "-f", path, "-C", "", "-N", "", ...options]);
  return { text: await Bun.file(path).text(), publicKey: await Bun.file(`${path}.pub`).text() };
}

async function logsIn(sshd: Sshd, more: Partial<SshTarget>, terms: Partial<SshTerms> = {}): Promise<void> {
  const ssh = new SshShared({ ...SSH_TERMS, ...terms }, systemClock);
  const connection = await connectSsh(target(sshd, more), around({ ssh }));
  expect((await exec(connection, "id -un")).stdout).toBe(`${sshd.account.name}\n`);
  await connection.close();
}

function refusal(sshd: Sshd, more: Partial<SshTarget>, terms: Partial<SshTerms> = {}) {
  const ssh = new SshShared({ ...SSH_TERMS, ...terms }, systemClock);
  return failure(connectSsh(target(sshd, more), around({ ssh })));
}

describe("a server that wants two methods", () => {
  test.each([
    ["ed25519", ["-t", "ed25519"]],
    ["rsa, which ssh2 tries with other hashes too", ["-t", "rsa", "-b", "2048"]],
  ])("a key and then the password: %s", async (_type, options) => {
    await using sshd = await startSshd({ config: ["AuthenticationMethods publickey,password"] });
    const { text, publicKey } = await makeKey(...options);
    await sshd.authorize(sshd.account, publicKey);
    await logsIn(sshd, { privateKey: text });
    const alone = await refusal(sshd, { privateKey: text, password: undefined });
    expect(alone.type).toBe("AuthenticationError");
    expect(alone.message).toContain("accepted publickey but wants more; the device takes password");
    const without = await refusal(sshd, {});
    expect(without.message).toEndWith("no usable credential was given; the device takes publickey");
  });

  test("a password and then answers", async () => {
    await using sshd = await startSshd({
      authentication: ["password", "keyboard-interactive"],
      config: ["AuthenticationMethods password,keyboard-interactive"],
    });
    await logsIn(sshd, {});
  });

  test("a key and then answers, in either order", async () => {
    const { text, publicKey } = await makeKey("-t", "ed25519");
    for (const order of ["publickey,keyboard-interactive", "keyboard-interactive,publickey"]) {
      await using sshd = await startSshd({
        authentication: ["publickey", "keyboard-interactive"],
        config: [`AuthenticationMethods ${order}`],
      });
      await sshd.authorize(sshd.account, publicKey);
      await logsIn(sshd, { privateKey: text });
    }
  });
});

const SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const TOTP = { secret: SECRET, digits: 6, period: 30, algorithm: "sha1" } as const;

/** A server whose PAM asks for the password, and for the code of a token. */
async function startOath(config: string[] = []): Promise<Sshd> {
  const sshd = await startSshd({
    authentication: ["publickey", "keyboard-interactive"],
    config,
    pam: [
      "auth requisite pam_unix.so nodelay",
      "auth requisite pam_oath.so usersfile={folder}/oath window=5 digits=6",
      "account required pam_permit.so",
      "session required pam_permit.so",
    ],
  });
  const line = `HOTP/T30/6 ${sshd.account.name} - ${base32(SECRET)?.toString("hex")}\n`;
  await mustAsRoot(["tee", `${sshd.folder}/oath`], { stdin: line });
  await mustAsRoot(["chmod", "600", `${sshd.folder}/oath`]);
  return sshd;
}

describe("a server that asks for a password and a one-time password", () => {
  test("gets both, the code made for the moment", async () => {
    await using sshd = await startOath();
    await logsIn(sshd, { totp: TOTP });
  });

  test("gets no code twice: a second login waits for the next one", async () => {
    await using sshd = await startOath();
    const clock = new FakeClock(Math.floor(Date.now() / 30_000) * 30_000 + 5_000);
    const ssh = new SshShared(SSH_TERMS, clock);
    const doing: string[] = [];
    const waits = Promise.withResolvers<void>();
    const progress = (what: string) => {
      doing.push(what);
      if (what.includes("one-time")) waits.resolve();
    };
    const connect = () => connectSsh(target(sshd, { totp: TOTP }), around({ ssh, clock, progress }));
    const first = await connect();
    expect(doing.join()).not.toContain("one-time");
    const connections = sshd.count("connection");
    const second = connect();
    await waits.promise;
    await clock.advance(24_999);
    expect(sshd.count("connection")).toBe(connections);
    await clock.advance(1);
    expect((await exec(await second, "id -un")).stdout).toBe(`${sshd.account.name}\n`);
    expect(sshd.count("refused")).toBe(0);
    first.destroy();
  });

  test("that did not ask for the code leaves it to the next login, and an abort ends the wait", async () => {
    await using sshd = await startSshd();
    const clock = new FakeClock(1_700_000_000_000);
    const ssh = new SshShared(SSH_TERMS, clock);
    for (let n = 0; n < 2; n++) {
      await (await connectSsh(target(sshd, { totp: TOTP }), around({ ssh, clock }))).close();
    }
    const account = target(sshd, { totp: TOTP });
    const stop = new DeviceError("JobAborted", "the job was aborted");
    const turns = [AbortSignal.any([]), AbortSignal.abort(stop)].map((signal) =>
      ssh.usedCodes.turn(account, around({ clock, signal })).catch((error: unknown) => error),
    );
    // Of two at once one has to wait.
    expect(await turns[1]).toBe(stop);
    const turn = (await turns[0]) as CodeTurn | undefined;
    expect(turn?.code()).toMatch(/^\d{6}$/);
    turn?.end();
    const abort = new AbortController();
    const waiting = connectSsh(account, around({ ssh, clock, signal: abort.signal })).catch((error) => error);
    await until("the wait", () => (clock.timers > 0 ? true : null));
    abort.abort(stop);
    expect(await waiting).toBe(stop);
    expect(clock.timers).toBe(0);
  });

  test("gets them as scripted answers, too", async () => {
    await using sshd = await startOath();
    const { totpCode } = await import("../../../src/device/transport/totp.ts");
    const answers = [
      { prompt: "one-time PASSWORD", answer: totpCode(TOTP, Date.now()) },
      { prompt: "Password:", answer: sshd.account.password },
    ];
    await logsIn(sshd, { password: undefined, answers });
  });

  test("behind a key", async () => {
    await using sshd = await startOath(["AuthenticationMethods publickey,keyboard-interactive"]);
    const { text, publicKey } = await makeKey("-t", "ed25519");
    await sshd.authorize(sshd.account, publicKey);
    await logsIn(sshd, { privateKey: text, totp: TOTP });
  });

  test("is told nothing twice, and the question that is left is named", async () => {
    await using sshd = await startOath();
    const error = await refusal(sshd, {});
    expect(error).toMatchObject({ type: "AuthenticationError", retryable: false });
    expect(error.message).toContain('the login asks "One-time password (OATH)');
    expect(error.message).not.toContain(sshd.account.password);
    const wrong = await refusal(sshd, { totp: { ...TOTP, secret: "GEZDGNBVGY3TQOJQ" } });
    expect(wrong.type).toBe("AuthenticationError");
    expect(wrong.message).toContain("refused keyboard-interactive");
    expect(wrong.message).not.toMatch(/\b\d{6}\b|GEZDGNBVGY3TQOJQ/);
  });
});

describe("the node's SSH agent", () => {
  test.each(["ed25519", "ecdsa", "rsa"] as const)(
    "logs in with its %s key, where it is asked to",
    async (type) => {
      await using agent = await startSshAgent();
      await using sshd = await startSshd();
      await agent.add("ed25519");
      await sshd.authorize(sshd.account, await agent.add(type));
      const agentSocket = agent.socket;
      await logsIn(sshd, { agent: true, password: undefined }, { agentSocket });
      const unasked = await refusal(sshd, { password: undefined }, { agentSocket });
      expect(unasked.message).toContain(
        "no usable credential was given; the device takes publickey, password",
      );
    },
  );

  test("is one of several methods", async () => {
    await using agent = await startSshAgent();
    await using sshd = await startSshd({ config: ["AuthenticationMethods publickey,password"] });
    for (let n = 0; n < 3; n++) await agent.add();
    await sshd.authorize(sshd.account, await agent.add());
    await logsIn(sshd, { agent: true }, { agentSocket: agent.socket });
  });

  test("offers no more keys than servers bear, and the password after them", async () => {
    await using agent = await startSshAgent();
    await using sshd = await startSshd();
    for (let n = 0; n < 8; n++) await agent.add();
    await logsIn(sshd, { agent: true }, { agentSocket: agent.socket });
  });

  test("is refused to who asks for it where the node has none, before anything is connected to", async () => {
    await using sshd = await startSshd();
    expect(await refusal(sshd, { agent: true })).toEqual({
      type: "CredentialError",
      message: "allow_agent is set, but this node has no SSH agent: ssh.agent_socket names none",
      retryable: false,
    });
    const gone = await refusal(sshd, { agent: true }, { agentSocket: keys.file("no-agent") });
    expect(gone.type).toBe("CredentialError");
    expect(gone.message).toStartWith("the SSH agent of this node does not answer (ssh.agent_socket)");
    await using empty = await startSshAgent();
    const none = await refusal(sshd, { agent: true }, { agentSocket: empty.socket });
    expect(none.message).toBe("the SSH agent of this node has no keys");
    expect(sshd.count("connection")).toBe(0);
  });
});

test("compression is agreed on where it is asked for, and what is read is the same", async () => {
  await using sshd = await startSshd({ config: ["Compression yes"] });
  const read = async (compression: boolean) => {
    await using wire = await startWire(sshd.port);
    const connection = await connectSsh(target({ ...sshd, port: wire.port }, { compression }), around());
    const { stdout } = await exec(connection, "seq 1 100000; head -c 3000000 /dev/zero | tr '\\0' x");
    await connection.close();
    return { stdout, carried: wire.carried() };
  };
  const [plain, compressed] = [await read(false), await read(true)];
  expect(plain.stdout.length).toBe(588_895 + 3_000_000);
  expect(compressed.stdout === plain.stdout).toBe(true);
  expect(plain.carried).toBeGreaterThan(3_500_000);
  expect(compressed.carried).toBeLessThan(plain.carried / 5);
});

test("a packet that would become much larger than packets are ends the connection", async () => {
  await using server = await startInflatingServer(20_000_000);
  const connection = await connectSsh(target(server, { compression: true }), around());
  const { stdout, lost } = await exec(connection, "anything");
  connection.destroy();
  expect(stdout).toBe("");
  expect(`${lost}`).toContain("Output length exceeded maximum of 262144");
});
