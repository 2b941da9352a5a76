import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Account } from "../support/account.ts";
import { type Frr, startFrr } from "../support/frr.ts";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/process.ts";
import { netpulseCommand } from "../support/product.ts";
import { type Sshd, type SshdEvent, startSshd } from "../support/sshd.ts";
import { Api, failure, resultOf } from "./support/api.ts";
import { makeGate } from "./support/gate.ts";
import { silentServer } from "./support/silent.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(30_000);

let frr: Frr;
let sshd: Sshd;
let netpulse: Netpulse;
let api: Api;
beforeAll(async () => {
  frr = await startFrr();
  sshd = await startSshd({ accounts: [frr.account] });
  netpulse = await startNetpulse({ env: { NETPULSE_JOB__MAX_OUTPUT: "2MiB" } });
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
  await sshd?.stop();
  await frr?.stop();
});

function login({ name, password }: Account, server: Pick<Sshd, "host" | "port"> = sshd) {
  return { host: server.host, port: server.port, username: name, password };
}

function router(request: Record<string, unknown>): Record<string, unknown> {
  return { driver: "netmiko", connection_args: { ...login(frr.account), device_type: "frr" }, ...request };
}

function linux(request: Record<string, unknown>): Record<string, unknown> {
  return { driver: "paramiko", connection_args: login(sshd.account), ...request };
}

/** What sshd noted of one user from a moment on. */
function watch(user: Account): () => SshdEvent[] {
  const before = sshd.events().length;
  return () =>
    sshd
      .events()
      .slice(before)
      .filter((event) => event.user === user.name);
}

const logins = (events: SshdEvent[]) => events.filter((event) => event.kind === "accepted").length;

