import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { LinuxDriverArgs } from "../../../drivers/linux/args.ts";
import { linuxDriver } from "../../../drivers/linux/index.ts";
import { DeviceError, type DeviceSession, type Operation } from "../../../src/device/driver.ts";
import { until } from "../../e2e/support/until.ts";
import { FakeClock } from "../../support/clock.ts";
import { type Dropbear, startDropbear } from "../../support/dropbear.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { run } from "../support.ts";
import { commands, connectTo, processes } from "./support.ts";

setDefaultTimeout(30_000);

let openssh: Sshd;
let dropbear: Dropbear;
const sessions: Record<string, DeviceSession<LinuxDriverArgs>> = {};
beforeAll(async () => {
  openssh = await startSshd();
  dropbear = await startDropbear();
  sessions.OpenSSH = await connectTo(openssh);
  sessions.Dropbear = await connectTo(dropbear);
});
afterAll(async () => {
  for (const session of Object.values(sessions)) await session.close();
  await openssh?.stop();
  await dropbear?.[Symbol.asyncDispose]();
});

describe.each(["OpenSSH", "Dropbear"])("on %s, a command", (server) => {
  const runs = async (args: LinuxDriverArgs, ...lines: string[]) =>
    run(sessions[server] as DeviceSession<LinuxDriverArgs>, commands(...lines), args);
  const stdout = async (args: LinuxDriverArgs, line: string) => {
    const { outputs, error } = await runs(args, line);
    expect({ error, stderr: outputs[0]?.stderr }).toEqual({ error: null, stderr: "" });
    return outputs[0]?.stdout;
  };

  test("runs in the working directory, by the account's shell", async () => {
    expect(await stdout({ working_directory: "/usr/bin" }, "pwd; echo $BASH")).toBe("/usr/bin\n/bin/bash\n");
  });

  test("is not run where there is no such directory", async () => {
    const { outputs, error } = await runs({ working_directory: "/no such" }, "echo run");
    expect(outputs[0]).toMatchObject({ stdout: "", ok: false });
    expect(outputs[0]?.stderr).toContain("/no such");
    expect(error).toMatchObject({ type: "CommandError" });
  });

  test("has the environment, whatever its values are made of", async () => {
    const environment = { A: 'it\'s $HOME `id` \\ "ü"', B: "two\nlines\n", EMPTY: "" };
    const shown = await stdout({ environment }, `printf '%s|%s|%s|' "$A" "$B" "\${EMPTY-unset}"; wc -c`);
    expect(shown).toBe(`${environment.A}|${environment.B}||0\n`);
  });

  test("has an environment that no list of processes shows", async () => {
    const value = `secret-${crypto.randomUUID()}`;
    const shown = await stdout({ environment: { TOKEN: value } }, `ps -e -o args=; echo "<$TOKEN>"`);
    expect(shown).toContain(`<${value}>`);
    expect(shown?.split(value)).toHaveLength(2);
  });

  test("gets a script as its input, and the environment before it", async () => {
    const script = 'read line\nthis is data\necho "$line, $WHO, $0"\nexit 3';
    const args = { script_content: script, environment: { WHO: "me" }, working_directory: "/usr" };
    const { outputs, error } = await runs(args, "bash");
    expect(outputs[0]).toMatchObject({ stdout: "this is data, me, bash\n", exitStatus: 3 });
    expect(error).toMatchObject({ type: "CommandError", message: '"bash" exited with 3' });
  });

  test("reads a script of a megabyte", async () => {
    const script = `${"# a comment of some length\n".repeat(38_000)}echo done\n`;
    expect(await stdout({ script_content: script }, "sh")).toBe("done\n");
    expect(await stdout({ script_content: script }, "wc -c")).toBe(`${script.length}\n`);
  });

  test("has a terminal, without echo and carriage returns, with an end of its input", async () => {
    const { outputs, error } = await runs(
      { get_pty: true, environment: { A: "quiet" } },
      "tty >/dev/null && echo yes; echo err >&2; wc -c",
    );
    expect(error).toBeNull();
    expect(outputs[0]).toMatchObject({ stdout: "yes\nerr\n0\n", stderr: "" });
  });

  test("is answered what it asks, on a terminal and without", async () => {
    const ask = `printf 'Name? '; read n; printf 'Pass'; printf 'word: ' >&2; read p; echo "$n:\${#p}"`;
    const answers = { "Name? ": "bob", "word: ": "s3cret-answer" };
    expect((await runs({ expect_map: answers }, ask)).outputs[0]).toMatchObject({
      stdout: "Name? Passbob:13\n",
      stderr: "word: ",
    });
    expect((await runs({ expect_map: answers, get_pty: true }, ask)).outputs[0]?.stdout).toBe(
      "Name? Password: bob:13\n",
    );
  });

  test("prints no answer and no more than the secret's place", async () => {
    const { outputs } = await runs(
      { expect_map: { "? ": "s3cret-answer" } },
      `printf '? '; read a; printf '%s' "<\${a%answer}"; printf 'answer>%s' s3c`,
    );
    expect(outputs[0]?.stdout).toBe("? <******>s3c");
  });

  test("that asks for ever is given up", async () => {
    const session = await connectTo(server === "OpenSSH" ? openssh : dropbear);
    const ask = "while :; do echo again?; read a; done";
    const { error } = await run(session, commands(ask), { expect_map: { "again?": "no" } });
    expect(error).toMatchObject({ type: "PromptError" });
    session.destroy();
  });

  test("prints in another encoding", async () => {
    expect(await stdout({ encoding: "latin1" }, "printf '\\374\\337'")).toBe("üß");
    expect(await stdout({ encoding: "gbk" }, "printf '\\304\\343'")).toBe("你");
    expect(await stdout({}, "printf 'a\\374b'")).toBe("a�b");
  });

  test("that fails does not keep the others from being run where stop_on_error is false", async () => {
    const { outputs, error } = await runs({ stop_on_error: false }, "false", "echo on", "exit 7");
    expect(outputs.map(({ stdout, ok, exitStatus }) => [stdout, ok, exitStatus])).toEqual([
      ["", false, 1],
      ["on\n", true, 0],
      ["", false, 7],
    ]);
    expect(error).toMatchObject({
      type: "CommandError",
      message: '2 commands failed; the first: "false" exited with 1',
    });
  });

  test("may be part of a config", async () => {
    const session = sessions[server] as DeviceSession<LinuxDriverArgs>;
    const { outputs, error } = await run(
      session,
      { kind: "config", lines: ["echo a", "exit 2", "echo b"] },
      {},
    );
    expect(outputs.map(({ ok }) => ok)).toEqual([true, false]);
    expect(error).toMatchObject({ type: "ConfigError", message: '"exit 2" exited with 2' });
  });
});

