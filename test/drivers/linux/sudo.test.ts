import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { LinuxDriverArgs } from "../../../drivers/linux/args.ts";
import { DeviceError, type DeviceSession } from "../../../src/device/driver.ts";
import { until } from "../../e2e/support/until.ts";
import { type Account, createAccount } from "../../support/account.ts";
import { type Dropbear, startDropbear } from "../../support/dropbear.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { allowSudo } from "../../support/sudo.ts";
import { run } from "../support.ts";
import { commands, connectTo, processes } from "./support.ts";

setDefaultTimeout(30_000);

let sshd: Sshd;
let dropbear: Dropbear;
let stranger: Account;
const taken: { take(): Promise<void> }[] = [];
const sessions: Record<string, DeviceSession<LinuxDriverArgs>> = {};
beforeAll(async () => {
  stranger = await createAccount();
  sshd = await startSshd({ accounts: [stranger] });
  dropbear = await startDropbear();
  taken.push(await allowSudo(sshd.account), await allowSudo(dropbear.account));
  sessions.OpenSSH = await connectTo(sshd);
  sessions.Dropbear = await connectTo(dropbear);
});
afterAll(async () => {
  for (const session of Object.values(sessions)) await session.close();
  for (const rule of taken) await rule.take();
  await sshd?.stop();
  await dropbear?.[Symbol.asyncDispose]();
  await stranger?.remove();
});

describe.each(["OpenSSH", "Dropbear"])("sudo over %s", (server) => {
  const password = () => (server === "OpenSSH" ? sshd : dropbear).account.password;
  const runs = (args: LinuxDriverArgs, ...lines: string[]) =>
    run(sessions[server] as DeviceSession<LinuxDriverArgs>, commands(...lines), { sudo: true, ...args });

  test("runs commands as root, with nothing of its own in their output", async () => {
    const { outputs, error } = await runs(
      { sudo_password: password() },
      "id -un; echo err >&2",
      "wc -c; exit 3",
    );
    expect(outputs).toEqual([
      { stdout: "root\n", stderr: "err\n", ok: true, exitStatus: 0 },
      { stdout: "0\n", stderr: "", ok: false, exitStatus: 3 },
    ]);
    expect(error).toMatchObject({ type: "CommandError", message: '"wc -c; exit 3" exited with 3' });
  });

  test("runs them as another user, in a directory, with an environment", async () => {
    const args = { sudo_user: "daemon", working_directory: "/usr", environment: { WHO: "it's me" } };
    const { outputs } = await runs({ sudo_password: password(), ...args }, 'id -un; pwd; echo "$WHO"');
    expect(outputs[0]).toMatchObject({ stdout: "daemon\n/usr\nit's me\n", stderr: "", ok: true });
  });

  test("gives them a script, whole", async () => {
    const script = "id -un\necho 'to the end'\n\n";
    const args = { sudo_password: password(), script_content: script };
    expect((await runs(args, "sh")).outputs[0]).toMatchObject({ stdout: "root\nto the end\n", ok: true });
    expect((await runs({ ...args, environment: { A: "b" } }, "wc -c")).outputs[0]?.stdout).toBe(
      `${script.length}\n`,
    );
  });

  test("works on a terminal, where what a command asks is answered too", async () => {
    const args = { sudo_password: password(), get_pty: true, expect_map: { "sure? ": "indeed" } };
    const { outputs, error } = await runs(args, `id -un; printf 'sure? '; read a; echo "\${#a}"`);
    expect({ outputs, error }).toMatchObject({ outputs: [{ stdout: "root\nsure? 6\n" }], error: null });
  });

  test("does not say the password to a command when sudo does not ask", async () => {
    const account = (server === "OpenSSH" ? sshd : dropbear).account;
    await allowSudo(account, "ALL=(ALL:ALL) NOPASSWD: ALL");
    const { outputs } = await runs({ sudo_password: password() }, "wc -c");
    await allowSudo(account);
    expect(outputs[0]).toMatchObject({ stdout: "0\n", ok: true });
  });

  test("says once that the password is wrong, or missing, and goes on with the session", async () => {
    const wrong = await runs({ sudo_password: "not-the-password" }, "echo run");
    expect(wrong.error).toMatchObject({
      type: "AuthenticationError",
      message: "sudo does not take driver_args.sudo_password",
      retryable: false,
    });
    expect(wrong.outputs).toEqual([{ stdout: "", stderr: "", ok: false, exitStatus: null }]);
    expect((await runs({}, "echo run")).error).toMatchObject({
      type: "AuthenticationError",
      message: "sudo asks for a password; give driver_args.sudo_password",
    });
    expect((await runs({ sudo_password: password() }, "echo run")).outputs[0]?.stdout).toBe("run\n");
  });

  test("keeps the password out of lists of processes and what a command prints", async () => {
    const { outputs } = await runs({ sudo_password: password() }, `ps -e -o args=; echo '${password()}'`);
    expect(outputs[0]?.stdout).not.toContain(password());
    expect(outputs[0]?.stdout).toEndWith("******\n");
  });

  test.each([
    ["a command", {}, "sleep"],
    ["one that ignores the request to end", {}, "trap '' TERM; sleep"],
    ["one on a terminal", { get_pty: true }, "sleep"],
  ])("ends %s when it is aborted, though another user's", async (_what, args, command) => {
    const session = await connectTo(server === "OpenSSH" ? sshd : dropbear);
    const abort = new AbortController();
    const stop = new DeviceError("JobAborted", "the job was aborted");
    const marker = `5${process.pid}`;
    const { error } = await run(
      session,
      commands(`echo begun; ${command} ${marker}; true`),
      { sudo: true, sudo_password: password(), ...args },
      { signal: abort.signal, onFrame: ({ kind }) => kind === "data" && abort.abort(stop) },
    );
    expect(error).toBe(stop);
    await until("it is gone", async () => (await processes(`sleep ${marker}`)).length === 0 || null);
  });
});

test("a user who may not is told in sudo's words", async () => {
  const session = await connectTo({ ...sshd, account: stranger });
  const args = { sudo: true, sudo_password: stranger.password };
  const { error } = await run(session, commands("id -un"), args);
  expect(error).toMatchObject({ type: "CommandError" });
  expect((error as DeviceError).message).toMatch(/^sudo did not run the command: .*not in the sudoers file/);
  await session.close();
});
