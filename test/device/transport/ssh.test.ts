import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { DeviceError } from "../../../src/core/errors.ts";
import type { HostKey } from "../../../src/device/driver.ts";
import { connectSsh } from "../../../src/device/transport/ssh.ts";
import type { ExecEnd, SshConnection } from "../../../src/device/transport/ssh-connection.ts";
import { FakeClock } from "../../support/clock.ts";
import { freePort } from "../../support/ports.ts";
import { must } from "../../support/process.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { tempDir } from "../../support/tempdir.ts";
import { around, exec, failure, startFloodingServer, startTcp, startWire, target } from "../support/ssh.ts";

// PAM answers a wrong password seconds later.
setDefaultTimeout(30_000);

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(async () => {
  await sshd?.stop();
});

describe("login", () => {
  test("with a password", async () => {
    const connection = await connectSsh(target(sshd), around());
    expect(await exec(connection, "id -un")).toMatchObject({ stdout: `${sshd.account.name}\n`, status: 0 });
    await connection.close();
  });

  test("with a wrong password fails once, and is not tried another way", async () => {
    await using strict = await startSshd({ authentication: ["password", "keyboard-interactive"] });
    const error = await failure(connectSsh(target(strict, { password: "wrong" }), around()));
    expect(error).toMatchObject({ type: "AuthenticationError", retryable: false });
    expect(error.message).toContain(
      `login of ${strict.account.name} on 127.0.0.1 port ${strict.port} failed`,
    );
    expect(error.message).toContain("refused password");
    expect(error.message).not.toContain("wrong");
    expect(strict.count("refused")).toBe(1);
  });

  test("by keyboard-interactive questions, where the server takes nothing else", async () => {
    await using asking = await startSshd({ authentication: ["keyboard-interactive"] });
    const connection = await connectSsh(target(asking), around());
    expect((await exec(connection, "echo ok")).stdout).toBe("ok\n");
    await connection.close();
    const error = await failure(connectSsh(target(asking, { password: "wrong" }), around()));
    expect(error.type).toBe("AuthenticationError");
    expect(error.message).toContain("keyboard-interactive");
  });

  test("without any credential says what the device takes", async () => {
    const error = await failure(connectSsh(target(sshd, { password: undefined }), around()));
    expect(error.type).toBe("AuthenticationError");
    expect(error.message).toContain("the device takes publickey, password");
  });

  describe("with a key", () => {
    const keys = tempDir("keys");
    afterAll(() => keys.remove());

    async function makeKey(name: string, ...options: string[]): Promise<string> {
      const path = keys.file(name);
      await must(["ssh-keygen", "-q", "-f", path, "-C", "test", ...options]);
      await sshd.authorize(sshd.account, await Bun.file(`${path}.pub`).text());
      return await Bun.file(path).text();
    }

    test.each([
      ["ed25519", ["-t", "ed25519", "-N", ""]],
      ["ecdsa", ["-t", "ecdsa", "-N", ""]],
      ["rsa", ["-t", "rsa", "-b", "2048", "-N", ""]],
      ["rsa as PEM", ["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""]],
    ])("%s", async (name, options) => {
      const privateKey = await makeKey(name.replaceAll(" ", "-"), ...options);
      const connection = await connectSsh(target(sshd, { privateKey, password: undefined }), around());
      expect((await exec(connection, "echo ok")).stdout).toBe("ok\n");
      await connection.close();
    });

    test.each([
      ["ed25519", ["-t", "ed25519", "-N", "open sesame"]],
      ["rsa", ["-t", "rsa", "-b", "2048", "-N", "open sesame", "-Z", "aes128-gcm@openssh.com", "-a", "4"]],
      ["rsa as PEM", ["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "open sesame"]],
    ])("%s that a passphrase opens", async (name, options) => {
      const privateKey = await makeKey(`sealed-${name.replaceAll(" ", "-")}`, ...options);
      const passphrase = "open sesame";
      const connection = await connectSsh(
        target(sshd, { privateKey, passphrase, password: undefined }),
        around(),
      );
      await connection.close();
    });

    test("the server does not know falls back to the password", async () => {
      const path = keys.file("unknown");
      await must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path]);
      const privateKey = await Bun.file(path).text();
      const connection = await connectSsh(target(sshd, { privateKey }), around());
      await connection.close();
    });
  });
});

describe("the host key", () => {
  test("is shown as OpenSSH prints it", async () => {
    const shown: HostKey[] = [];
    const verifyHostKey = async (key: HostKey) => void shown.push(key);
    const connection = await connectSsh(target(sshd), around({ verifyHostKey }));
    await connection.close();
    expect(shown).toEqual([{ algorithm: "ssh-ed25519", fingerprint: sshd.hostKeyFingerprint }]);
  });

  test("that is not accepted ends the attempt before any credential is sent", async () => {
    await using other = await startSshd();
    const changed = new DeviceError("HostKeyError", "the host key has changed");
    const verifyHostKey = () => Promise.reject(changed);
    expect(await connectSsh(target(other), around({ verifyHostKey })).catch((error) => error)).toBe(changed);
    await other.waitForLog(/Connection (?:closed|reset) by/);
    expect([other.count("accepted"), other.count("refused")]).toEqual([0, 0]);
  });

  test("is waited for", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const verifyHostKey = () => {
      asked.resolve();
      return promise;
    };
    await using other = await startSshd();
    const connecting = connectSsh(target(other), around({ verifyHostKey }));
    await asked.promise;
    expect(other.count("accepted")).toBe(0);
    resolve();
    await (await connecting).close();
    expect(other.count("accepted")).toBe(1);
  });
});

describe("a server that cannot be connected to", () => {
  test("because nothing listens there", async () => {
    const port = await freePort();
    expect(await failure(connectSsh(target({ ...sshd, port }), around()))).toEqual({
      type: "ConnectionError",
      message: `127.0.0.1 port ${port} refused the connection: nothing listens there`,
      retryable: true,
    });
  });

  test("because its name is unknown", async () => {
    const host = "no-such-host.invalid";
    const error = await failure(connectSsh(target(sshd, { host }), around()));
    expect(error.type).toBe("ConnectionError");
    expect(error.message).toStartWith(`the host name ${host} cannot be resolved`);
  });

  test("because it hangs up", async () => {
    await using server = await startTcp((socket) => socket.end());
    const error = await failure(connectSsh(target(server), around()));
    expect(error.type).toBe("ConnectionError");
    expect(error.message).toContain(`127.0.0.1 port ${server.port}`);
  });

  test("because it does not speak SSH, with what it said", async () => {
    await using server = await startTcp((socket) => {
      socket.end("HTTP/1.1 400 Bad Request\r\nServer: \x1b[31mred\r\n\r\n");
    });
    const error = await failure(connectSsh(target(server), around()));
    expect(error.type).toBe("ConnectionError");
    expect(error.message).toContain('does not speak SSH: it sent "HTTP/1.1 400 Bad Request Server: [31mred"');
  });

  test("because it sends garbage without end", async () => {
    await using server = await startTcp((socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write("x".repeat(1024)));
      };
      socket.on("drain", more);
      more();
    });
    expect((await failure(connectSsh(target(server), around()))).type).toBe("ConnectionError");
  });

  const OLD = ["diffie-hellman-group1-sha1"];
  test.each([
    ["key exchange", { kex: OLD }, "key exchange (the device offers only diffie-hellman-group1-sha1)", true],
    [
      "cipher that we lack",
      { config: ["Ciphers chacha20-poly1305@openssh.com"] },
      "cipher (the device offers only chacha20-poly1305@openssh.com)",
      false,
    ],
    ["cipher", { config: ["Ciphers aes128-cbc"] }, "cipher (the device offers only aes128-cbc)", true],
    [
      "MAC",
      { config: ["Ciphers aes128-ctr", "MACs hmac-md5"] },
      "MAC (the device offers only hmac-md5)",
      true,
    ],
    [
      "host key",
      { hostKeys: ["rsa" as const], config: ["HostKeyAlgorithms ssh-rsa"] },
      "host key (the device offers only ssh-rsa)",
      true,
    ],
    [
      "key exchange, cipher and MAC",
      { kex: OLD, config: ["Ciphers 3des-cbc,aes256-cbc", "MACs hmac-sha1-96"] },
      "key exchange (the device offers only diffie-hellman-group1-sha1) and for " +
        "cipher (the device offers only 3des-cbc, aes256-cbc) and for MAC (the device offers only hmac-sha1-96)",
      true,
    ],
  ])("because of an old %s, unless that is allowed", async (_what, options, kinds, helps) => {
    await using old = await startSshd(options);
    const error = await failure(connectSsh(target(old), around()));
    const hint = helps ? "; set connection_args.legacy=true to allow it for this device" : "";
    expect(error).toEqual({
      type: "ConnectionError",
      message: `no common algorithm with 127.0.0.1 port ${old.port} for ${kinds}${hint}`,
      retryable: false,
    });
    if (helps) await (await connectSsh(target(old, { legacy: true }), around())).close();
  });
});