test("a command that takes longer than its time is killed, however much it prints", async () => {
  const clock = new FakeClock();
  const session = await connectTo(openssh, { clock });
  const marker = `7${process.pid}`;
  const running = run(
    session,
    commands("true", `trap '' TERM; echo begun; sleep ${marker}; echo over`),
    { timeout: 5, read_timeout: 600 },
    { onFrame: ({ kind }) => kind === "data" && void clock.advance(5_000).then(() => clock.advance(2_000)) },
  );
  const { outputs, error } = await running;
  expect(error).toMatchObject({ type: "TimeoutError", retryable: true });
  expect((error as DeviceError).message).toEndWith("took longer than 5 s");
  expect(outputs[1]).toMatchObject({ stdout: "begun\n", ok: null });
  await until("it is gone", async () => (await processes(`sleep ${marker}`)).length === 0 || null);
  session.destroy();
});

test("an abort on a terminal ends what runs on it", async () => {
  const session = await connectTo(openssh);
  const abort = new AbortController();
  const stop = new DeviceError("JobAborted", "the job was aborted");
  const marker = `6${process.pid}`;
  const { error } = await run(
    session,
    commands(`echo begun; sleep ${marker}`),
    { get_pty: true },
    { signal: abort.signal, onFrame: ({ kind }) => kind === "data" && abort.abort(stop) },
  );
  expect(error).toBe(stop);
  await until("it is gone", async () => (await processes(`sleep ${marker}`)).length === 0 || null);
});

test("what does not fit together is refused before", () => {
  const check = (driverArgs: LinuxDriverArgs, operation: Operation = commands("true")) =>
    linuxDriver
      .check({ connectionArgs: { host: "h", username: "u" }, driverArgs, operation })
      .map(({ loc }) => loc.join("."));
  expect(check({ sudo_password: "secret" })).toEqual(["driver_args.sudo_password"]);
  expect(check({ sudo: true, sudo_password: "a\nb" })).toEqual(["driver_args.sudo_password"]);
  expect(check({ sudo_user: "bob" })).toEqual(["driver_args.sudo_user"]);
  expect(check({ script_interpreter: "sh" })).toEqual(["driver_args.script_interpreter"]);
  expect(check({ script_content: "a", script_interpreter: "sh" })).toEqual([
    "driver_args.script_interpreter",
  ]);
  expect(check({ script_content: "a\0" })).toEqual(["driver_args.script_content"]);
  expect(check({ script_content: "a" }, commands("sh", "sh"))).toEqual(["driver_args.script_content"]);
  expect(check({ script_content: "a", get_pty: true })).toEqual(["driver_args.get_pty"]);
  expect(check({ script_content: "a", expect_map: { a: "b" } })).toEqual(["driver_args.expect_map"]);
  expect(check({ sudo: true, expect_map: { a: "b" } })).toEqual(["driver_args.expect_map"]);
  expect(check({ sudo: true, expect_map: { a: "b" }, get_pty: true })).toEqual([]);
  expect(check({ expect_map: { " ": "b" } })).toEqual(["driver_args.expect_map"]);
  expect(check({ expect_map: { a: "b\nc" } })).toEqual(["driver_args.expect_map"]);
  expect(check({ environment: { "A B": "c" } })).toEqual(["driver_args.environment"]);
  expect(check({ environment: { A: "c\0" } })).toEqual(["driver_args.environment"]);
  expect(check({ environment: { A: "c\nd" } })).toEqual([]);
  expect(check({ environment: { A: "c\nd" }, get_pty: true })).toEqual(["driver_args.environment"]);
  expect(check({ environment: { A: "'".repeat(1200) }, get_pty: true })).toEqual(["driver_args.environment"]);
  expect(check({ working_directory: "/a\nb" })).toEqual(["driver_args.working_directory"]);
});
