import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { systemClock } from "../../../src/core/clock.ts";
import { DeviceError } from "../../../src/core/errors.ts";
import type { HostKey, SshTerms } from "../../../src/device/driver.ts";
import { connectSsh } from "../../../src/device/transport/ssh.ts";
import { SshShared } from "../../../src/device/transport/ssh-shared.ts";
import type { SshTarget } from "../../../src/device/transport/ssh-target.ts";
import { until } from "../../e2e/support/until.ts";
import { FakeClock } from "../../support/clock.ts";
import { freePort } from "../../support/ports.ts";
import { SSH_TERMS } from "../../support/ssh-terms.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { around, exec, failure, startSlowHop, startTcp, target } from "../support/ssh.ts";

setDefaultTimeout(30_000);

let bastion: Sshd;
let second: Sshd;
let device: Sshd;
beforeAll(async () => {
  [bastion, second, device] = await Promise.all([startSshd(), startSshd(), startSshd()]);
});
afterAll(async () => {
  await Promise.all([bastion, second, device].map((each) => each?.stop()));
});

function sharing(terms: Partial<SshTerms> = {}, clock = systemClock) {
  const ssh = new SshShared({ ...SSH_TERMS, ...terms }, clock);
  return { ssh, hops: ssh.hops };
}

function behind(hops: SshTarget[], more: Partial<SshTarget> = {}): SshTarget {
  return target(device, { hops, ...more });
}

const nameOf = (n: number, { port }: { port: number }) => `jump host ${n}, 127.0.0.1 port ${port}`;

describe("a device behind jump hosts", () => {
  test("is reached over each of them, with its own credential and host key", async () => {
    const { ssh } = sharing();
    const shown: [number, HostKey][] = [];
    const verifyHostKey = async (key: HostKey, of: { port: number }) => void shown.push([of.port, key]);
    const hops = [target(bastion), target(second)];
    const connection = await connectSsh(behind(hops), around({ ssh, verifyHostKey }));
    expect((await exec(connection, "id -un; echo $SSH_CONNECTION")).stdout).toMatch(
      new RegExp(`^${device.account.name}\n127.0.0.1 \\d+ 127.0.0.1 ${device.port}\n$`),
    );
    expect(shown).toEqual(
      [bastion, second, device].map(({ port, hostKeyFingerprint }) => [
        port,
        { algorithm: "ssh-ed25519", fingerprint: hostKeyFingerprint },
      ]),
    );
    await connection.close();
    ssh.destroy();
  });

  test("gets a megabyte both ways", async () => {
    const { ssh } = sharing();
    const connection = await connectSsh(behind([target(bastion)]), around({ ssh }));
    const { stdout } = await exec(connection, "head -c 3000000 /dev/zero | tr '\\0' x");
    expect(stdout.length).toBe(3_000_000);
    const long = "y".repeat(100_000);
    expect((await exec(connection, `echo ${long} | wc -c`)).stdout.trim()).toBe("100001");
    await connection.close();
    ssh.destroy();
  });
});

