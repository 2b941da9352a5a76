import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { startSshd } from "../support/sshd.ts";
import { Api, failure, resultOf } from "./support/api.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on } from "./support/held-job.ts";

setDefaultTimeout(30_000);

let netpulse: Netpulse;
let api: Api;
beforeAll(async () => {
  netpulse = await startNetpulse({ env: { NETPULSE_JOB__INLINE_OUTPUT: "64KiB" } });
  api = new Api(netpulse);
});
afterAll(async () => {
  await netpulse?.stop();
});

const outputs = (job: Parameters<typeof resultOf>[0]) =>
  resultOf(job).outputs.map(({ command, stdout, ok }) => ({ command, stdout, ok }));

describe("a simulated switch", () => {
  let device: Device;
  beforeAll(async () => {
    device = await startDevice();
  });
  afterAll(async () => {
    await device?.stop();
  });

  test("is answered what it asks, in the order that fits", async () => {
    const command = {
      command: "copy running-config startup-config",
      answers: [
        { question: "[confirm]", answer: "" },
        { question: "Destination filename", answer: "startup-config" },
      ],
    };
    const job = await api.run(on(device, { command: [command, "show clock"] }));
    expect(job.status).toBe("finished");
    expect(outputs(job)[0]).toEqual({
      command: "copy running-config startup-config",
      stdout: "Destination filename [startup-config]?\nBuilding configuration...\n[OK]\n",
      ok: true,
    });
  });

  test("waits at a question that expect_string ends a command with, for the next one", async () => {
    const command = [
      { command: "erase startup-config", expect_string: String.raw`\[confirm\]$` },
      { command: "n" },
      "show clock",
    ];
    const job = await api.run(on(device, { command }));
    expect(job.status).toBe("finished");
    expect(outputs(job)[0]?.stdout).toEndWith("Continue? [confirm]");
    expect(outputs(job)[2]?.stdout).toMatch(/\d\d:\d\d:\d\d/);
    expect(device.handle.startupConfig()).not.toBe("");
  });

  test("is interrupted where a command would go on for long, and goes on itself", async () => {
    const command = [{ command: "ping 192.0.2.9 repeat 1000", stop_after: 0.5 }, "show clock"];
    const job = await api.run(on(device, { command }));
    expect(job.status).toBe("finished");
    expect(outputs(job)[0]).toMatchObject({ ok: true, stdout: expect.stringMatching(/^Success rate is/m) });
    expect(outputs(job)[1]?.stdout).toMatch(/\d\d:\d\d:\d\d/);
  });

  test("gets its own time for each command", async () => {
    await using slow = await startDevice();
    slow.hold("show users");
    const command = ["show clock", { command: "show users", read_timeout: 0.4 }];
    const job = await api.run(on(slow, { command, driver_args: { read_timeout: 600 } }));
    expect(failure(job)).toMatchObject({ status: "failed", error: "TimeoutError" });
    expect(outputs(job).map(({ ok }) => ok)).toEqual([true, null]);
  });

  test("is reloaded: that is done when it closes the connection, and the next job finds it again", async () => {
    await using other = await startDevice();
    const command = [
      { command: "reload", expect_close: true, answers: [{ question: "[confirm]", answer: "" }] },
    ];
    const job = await api.run(on(other, { command }));
    expect(job.status).toBe("finished");
    expect(outputs(job)).toEqual([
      { command: "reload", stdout: expect.stringContaining("Proceed with reload? [confirm]"), ok: true },
    ]);
    expect((await api.run(on(other, { command: "show clock" }))).status).toBe("finished");
    expect(other.handle.counts().logins).toBe(2);
  });

  test("gets a password that shows nowhere", async () => {
    await using other = await startDevice({ enable: "s3cret-enable-7" });
    const answers = [{ question: "Password:", answer: "s3cret-enable-7" }];
    const command = [{ command: "enable", answers }, "show running-config"];
    const connection_args = other.args({ secret: undefined });
    const job = await api.run(on(other, { connection_args, command }));
    expect(job.status).toBe("finished");
    expect(outputs(job)[0]).toEqual({ command: "enable", stdout: "Password:\n", ok: true });
    const wrong = [{ question: "Password:", answer: "not-that-secret" }];
    const refused = await api.run(
      on(other, {
        connection_args,
        command: ["disable", { command: "enable", answers: wrong, read_timeout: 1 }],
      }),
    );
    expect(refused.status).toBe("failed");
    expect(api.transcript.join("")).not.toMatch(/s3cret-enable-7|not-that-secret/);
  });

  test("logs in the middle of output, which is output, and between commands, which is not", async () => {
    const log = (port: number) =>
      `*Mar  1 00:01:0${port}.003: %LINK-3-UPDOWN: Interface Fa0/${port}, changed state to up`;
    await using other = await startDevice();
    other.hold("show clock");
    const { id } = await api.exec(on(other, { command: "show clock" }));
    await other.received("show clock");
    other.handle.logToTerminals(log(1));
    other.release();
    const { retval } = resultOf(await api.ended(id));
    expect(`${retval}`).toMatch(
      /%LINK-3-UPDOWN: Interface Fa0\/1, changed state to up\n[\s\S]*\d\d:\d\d:\d\d/,
    );

    other.handle.logToTerminals(log(2));
    const after = resultOf(await api.run(on(other, { command: "show users" }))).retval;
    expect(`${after}`).not.toContain("%LINK-3-UPDOWN");
    expect(`${after}`).toContain("vty");
    expect(other.handle.counts().logins).toBe(1);
  });

  test("prints lines of any width, in any characters, as they are", async () => {
    const text = ["x".repeat(5000), "Zürich → 東京 🎉", "\ttabs stay", "trailing   ", "", "end"].join("\n");
    device.handle.answer("show inventory", text);
    const { retval } = resultOf(await api.run(on(device, { command: "show inventory" })));
    expect(retval).toBe(`${text}\n`);
  });

  test("prints more than a result shows, which is read by offset, or as text", async () => {
    const lines = Array.from({ length: 10_000 }, (_, n) => `line ${n} of a long show tech-support`);
    device.handle.answer("show inventory", lines.join("\n"));
    const { id } = await api.exec(on(device, { command: ["show inventory", "show clock"] }));
    const result = resultOf(await api.ended(id));
    expect(result.truncated).toBe(true);
    expect(result.outputs.map(({ ok }) => ok)).toEqual([true]);
    expect(`${lines.join("\n")}\n`).toStartWith(`${result.outputs[0]?.stdout}`);

    let text = "";
    for (let offset = 0, ended = false; !ended; ) {
      const { data } = await api.get(`/job/${id}/output?offset=${offset}&limit=131072&index=0`);
      const part = data as { chunks: { text?: string }[]; next_offset: number; ended: boolean };
      for (const chunk of part.chunks) text += chunk.text ?? "";
      ({ next_offset: offset, ended } = part);
    }
    expect(text).toBe(`${lines.join("\n")}\n`);

    const headers = { "X-API-KEY": netpulse.key };
    const response = await fetch(`${netpulse.url}/job/${id}/output?text=true&index=0`, { headers });
    expect(await response.text()).toBe(text);
  });
});