describe("a router's command line", () => {
  test("a command given as a string: its output is the result, without echo and prompt", async () => {
    const submitted = await api.exec(router({ command: "show version" }));
    expect(submitted).toMatchObject({
      status: "queued",
      queue: `pinned_127.0.0.1:${sshd.port}`,
      driver: "netmiko",
      host: "127.0.0.1",
      command: ["show version"],
      result: null,
      ended_at: null,
    });

    const job = await api.ended(submitted.id);
    expect(job).toMatchObject({ status: "finished", attempts: 1, batch_id: null });
    expect(job.duration).toBeCloseTo(
      (Date.parse(`${job.ended_at}`) - Date.parse(`${job.started_at}`)) / 1000,
      2,
    );
    expect(job.queue_time).toBeCloseTo(
      (Date.parse(`${job.started_at}`) - Date.parse(job.enqueued_at)) / 1000,
      2,
    );

    const { type, retval, error, outputs } = resultOf(job);
    expect({ type, error }).toEqual({ type: "success", error: null });
    expect(retval).toMatch(/^FRRouting \d+\.\d+.* \(frr1\)/);
    expect(retval).not.toContain("show version");
    expect(retval).not.toContain("frr1#");
    expect(outputs).toHaveLength(1);
    expect(outputs[0]).toMatchObject({
      command: "show version",
      stdout: retval,
      stderr: "",
      exit_status: null,
      ok: true,
      parsed: null,
      parse_error: null,
    });
  });

  test("commands given as a list: an object by command, and every output in its place", async () => {
    const command = ["show version", "show ip route", "show version"];
    const job = await api.run(router({ command }));
    const { type, retval, outputs } = resultOf(job);
    expect(type).toBe("success");
    expect(outputs.map((output) => output.command)).toEqual(command);
    expect(outputs[1]?.stdout).toContain("C>* 10.255.0.0/24 is directly connected, eth0");
    expect(retval).toEqual({
      "show version": `${outputs[0]?.stdout}`,
      "show ip route": `${outputs[1]?.stdout}`,
    });
  });

  test("a list of one is still an object", async () => {
    const { retval, outputs } = resultOf(await api.run(router({ command: ["show version"] })));
    expect(retval).toEqual({ "show version": `${outputs[0]?.stdout}` });
  });

  test("a second job uses the session of the first", async () => {
    const first = await api.run(router({ command: "show version" }));
    const seen = watch(frr.account);
    const second = await api.run(router({ command: "show ip route" }));

    expect(second.status).toBe("finished");
    expect(second.worker).toBe(`${first.worker}`);
    expect(seen()).toEqual([]);
    expect(logins(sshd.events().filter((event) => event.user === frr.account.name))).toBe(1);
    // What a worker tells of itself comes with its heartbeats.
    const worker = await until("the worker tells of its session", async () => {
      const [known] = await api.workers(`queue=pinned_127.0.0.1:${sshd.port}`);
      return known?.session === "connected" ? known : null;
    });
    expect(worker).toMatchObject({
      status: "idle",
      host: "127.0.0.1",
      queues: [`pinned_127.0.0.1:${sshd.port}`],
      current_jobs: [],
      sessions_opened: 1,
    });
  });

  test("a config adds a static route, which the running config and the router's own table show", async () => {
    const job = await api.run(router({ config: "ip route 192.0.2.0/24 10.255.0.2" }));
    expect(job).toMatchObject({ status: "finished", command: ["ip route 192.0.2.0/24 10.255.0.2"] });
    expect(resultOf(job).retval).toBeString();

    const shown = resultOf(await api.run(router({ command: "show running-config" }))).retval;
    expect(shown).toContain("ip route 192.0.2.0/24 10.255.0.2");
    // The router takes the line, and brings the route into its table by itself afterwards.
    await until("the route is in the table", async () => {
      const table = await frr.vtysh("show ip route static");
      return table.includes("S>* 192.0.2.0/24 [1/0] via 10.255.0.2") || null;
    });
  });

  test("a refused line fails the job with its number and the router's words, and ends there", async () => {
    const config = [
      "ip route 198.51.100.0/24 10.255.0.2",
      "ip root 198.51.100.0/24 10.255.0.2",
      "ip route 203.0.113.0/24 10.255.0.2",
    ];
    const job = await api.run(router({ config }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "ConfigError" });
    const { error, outputs } = resultOf(job);
    expect(error?.message).toMatch(/line 2\b/i);
    expect(error?.message).toContain("% Unknown command: ip root 198.51.100.0/24 10.255.0.2");
    expect(error?.retryable).toBe(false);
    expect(outputs.map(({ command, ok }) => ({ command, ok }))).toEqual([
      { command: config[0] ?? "", ok: true },
      { command: config[1] ?? "", ok: false },
    ]);
    const running = await frr.vtysh("show running-config");
    expect(running).toContain("198.51.100.0/24");
    expect(running).not.toContain("203.0.113.0/24");
  });

  test("the session is out of config mode after a refused line", async () => {
    await api.run(router({ config: ["router bgp 64512", "nonsense here"] }));
    const seen = watch(frr.account);
    const job = await api.run(router({ command: "show version" }));
    expect(resultOf(job).retval).toMatch(/^FRRouting/);
    expect(logins(seen())).toBeLessThanOrEqual(1);
  });

  test("a command that the router does not know fails the job with its words", async () => {
    const job = await api.run(router({ command: ["show version", "show nonsense", "show ip route"] }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "CommandError" });
    const { error, outputs } = resultOf(job);
    expect(error?.message).toContain("% Unknown command: show nonsense");
    expect(outputs.map(({ command, ok }) => ({ command, ok }))).toEqual([
      { command: "show version", ok: true },
      { command: "show nonsense", ok: false },
    ]);
    expect(outputs[0]?.stdout).toMatch(/^FRRouting/);
  });
});