describe("sessions over the same jump hosts", () => {
  test("share the connections, also when they are opened at once", async () => {
    const { ssh, hops } = sharing();
    const before = [bastion, second].map((each) => each.count("connection"));
    const way = [target(bastion), target(second)];
    const connections = await Promise.all([1, 2, 3].map(() => connectSsh(behind(way), around({ ssh }))));
    for (const connection of connections) expect((await exec(connection, "echo in")).stdout).toBe("in\n");
    expect([bastion, second].map((each, n) => each.count("connection") - (before[n] ?? 0))).toEqual([1, 1]);
    expect(hops.size).toBe(2);
    await Promise.all(connections.map((connection) => connection.close()));
    ssh.destroy();
  });

  test("as another user do not", async () => {
    await using other = await startSshd({ accounts: [bastion.account] });
    const { ssh, hops } = sharing();
    const users = [other.account, bastion.account].map((account) => target({ port: other.port, account }));
    for (const hop of users) await (await connectSsh(behind([hop]), around({ ssh }))).close();
    expect(hops.size).toBe(2);
    expect(
      other
        .events()
        .filter(({ kind }) => kind === "accepted")
        .map(({ user }) => user),
    ).toEqual([other.account.name, bastion.account.name]);
    ssh.destroy();
  });

  test("keep them for a while after the last one, and then no longer", async () => {
    await using far = await startSshd();
    const clock = new FakeClock();
    const { ssh, hops } = sharing({ hopIdleMs: 30_000 }, clock);
    const connect = () => connectSsh(behind([target(far)]), around({ ssh, clock }));
    const [one, two] = [await connect(), await connect()];
    await one.close();
    await clock.advance(60_000);
    expect((await exec(two, "echo still here")).stdout).toBe("still here\n");
    await two.close();
    await clock.advance(29_999);
    const three = await connect();
    await clock.advance(60_000);
    expect((await exec(three, "echo again")).stdout).toBe("again\n");
    await three.close();
    expect([hops.size, far.count("connection")]).toEqual([1, 1]);
    await clock.advance(30_000);
    expect(hops.size).toBe(0);
    await far.waitForLog(/Disconnected from user|Connection closed by/);
    expect(clock.timers).toBe(0);
  });

  test("no more of them than may be: an idle one gives way, one in use does not", async () => {
    const { ssh, hops } = sharing({ maxHops: 1 });
    const first = await connectSsh(behind([target(bastion)]), around({ ssh }));
    const error = await failure(connectSsh(behind([target(second)]), around({ ssh })));
    expect(error).toEqual({
      type: "ConnectionError",
      message: `no connection to ${nameOf(1, second)}: 1 to jump hosts are in use, which is ssh.max_hops`,
      retryable: true,
    });
    await first.close();
    const next = await connectSsh(behind([target(second)]), around({ ssh }));
    expect((await exec(next, "echo in")).stdout).toBe("in\n");
    expect(hops.size).toBe(1);
    await next.close();
    ssh.destroy();
  });

  test("are lost together, and say which jump host it was", async () => {
    await using far = await startSshd();
    const { ssh, hops } = sharing();
    const connections = await Promise.all(
      [1, 2].map(() => connectSsh(behind([target(bastion), target(far)]), around({ ssh }))),
    );
    const reasons = connections.map(
      (connection) => new Promise<string>((resolve) => connection.onEnd(({ message }) => resolve(message))),
    );
    await far.stop();
    const name = nameOf(2, far);
    expect(await Promise.all(reasons)).toEqual(
      Array(2).fill(`127.0.0.1 port ${device.port} was lost: ${name} closed the connection`),
    );
    // The first hop serves on.
    expect(hops.size).toBe(1);
    const again = await connectSsh(behind([target(bastion)]), around({ ssh }));
    await again.close();
    ssh.destroy();
  });
});

describe("the hop that failed is named", () => {
  test("when it refuses the login, which is not sent to it again for a minute", async () => {
    await using far = await startSshd();
    const clock = new FakeClock();
    const { ssh, hops } = sharing({}, clock);
    const wrong = [target(bastion), target(far, { password: "wrong-one" })];
    const attempt = () => failure(connectSsh(behind(wrong), around({ ssh, clock })));
    const error = await attempt();
    expect(error).toMatchObject({ type: "AuthenticationError", retryable: false });
    expect(error.message).toStartWith(`${nameOf(2, far)}: login of ${far.account.name} on 127.0.0.1`);
    expect(error.message).not.toContain("wrong-one");
    const refused = far.count("refused");
    const held = await attempt();
    expect(held.type).toBe("AuthenticationError");
    expect(held.message).toEndWith("It is not asked again with the same credentials for 60 s");
    expect(far.count("refused")).toBe(refused);
    // Others may log in meanwhile, and this one after it.
    await (await connectSsh(behind([target(bastion), target(far)]), around({ ssh, clock }))).close();
    await clock.advance(60_000);
    expect((await attempt()).message).toBe(error.message);
    expect(far.count("refused")).toBe(2 * refused);
    expect(hops.size).toBeLessThanOrEqual(1);
    ssh.destroy();
  });

  test("when its host key is not accepted, and nothing was sent to it", async () => {
    await using far = await startSshd();
    const { ssh } = sharing();
    const verifyHostKey = async (_key: HostKey, { port }: { port: number }) => {
      if (port === far.port) throw new DeviceError("HostKeyError", "the host key has changed");
    };
    const error = await failure(connectSsh(behind([target(far)]), around({ ssh, verifyHostKey })));
    expect(error).toEqual({
      type: "HostKeyError",
      message: `${nameOf(1, far)}: the host key has changed`,
      retryable: false,
    });
    expect([far.count("accepted"), far.count("refused")]).toEqual([0, 0]);
    ssh.destroy();
  });

  test("when nothing listens at the first, at the second, and at the device", async () => {
    const { ssh } = sharing();
    const nobody = { ...device, port: await freePort() };
    const connect = (hops: SshTarget[], more?: Partial<SshTarget>) =>
      failure(connectSsh(behind(hops, more), around({ ssh })));
    const where = `127.0.0.1 port ${nobody.port}`;
    expect((await connect([target(nobody)])).message).toBe(
      `${nameOf(1, nobody)}: ${where} refused the connection: nothing listens there`,
    );
    const message = `${nameOf(1, bastion)} did not connect to ${where}: Connection refused`;
    const expected = { type: "ConnectionError", message, retryable: true };
    expect(await connect([target(bastion), target(nobody)])).toEqual(expected);
    expect(await connect([target(bastion)], { port: nobody.port })).toEqual(expected);
    ssh.destroy();
  });

  test("when it does not connect anybody on", async () => {
    await using strict = await startSshd({ config: ["AllowTcpForwarding no"] });
    const { ssh } = sharing();
    const error = await failure(connectSsh(behind([target(strict)]), around({ ssh })));
    expect(error).toMatchObject({ type: "ConnectionError", retryable: false });
    expect(error.message).toMatch(
      new RegExp(
        `^${nameOf(1, strict)} did not connect to 127.0.0.1 port ${device.port}: .*; it does not allow`,
      ),
    );
    ssh.destroy();
  });

  test("when it says nothing", async () => {
    await using silent = await startTcp(() => {});
    const clock = new FakeClock();
    const { ssh, hops } = sharing({}, clock);
    const waits = Promise.withResolvers<void>();
    const progress = (doing: string) => {
      if (doing.includes("SSH identification")) waits.resolve();
    };
    const attempt = failure(connectSsh(behind([target(silent)]), around({ ssh, clock, progress })));
    await waits.promise;
    await clock.advance(10_000);
    const error = await attempt;
    expect(error.type).toBe("TimeoutError");
    expect(error.message).toStartWith(
      `${nameOf(1, silent)}: 127.0.0.1 port ${silent.port} accepted the connection`,
    );
    expect([hops.size, clock.timers]).toEqual([0, 0]);
  });
});