test("a group larger than 4096 bits is refused, unless it is allowed", async () => {
  // A cipher with a key of 256 bits makes ssh2 ask for a group of 8192.
  const kex = ["diffie-hellman-group-exchange-sha256"];
  await using large = await startSshd({ kex, config: ["Ciphers aes256-ctr"] });
  const error = await failure(connectSsh(target(large), around()));
  expect(error).toMatchObject({ type: "ConnectionError", retryable: false });
  expect(error.message).toContain("Diffie-Hellman group has 8192 bits, more than 4096");
  expect(error.message).toContain("set connection_args.legacy=true");
  await (await connectSsh(target(large, { legacy: true }), around())).close();
});

test("a server that sends more than its window allows is cut off", async () => {
  await using flooding = await startFloodingServer();
  const connection = await connectSsh(target(flooding), around());
  const ended = Promise.withResolvers<ExecEnd>();
  const sink = { onStdout() {}, onStderr() {}, onEnd: ended.resolve };
  const channel = await connection.exec("flood", sink, new AbortController().signal);
  channel.pause();
  const { lost } = await Promise.race([ended.promise, endOf(connection)]);
  expect(lost?.message).toContain("it sends more than SSH allows it to");
  connection.destroy();
});

function endOf(connection: SshConnection): Promise<{ lost: DeviceError }> {
  return new Promise((resolve) => connection.onEnd((lost) => resolve({ lost })));
}