describe("a Linux shell", () => {
  test("keeps standard output and standard error apart, and tells the exit status", async () => {
    const job = await api.run(linux({ command: "echo to-out; echo to-err >&2" }));
    expect(job).toMatchObject({ status: "finished", queue: "FifoQ", driver: "paramiko" });
    const { type, retval, outputs } = resultOf(job);
    expect(type).toBe("success");
    expect(retval).toContain("to-out");
    expect(outputs).toHaveLength(1);
    expect(outputs[0]).toMatchObject({ exit_status: 0, ok: true });
    expect(outputs[0]?.stdout.trim()).toBe("to-out");
    expect(outputs[0]?.stderr.trim()).toBe("to-err");
  });

  test("runs a list in order, each command for itself", async () => {
    const job = await api.run(linux({ command: ["cd /; pwd", "pwd", "id -un"] }));
    const { retval, outputs } = resultOf(job);
    expect(outputs.map((output) => output.stdout.trim())).toEqual([
      "/",
      sshd.account.home,
      sshd.account.name,
    ]);
    expect(Object.keys(retval ?? {})).toEqual(["cd /; pwd", "pwd", "id -un"]);
  });

  test("an exit status other than 0 fails the job and ends the list", async () => {
    const job = await api.run(
      linux({ command: ["echo before", "echo out; echo why >&2; exit 3", "echo after"] }),
    );
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "CommandError" });
    const { error, outputs } = resultOf(job);
    expect(error?.message).toMatch(/\b3\b/);
    expect(outputs.map(({ exit_status, ok }) => ({ exit_status, ok }))).toEqual([
      { exit_status: 0, ok: true },
      { exit_status: 3, ok: false },
    ]);
    expect(outputs[1]?.stdout.trim()).toBe("out");
    expect(outputs[1]?.stderr.trim()).toBe("why");
  });

  test("an open-ended command ends at its time-out, with what it printed", async () => {
    const gate = await makeGate(sshd.account);
    const command = ["echo before", `echo begun; echo why >&2; ${gate.command}`];
    const job = await api.run(linux({ command, execution_timeout: 1.5 }));
    expect(failure(job)).toEqual({ status: "failed", type: "timeout", error: "TimeoutError" });
    expect(job.duration).toBeWithin(1.4, 4);
    const { outputs } = resultOf(job);
    expect(outputs).toMatchObject([
      { stdout: "before\n", exit_status: 0, ok: true },
      { stdout: "begun\n", stderr: "why\n", exit_status: null, ok: null },
    ]);
  });

  test("a command that ends when the device lets it is waited for", async () => {
    const gate = await makeGate(sshd.account, "second-gate");
    const { id } = await api.exec(linux({ command: gate.command }));
    expect((await api.job(id, "&wait=0.5")).ended_at).toBeNull();
    await gate.open("the gate is open");
    expect(`${resultOf(await api.ended(id)).retval}`.trim()).toBe("the gate is open");
  });

  test("letters of every kind and a megabyte of them arrive whole", async () => {
    const line = "häßlich 漢字 🚀";
    const job = await api.run(linux({ command: `yes '${line}' | head -n 40000` }));
    const lines = `${resultOf(job).retval}`.trimEnd().split("\n");
    expect(lines).toHaveLength(40_000);
    expect(new Set(lines)).toEqual(new Set([line]));
  });

  test("output without end is stopped at its limit, and the first of it is kept", async () => {
    const job = await api.run(linux({ command: ["echo before", "yes"] }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "OutputLimit" });
    const { outputs } = resultOf(job);
    expect(outputs[0]).toMatchObject({ stdout: "before\n", ok: true });
    expect(outputs[1]?.stdout).toStartWith("y\ny\ny\n");
    expect(outputs[1]?.stdout.length).toBeWithin(1024, 2 * 1024 * 1024 + 1);
  });

  test("a pinned job keeps its session too", async () => {
    const request = linux({ command: "echo hello", queue_strategy: "pinned" });
    const seen = watch(sshd.account);
    const first = await api.run(request);
    const second = await api.run(request);
    expect([first.queue, second.queue]).toEqual(Array(2).fill(`pinned_127.0.0.1:${sshd.port}`));
    expect([first.status, second.status]).toEqual(["finished", "finished"]);
    expect(logins(seen())).toBe(1);
  });
});