describe("an abort", () => {
  const stop = new DeviceError("JobAborted", "the job was aborted");

  test("ends the connection to a jump host that nobody else waits for", async () => {
    await using silent = await startTcp(() => {});
    const { ssh, hops } = sharing();
    const abort = new AbortController();
    const first = connectSsh(behind([target(silent)]), around({ ssh, signal: abort.signal }));
    const socket = await silent.connection();
    const closed = new Promise((resolve) => socket.resume().once("close", resolve));
    abort.abort(stop);
    expect(await first.catch((error) => error)).toBe(stop);
    await closed;
    expect(hops.size).toBe(0);
  });

  test("closes what the jump host opens after it", async () => {
    await using slow = await startSlowHop();
    const { ssh, hops } = sharing();
    const abort = new AbortController();
    const attempt = connectSsh(behind([target(slow)]), around({ ssh, signal: abort.signal }));
    await slow.asked;
    abort.abort(stop);
    expect(await attempt.catch((error) => error)).toBe(stop);
    // Resolves when the channel is closed again.
    await slow.open();
    expect(hops.size).toBe(1);
    ssh.destroy();
  });

  test("of one leaves it to the others who wait", async () => {
    const { ssh } = sharing();
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const verifyHostKey = async (_key: HostKey, { port }: { port: number }) => {
      if (port !== bastion.port) return;
      asked.resolve();
      await gate.promise;
    };
    const abort = new AbortController();
    const way = [target(bastion)];
    const aborted = connectSsh(behind(way), around({ ssh, verifyHostKey, signal: abort.signal }));
    const other = connectSsh(behind(way), around({ ssh, verifyHostKey }));
    await asked.promise;
    abort.abort(stop);
    expect(await aborted.catch((error) => error)).toBe(stop);
    gate.resolve();
    const connection = await other;
    expect((await exec(connection, "echo in")).stdout).toBe("in\n");
    await connection.close();
    ssh.destroy();
  });
});

test("a session whose lease lapsed sends nothing more through the jump host", async () => {
  const { ssh, hops } = sharing();
  const lapsed = new DeviceError("WorkerLost", "the lease has lapsed");
  let allowed = true;
  const guard = {
    assertMayWrite() {
      if (!allowed) throw lapsed;
    },
  };
  const connection = await connectSsh(behind([target(bastion)]), around({ ssh, guard }));
  const other = await connectSsh(behind([target(bastion)]), around({ ssh }));
  const ended = Promise.withResolvers<DeviceError>();
  const shell = await connection.openShell(
    { onData() {}, onEnd: ended.resolve },
    new AbortController().signal,
  );
  allowed = false;
  const marker = `${device.account.home}/written-${crypto.randomUUID()}`;
  expect(() => shell.write(`touch ${marker}\n`)).toThrow(lapsed);
  expect((await ended.promise).type).toBe("ConnectionError");
  expect((await exec(other, `test -e ${marker}`)).status).toBe(1);
  await other.close();
  expect(hops.size).toBe(1);
  ssh.destroy();
});

test("the end of the process's sessions ends the jump hosts' connections", async () => {
  await using far = await startSshd();
  const { ssh, hops } = sharing();
  const connection = await connectSsh(behind([target(far)]), around({ ssh }));
  ssh.destroy();
  expect(hops.size).toBe(0);
  await far.waitForLog(/Connection (?:closed|reset) by|Disconnected from user/);
  await until("the session's end", () => (connection.ended ? true : null));
});
