import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { connect } from "node:net";
import { systemClock } from "../../../src/core/clock.ts";
import type { SshTerms } from "../../../src/device/driver.ts";
import { connectSsh } from "../../../src/device/transport/ssh.ts";
import { SshShared } from "../../../src/device/transport/ssh-shared.ts";
import type { SshProxy, SshTarget } from "../../../src/device/transport/ssh-target.ts";
import { FakeClock } from "../../support/clock.ts";
import { freePort } from "../../support/ports.ts";
import { type ProxyLogin, startHttpProxy, startSocks } from "../../support/proxies.ts";
import { SSH_TERMS } from "../../support/ssh-terms.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { around, exec, failure, startTcp, target } from "../support/ssh.ts";

setDefaultTimeout(30_000);

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(async () => {
  await sshd?.stop();
});

function proxyAt({ port }: { port: number }, type: SshProxy["type"], login?: Partial<ProxyLogin>): SshProxy {
  return { type, host: "127.0.0.1", port, username: login?.username, password: login?.password };
}

const sharing = (terms: Partial<SshTerms> = {}) => new SshShared({ ...SSH_TERMS, ...terms }, systemClock);

async function user(server: Sshd, more: Partial<SshTarget>, ssh = sharing()): Promise<string> {
  const connection = await connectSsh(target(server, more), around({ ssh }));
  const { stdout } = await exec(connection, "id -un");
  await connection.close();
  return stdout.trim();
}

const LOGIN = { username: "proxy-user", password: "proxy-Passw0rd" };

describe.each([
  ["socks5", startSocks],
  ["http", startHttpProxy],
] as const)("a %s proxy", (type, start) => {
  test("connects to the device", async () => {
    await using server = await start();
    expect(await user(sshd, { proxy: proxyAt(server, type) })).toBe(sshd.account.name);
  });

  test("connects to a device by its name, and over IPv6", async () => {
    await using server = await start();
    const proxy = proxyAt(server, type);
    expect(await user(sshd, { host: "localhost", proxy })).toBe(sshd.account.name);
    await using six = await startSshd({ host: "::1" });
    expect(await user(six, { proxy })).toBe(six.account.name);
  });

  test("with a login gets it, and refuses others without showing theirs", async () => {
    await using server = await start(LOGIN);
    expect(await user(sshd, { proxy: proxyAt(server, type, LOGIN) })).toBe(sshd.account.name);
    const attempt = (login?: ProxyLogin) =>
      failure(connectSsh(target(sshd, { proxy: proxyAt(server, type, login) }), around()));
    const where = `the proxy 127.0.0.1 port ${server.port}`;
    expect(await attempt()).toEqual({
      type: "AuthenticationError",
      message: `${where} wants a user name and password (connection_args.proxy)`,
      retryable: false,
    });
    const wrong = { ...LOGIN, password: "wrong-Passw0rd" };
    // Tinyproxy answers a wrong login as if its request was at fault.
    const message = (await attempt(wrong)).message;
    expect(message).toStartWith(where);
    expect(message).not.toContain("wrong-Passw0rd");
    expect(message).not.toContain(Buffer.from("proxy-user:wrong-Passw0rd").toString("base64"));
  });

  test("goes to the first jump host, which goes on", async () => {
    await using server = await start();
    await using bastion = await startSshd();
    const before = bastion.count("connection");
    const ssh = sharing();
    const hop = target(bastion, { proxy: proxyAt(server, type) });
    expect(await user(sshd, { hops: [hop] }, ssh)).toBe(sshd.account.name);
    expect(bastion.count("connection") - before).toBe(1);
    ssh.destroy();
  });

  test("that cannot connect says so", async () => {
    await using server = await start();
    const port = await freePort();
    const error = await failure(
      connectSsh(target({ ...sshd, port }, { proxy: proxyAt(server, type) }), around()),
    );
    expect(error.type).toBe("ConnectionError");
    expect(error.message).toStartWith(
      `the proxy 127.0.0.1 port ${server.port} did not connect to 127.0.0.1 port ${port}: `,
    );
  });

  test("where nothing listens is named", async () => {
    const nobody = { port: await freePort() };
    const error = await failure(connectSsh(target(sshd, { proxy: proxyAt(nobody, type) }), around()));
    expect(error.message).toBe(
      `the proxy 127.0.0.1 port ${nobody.port} refused the connection: nothing listens there`,
    );
  });

  test("that says nothing is given up in time", async () => {
    await using silent = await startTcp(() => {});
    const clock = new FakeClock();
    const attempt = failure(connectSsh(target(sshd, { proxy: proxyAt(silent, type) }), around({ clock })));
    await silent.connection();
    await clock.advance(10_000);
    expect((await attempt).type).toBe("TimeoutError");
    expect(clock.timers).toBe(0);
  });

  test.each([
    ["hangs up", (end: () => void) => end(), /closed the connection$/],
    [
      "talks of other things",
      "HELLO THERE\r\n\r\nmore\r\n",
      /the proxy \S+ port \d+ (does not speak SOCKS5|did not connect)/,
    ],
    [
      "talks without end",
      "x".repeat(100_000),
      /the proxy \S+ port \d+ (does not speak SOCKS5|answers without end)/,
    ],
  ])("that %s is named", async (_what, say, expected) => {
    await using server = await startTcp((socket) => {
      if (typeof say === "string") socket.write(say);
      else say(() => socket.end());
    });
    const error = await failure(connectSsh(target(sshd, { proxy: proxyAt(server, type) }), around()));
    expect(error.type).toBe("ConnectionError");
    expect(error.message).toMatch(expected);
  });

  test("is used only where the node allows it", async () => {
    await using server = await start();
    const attempt = (proxies: SshTerms["proxies"]) =>
      connectSsh(target(sshd, { proxy: proxyAt(server, type) }), around({ ssh: sharing({ proxies }) }));
    await (await attempt([{ host: "127.0.0.1", port: server.port }])).close();
    expect(await failure(attempt([{ host: "127.0.0.1", port: 1 }]))).toEqual({
      type: "ConnectionError",
      message: `the proxy 127.0.0.1 port ${server.port} is none that ssh.proxies of this node names`,
      retryable: false,
    });
  });
});

test("a proxy that repeats what it was told does not get it into an error", async () => {
  const told = Promise.withResolvers<string>();
  await using parrot = await startTcp((socket) => {
    socket.once("data", (bytes) => {
      const [, login = ""] = /Basic (\S+)/.exec(String(bytes)) ?? [];
      told.resolve(login);
      socket.write(`HTTP/1.1 400 who is ${login}?\r\n\r\n`);
    });
  });
  const error = await failure(connectSsh(target(sshd, { proxy: proxyAt(parrot, "http", LOGIN) }), around()));
  const login = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64");
  expect(await told.promise).toBe(login);
  expect(error.message).toEndWith('"HTTP/1.1 400 who is ******?"');
});

test("what the device says in the same breath as the proxy is not lost", async () => {
  await using hasty = await startTcp((socket) => {
    socket.once("data", () => {
      const far = connect(sshd.port, "127.0.0.1");
      far
        .on("error", () => {})
        .once("data", (banner) => {
          socket.write(Buffer.concat([Buffer.from("HTTP/1.1 200 Connected\r\nVia: us\r\n\r\n"), banner]));
          far.pipe(socket).pipe(far);
        });
    });
  });
  expect(await user(sshd, { proxy: proxyAt(hasty, "http") })).toBe(sshd.account.name);
});