describe("a device that cannot be used", () => {
  test("a wrong password fails the job, after exactly one login attempt", async () => {
    const seen = watch(sshd.account);
    const connections = sshd.count("connection");
    const connection_args = { ...login(sshd.account), password: "not-the-password" };
    const job = await api.run(linux({ connection_args, command: "id" }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "AuthenticationError" });
    expect(resultOf(job)).toMatchObject({ retval: null, outputs: [], error: { retryable: false } });
    expect(resultOf(job).error?.message).not.toContain("not-the-password");
    await sshd.waitForLog(/Failed password for/);
    const attempts = seen().filter((event) => !event.text.startsWith("Failed none"));
    expect(attempts.map((event) => event.kind)).toEqual(["refused"]);
    expect(sshd.count("connection") - connections).toBe(1);
  });

  test("a wrong password does not get in over the session of the right one", async () => {
    expect((await api.run(router({ command: "show version" }))).status).toBe("finished");
    const connection_args = { ...login(frr.account), device_type: "frr", password: "not-the-password" };
    const job = await api.run(router({ connection_args, command: "show version" }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "AuthenticationError" });
  });

  test("nothing listens", async () => {
    const port = await freePort();
    const connection_args = { ...login(sshd.account), port };
    const job = await api.run(linux({ connection_args, command: "id" }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "ConnectionError" });
    expect(resultOf(job)).toMatchObject({ retval: null, outputs: [], error: { retryable: true } });
  });

  test("a host name that does not exist", async () => {
    const connection_args = { ...login(sshd.account), host: "no-such-host.invalid" };
    const job = await api.run(linux({ connection_args, command: "id" }));
    expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "ConnectionError" });
  });

  test.each([
    ["nothing at all", ""],
    ["only which SSH it speaks", "SSH-2.0-quiet\r\n"],
  ])("one that accepts a connection and says %s", async (_what, greeting) => {
    using server = silentServer(greeting);
    const connection_args = { ...login(sshd.account), port: server.port, timeout: 1 };
    const job = await api.run(linux({ connection_args, command: "id" }));
    expect(job.status).toBe("failed");
    expect(resultOf(job)).toMatchObject({ error: { type: "TimeoutError", retryable: true }, outputs: [] });
    expect(job.duration).toBeWithin(0.9, 3);
    await server.closed;
  });

  test("one that lets in and then shows no prompt", async () => {
    await using mute = await startSshd({ forceCommand: "cat" });
    const connection_args = { ...login(mute.account, mute), device_type: "frr", timeout: 1 };
    const job = await api.run(router({ connection_args, command: "show version" }));
    expect(job.status).toBe("failed");
    expect(["TimeoutError", "PromptError"]).toContain(`${resultOf(job).error?.type}`);
    expect(job.duration).toBeWithin(0.9, 15);
  });
});

describe("a server of another taste", () => {
  test.each([["diffie-hellman-group14-sha256"], ["diffie-hellman-group16-sha512"], ["ecdh-sha2-nistp256"]])(
    "that knows only %s",
    async (kex) => {
      await using server = await startSshd({ kex: [kex] });
      const job = await api.run(
        linux({ connection_args: login(server.account, server), command: "echo in" }),
      );
      expect(job).toMatchObject({ status: "finished" });
      expect(`${resultOf(job).retval}`.trim()).toBe("in");
    },
  );

  test("that asks for the password by keyboard-interactive", async () => {
    await using server = await startSshd({ authentication: ["keyboard-interactive"] });
    const job = await api.run(linux({ connection_args: login(server.account, server), command: "echo in" }));
    expect(job).toMatchObject({ status: "finished" });
  });

  test("that shows another host key than the last time is not talked to, until its old key is forgotten", async () => {
    const port = await freePort();
    const config = [`ListenAddress 127.0.0.1:${port}`];
    const request = (server: Sshd) =>
      linux({ connection_args: { ...login(server.account), port }, command: "echo in" });
    {
      await using first = await startSshd({ config });
      expect((await api.run(request(first))).status).toBe("finished");
    }
    await using second = await startSshd({ config });
    expect(failure(await api.run(request(second)))).toEqual({
      status: "failed",
      type: "failed",
      error: "HostKeyError",
    });
    expect(second.count("accepted") + second.count("refused")).toBe(0);
    const forget = () =>
      run(netpulseCommand("hostkeys", "forget", `127.0.0.1:${port}`), {
        env: { PATH: process.env.PATH ?? "", NETPULSE_DATA_DIR: netpulse.dataDir },
      });
    expect(await forget()).toEqual({
      code: 0,
      stdout: `forgot the host key of 127.0.0.1:${port}\n`,
      stderr: "",
    });
    expect((await api.run(request(second))).status).toBe("finished");
    await forget();
    expect(await forget()).toMatchObject({ code: 1, stdout: "" });
  });
});
