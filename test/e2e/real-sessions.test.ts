import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { must, mustAsRoot } from "../support/process.ts";
import { type Sshd, type SshdOptions, startSshd } from "../support/sshd.ts";
import { Api, failure, resultOf } from "./support/api.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(30_000);

let netpulse: Netpulse;
let api: Api;
beforeAll(async () => {
  netpulse = await startNetpulse({
    env: {
      NETPULSE_SESSION__PROBE_INTERVAL: "1",
      NETPULSE_BREAKER__FAILURES: "2",
      NETPULSE_BREAKER__OPEN_FOR: "60",
    },
  });
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
});

function on(sshd: Sshd, more: Record<string, unknown> = {}) {
  const { name: username, password } = sshd.account;
  const connection_args = { host: sshd.host, port: sshd.port, username, password, ...more };
  return { driver: "paramiko", queue_strategy: "pinned", connection_args, command: "echo here" };
}

/** The process of sshd that holds the account's connection. */
async function connectionOf({ account: { name } }: Sshd): Promise<string> {
  return (await must(["pgrep", "-f", `^sshd: ${name}@notty`])).trim();
}

/** Resolves once the worker of the server's queue says this of its session. */
function session(sshd: Sshd, state: string): Promise<true> {
  return until(`a session that is ${state}`, async () => {
    const [worker] = await api.workers(`queue=pinned_${sshd.host}:${sshd.port}`);
    return worker?.session === state ? true : null;
  });
}

async function withSession(options: SshdOptions, more: Record<string, unknown> = {}) {
  const sshd = await startSshd(options);
  expect((await api.run(on(sshd, more))).status).toBe("finished");
  await session(sshd, "connected");
  return sshd;
}

describe("a kept session with an OpenSSH server", () => {
  test("whose connection is killed while idle is listed as none, and the next job connects anew", async () => {
    await using sshd = await withSession({});
    await mustAsRoot(["kill", "-KILL", await connectionOf(sshd)]);
    await session(sshd, "none");
    expect((await api.run(on(sshd))).status).toBe("finished");
    expect(sshd.count("accepted")).toBe(2);
  });

  test("that is stopped dead while idle is given up by its probe or keep-alives", async () => {
    await using sshd = await withSession({}, { keepalive: 1 });
    const pid = await connectionOf(sshd);
    await mustAsRoot(["kill", "-STOP", pid]);
    try {
      await session(sshd, "none");
      expect((await api.run(on(sshd, { keepalive: 1 }))).status).toBe("finished");
    } finally {
      await mustAsRoot(["kill", "-KILL", pid]);
    }
  });

  test("is kept open by its probes beyond the server's idle time-out", async () => {
    await using sshd = await withSession({
      config: ["ChannelTimeout session=2", "UnusedConnectionTimeout 2"],
    });
    const probes = () => sshd.count("session");
    const before = probes();
    await until("several probes", () => (probes() >= before + 5 ? true : null));
    expect((await api.run(on(sshd))).status).toBe("finished");
    expect(sshd.count("accepted")).toBe(1);
  });
});

test("a server that went away is left alone after some failures, with the system's word for why", async () => {
  const sshd = await withSession({});
  const request = on(sshd);
  await sshd.stop();
  for (let n = 0; n < 2; n++) expect(failure(await api.run(request)).error).toBe("ConnectionError");
  const refused = await api.run(request);
  expect(failure(refused).error).toBe("CircuitOpen");
  expect(resultOf(refused).error?.message).toContain("nothing listens there");
});