describe("configuration", () => {
  test("shows what it has changed behind its lines, secrets masked", async () => {
    await using device = await startDevice();
    const lines = ["ip name-server 192.0.2.53", "enable secret n3w-secret-7"];
    const job = await api.run(on(device, { config: lines, driver_args: { diff: true } }));
    expect(job).toMatchObject({ status: "finished", command: [lines[0], "enable secret ******"] });
    const [, , diff] = outputs(job);
    expect(diff).toMatchObject({ command: "diff of show running-config", ok: true });
    expect(diff?.stdout).toContain("\n+ip name-server 192.0.2.53\n");
    expect(diff?.stdout).toContain("+enable secret 5 ******");
    expect(resultOf(job).retval).toMatchObject({ "diff of show running-config": `${diff?.stdout}` });
    expect(api.transcript.join("")).not.toContain("n3w-secret-7");
  });

  test("shows what it would change, and changes nothing", async () => {
    await using device = await startDevice({ platform: "juniper_junos" });
    const before = device.handle.runningConfig();
    const request = { config: "set system location building here", driver_args: { dry_run: true } };
    const job = await api.run(on(device, request));
    expect(job.status).toBe("finished");
    expect(outputs(job)[1]).toMatchObject({
      command: "top show | compare",
      stdout: expect.stringMatching(/^\+ +building here;$/m),
      ok: true,
    });
    expect(device.handle.runningConfig()).toBe(before);
    expect(device.lines().some((line) => line.startsWith("commit"))).toBe(false);
  });

  test("is not run dry where the device cannot tell", async () => {
    await using device = await startDevice();
    const answer = await api.tryExec(
      on(device, { config: "ip name-server 192.0.2.53", driver_args: { dry_run: true } }),
    );
    expect(answer.status).toBe(422);
    expect(answer.data).toEqual([
      {
        loc: ["body", "driver_args", "dry_run"],
        msg: expect.stringContaining("puts each line into force as it is typed"),
      },
    ]);
    expect(device.handle.counts().connections).toBe(0);
  });
});

test("a real shell's endless command is stopped, and the session serves the next job", async () => {
  await using sshd = await startSshd();
  const { account, host, port } = sshd;
  const connection_args = {
    host,
    port,
    username: account.name,
    password: account.password,
    device_type: "linux",
  };
  const command = [{ command: "while true; do echo tick; sleep 0.05; done", stop_after: 0.5 }, "echo done"];
  const job = await api.run({ driver: "netmiko", connection_args, command });
  expect(job.status).toBe("finished");
  expect(outputs(job)[0]?.stdout).toMatch(/^(tick\n){3}/);
  expect(outputs(job)[1]?.stdout).toBe("done\n");
  const again = await api.run({ driver: "netmiko", connection_args, command: "echo again" });
  expect(resultOf(again).retval).toBe("again\n");
  expect(sshd.count("connection")).toBe(1);
});