describe("a server that says nothing", () => {
  const patience = { dial: 1, banner: 2, keyExchange: 3, login: 4, channel: 5 };

  /** Waits, on a clock of its own, in a phase; time passes once `ready` has happened. */
  async function timedOut(port: number, ready: Promise<unknown>, seconds: number) {
    const clock = new FakeClock();
    const attempt = failure(connectSsh(target({ ...sshd, port }, { patience }), around({ clock })));
    await ready;
    await clock.advance(seconds * 1000);
    const error = await attempt;
    expect(clock.timers).toBe(0);
    return error;
  }

  test("before it identifies itself", async () => {
    await using server = await startTcp(() => {});
    expect(await timedOut(server.port, server.connection(), 2)).toEqual({
      type: "TimeoutError",
      message: `127.0.0.1 port ${server.port} accepted the connection but sent no SSH identification within 2 s`,
      retryable: true,
    });
  });

  test("in the key exchange", async () => {
    const sent = Promise.withResolvers<void>();
    await using server = await startTcp((socket) => {
      socket.write("SSH-2.0-Silent\r\n");
      socket.once("data", () => sent.resolve());
    });
    const error = await timedOut(server.port, sent.promise, 3);
    expect(error.type).toBe("TimeoutError");
    expect(error.message).toContain("did not finish the SSH key exchange within 3 s");
  });
});

describe("an abort", () => {
  const stop = new DeviceError("JobAborted", "the job was aborted");

  test("before anything", async () => {
    const attempt = connectSsh(target(sshd), around({ signal: AbortSignal.abort(stop) }));
    expect(await attempt.catch((error) => error)).toBe(stop);
  });

  test("while the server is silent destroys the connection at once", async () => {
    await using server = await startTcp(() => {});
    const abort = new AbortController();
    const attempt = connectSsh(target(server), around({ signal: abort.signal })).catch((error) => error);
    const socket = await server.connection();
    const closed = new Promise((resolve) => socket.resume().once("close", resolve));
    abort.abort(stop);
    expect(await attempt).toBe(stop);
    await closed;
  });

  test("while the host key is being checked", async () => {
    const abort = new AbortController();
    const verifyHostKey = () => {
      abort.abort(stop);
      return new Promise<void>(() => {});
    };
    const attempt = connectSsh(target(sshd), around({ signal: abort.signal, verifyHostKey }));
    expect(await attempt.catch((error) => error)).toBe(stop);
  });
});

