import { afterAll, beforeAll, expect, test } from "bun:test";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { DeviceError } from "../../../src/device/driver.ts";
import { startSshd } from "../../support/sshd.ts";
import { startTelnetd, type Telnetd } from "../../support/telnetd.ts";
import { context, run } from "../support.ts";

let telnetd: Telnetd;
beforeAll(async () => {
  telnetd = await startTelnetd();
}, 60_000);
afterAll(async () => {
  await telnetd[Symbol.asyncDispose]();
});

const commands = (...lines: string[]) => ({ kind: "command" as const, commands: lines });

function connect(more: Record<string, unknown> = {}) {
  const { host, port, account } = telnetd;
  const args = {
    host,
    port,
    username: account.name,
    password: account.password,
    device_type: "generic_telnet",
  };
  return cliDriver.connect(context({ ...args, ...more }));
}

test("a Linux login over Debian's telnetd: commands, whole output, the terminal it was told of", async () => {
  const session = await connect();
  const { outputs, error } = await run(
    session,
    commands("id -un", "seq 1 3000", "stty size; echo $TERM"),
    {},
  );
  expect(error).toBeNull();
  const [who, many, terminal] = outputs.map(({ stdout }) => stdout.trim());
  expect(who).toBe(telnetd.account.name);
  expect(many).toBe(Array.from({ length: 3000 }, (_, index) => index + 1).join("\n"));
  expect(terminal).toBe("1000 511\nvt100");
  expect(await session.health(new AbortController().signal)).toBe(true);
  await session.close();
});

test("bytes of 255 in what is printed are not taken for Telnet's own", async () => {
  const session = await connect();
  const { outputs, error } = await run(session, commands("printf 'a\\377\\377b\\n'"), {});
  expect(error).toBeNull();
  expect(outputs[0]?.stdout).toBe("a\ufffd\ufffdb\n");
  await session.close();
});

test("a command is interrupted in a flood of output, and the session goes on in step", async () => {
  const session = await connect();
  const operation = { ...commands("yes", "echo in step"), commandArgs: [{ stop_after: 0.5 }, null] };
  const { outputs, error } = await run(session, operation, {});
  expect(error).toBeNull();
  const lines = (outputs[0]?.stdout ?? "").trimEnd().split("\n");
  // The server throws away what it had not sent when it was interrupted: a line may be cut.
  expect(new Set(lines.slice(0, -1)).difference(new Set(["y", ""]))).toEqual(new Set());
  expect(lines.at(-1)).toMatch(/^y?\^C$/);
  expect(outputs[1]?.stdout).toBe("in step\n");
  await session.close();
});

test("an abort interrupts what runs, and the session ends", async () => {
  const session = await connect();
  const stop = new DeviceError("JobAborted", "the job was aborted");
  const abort = new AbortController();
  const ran = run(
    session,
    commands("trap 'echo interrupted' INT; yes | head -c 200000; sleep 600"),
    {},
    {
      signal: abort.signal,
      onFrame: (frame) => {
        if (frame.kind === "data") abort.abort(stop);
      },
    },
  );
  expect((await ran).error).toBe(stop);
  session.destroy();
});

test("a wrong password is refused, once", async () => {
  const error = await connect({ password: "not-it" }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ type: "AuthenticationError", retryable: false });
  expect(String(error)).toContain('the device says "Login incorrect"');
  expect(String(error)).not.toContain("not-it");
});

test("a port of SSH is said to be one", async () => {
  await using sshd = await startSshd();
  const error = await connect({ port: sshd.port }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ type: "ConnectionError", retryable: false });
  expect(String(error)).toContain("speaks SSH, not Telnet");
}, 30_000);

test("a port where nothing listens is said to be one", async () => {
  const error = await connect({ port: 1 }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    type: "ConnectionError",
    message: expect.stringContaining("nothing listens"),
  });
});

test("the way may lead over an SSH jump host", async () => {
  await using sshd = await startSshd();
  const { host, port, account } = sshd;
  const hop = { host, port, username: account.name, password: account.password };
  const session = await connect({ jump_hosts: [hop] });
  const { outputs, error } = await run(session, commands("id -un"), {});
  expect(error).toBeNull();
  expect(outputs[0]?.stdout.trim()).toBe(telnetd.account.name);
  await session.close();
}, 30_000);