describe("a connection", () => {
  const silent = new AbortController().signal;

  test("runs commands at the same time, each with its own streams and status", async () => {
    const connection = await connectSsh(target(sshd), around());
    const runs = await Promise.all(
      [0, 1, 2, 3].map((n) => exec(connection, `echo out${n}; echo err${n} >&2; exit ${n}`)),
    );
    expect(runs.map(({ stdout, stderr, status }) => [stdout, stderr, status])).toEqual(
      [0, 1, 2, 3].map((n) => [`out${n}\n`, `err${n}\n`, n]),
    );
    expect(await exec(connection, "kill -KILL $$")).toMatchObject({ status: null, signal: "SIGKILL" });
    expect(await exec(connection, "cat")).toMatchObject({ stdout: "", status: 0 });
    await connection.close();
  });

  test.each(["curve25519-sha256", "diffie-hellman-group14-sha256", "diffie-hellman-group-exchange-sha256"])(
    "goes on while its keys are made anew, by %s",
    async (kex) => {
      await using fresh = await startSshd({ kex: [kex], config: ["RekeyLimit 1M", "LogLevel DEBUG1"] });
      const connection = await connectSsh(target(fresh), around());
      const { stdout, status } = await exec(connection, "head -c 6000000 /dev/zero | tr '\\0' x");
      expect([stdout === "x".repeat(6_000_000), status]).toEqual([true, 0]);
      expect(await exec(connection, "echo still here")).toMatchObject({ stdout: "still here\n", status: 0 });
      await connection.close();
      expect(fresh.log().match(/SSH2_MSG_NEWKEYS received/g)?.length).toBeGreaterThan(3);
    },
  );

  test("opens a shell on a wide terminal", async () => {
    const connection = await connectSsh(target(sshd), around());
    const ended = Promise.withResolvers<DeviceError>();
    let text = "";
    const shell = await connection.openShell(
      {
        onData: (bytes) => {
          text += Buffer.from(bytes);
        },
        onEnd: ended.resolve,
      },
      silent,
    );
    shell.write("stty size; echo $TERM; exit\n");
    const reason = await ended.promise;
    expect(text).toContain("1000 511\r\nvt100\r\n");
    expect(reason.type).toBe("ConnectionError");
    expect(reason.message).toBe(`127.0.0.1 port ${sshd.port} closed the session`);
    await connection.close();
  });

  test("says once that the server went away", async () => {
    await using other = await startSshd();
    const connection = await connectSsh(target(other), around());
    const reasons: string[] = [];
    const lost = new Promise<void>((resolve) =>
      connection.onEnd(({ message }) => {
        reasons.push(message);
        resolve();
      }),
    );
    await other.stop();
    await lost;
    // A server that is killed with something unread resets the connection.
    const words = /^127\.0\.0\.1 port \d+ (?:closed the connection|was lost: read ECONNRESET)$/;
    expect(reasons).toEqual([expect.stringMatching(words)]);
    expect(connection.ended).toBe(true);
    await connection.close();
    expect((await failure(exec(connection, "true"))).type).toBe("ConnectionError");
  });

  test("ends at once when the write guard says no, and sends nothing more", async () => {
    const lapsed = new DeviceError("WorkerLost", "the lease has lapsed");
    let allowed = true;
    const guard = {
      assertMayWrite() {
        if (!allowed) throw lapsed;
      },
    };
    const connection = await connectSsh(target(sshd), around({ guard }));
    const ended = Promise.withResolvers<DeviceError>();
    const shell = await connection.openShell({ onData() {}, onEnd: ended.resolve }, silent);
    allowed = false;
    const marker = `${sshd.account.home}/written-${crypto.randomUUID()}`;
    expect(() => shell.write(`touch ${marker}\n`)).toThrow(lapsed);
    expect((await ended.promise).type).toBe("ConnectionError");
    expect(() => shell.write("more\n")).toThrow("closed the session");
    const second = await connectSsh(target(sshd), around());
    expect((await exec(second, `test -e ${marker}`)).status).toBe(1);
    await second.close();
  });

  test("holds a command back while nobody reads its output", async () => {
    const connection = await connectSsh(target(sshd), around());
    const ended = Promise.withResolvers<void>();
    let received = 0;
    const channel = await connection.exec(
      "head -c 20000000 /dev/zero; echo done >&2",
      {
        onStdout: (bytes) => {
          received += bytes.length;
        },
        onStderr() {},
        onEnd: () => ended.resolve(),
      },
      silent,
    );
    channel.pause();
    const paused = received;
    // Another command on the same connection gets through, so the server has long sent all it may.
    for (let i = 0; i < 20; i++) await exec(connection, "true");
    expect(received).toBe(paused);
    channel.resume();
    await ended.promise;
    expect(received).toBe(20_000_000);
    await connection.close();
  });

  test("closes, once, however often it is asked to", async () => {
    const clock = new FakeClock();
    const connection = await connectSsh(target(sshd), around({ clock }));
    await Promise.all([connection.close(), connection.close()]);
    connection.destroy();
    expect(connection.ended).toBe(true);
    expect(clock.timers).toBe(0);
  });

  test("waits a second for a server that does not hang up", async () => {
    await using wire = await startWire(sshd.port);
    const clock = new FakeClock();
    const connection = await connectSsh(target({ ...sshd, port: wire.port }), around({ clock }));
    wire.cut();
    const closed = connection.close();
    await clock.advance(999);
    expect(connection.ended).toBe(false);
    await clock.advance(1);
    await closed;
    expect(connection.ended).toBe(true);
  });

  test("that is refused a channel says why", async () => {
    await using single = await startSshd({ maxSessions: 0 });
    const connection = await connectSsh(target(single), around());
    const error = await failure(exec(connection, "true"));
    expect(error.type).toBe("ConnectionError");
    expect(error.message).toContain("did not open a channel for the command");
  });
});
