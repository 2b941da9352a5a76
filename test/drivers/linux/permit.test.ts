import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { LinuxDriverArgs } from "../../../drivers/linux/args.ts";
import { linuxDriver } from "../../../drivers/linux/index.ts";
import type { LineRules } from "../../../src/core/access.ts";
import type { DeviceSession } from "../../../src/device/driver.ts";
import { linePermit } from "../../../src/worker/line-permit.ts";
import { type Sshd, startSshd } from "../../support/sshd.ts";
import { context, run } from "../support.ts";

setDefaultTimeout(30_000);

let sshd: Sshd;
let session: DeviceSession<LinuxDriverArgs>;
beforeAll(async () => {
  sshd = await startSshd();
  const { name: username, password } = sshd.account;
  session = await linuxDriver.connect(context({ host: sshd.host, port: sshd.port, username, password }));
});
afterAll(async () => {
  await session?.close();
  await sshd?.stop();
});

function judged(rules: LineRules, lines: string[], args: LinuxDriverArgs = {}) {
  const permit = linePermit({ rules, kind: "command", secrets: [] });
  return run(session, { kind: "command", commands: lines }, args, { permit });
}

const ONLY_ECHO: LineRules = { allow: ["echo *"], deny: [], config: true };

test("a host runs the commands that are allowed, up to the first that is not", async () => {
  const { outputs, error } = await judged(ONLY_ECHO, ["echo one", "id", "echo two"], { read_timeout: 10 });
  expect(outputs.map(({ stdout, ok }) => [stdout, ok])).toEqual([
    ["one\n", true],
    ["", null],
  ]);
  expect(error).toMatchObject({
    type: "CommandError",
    message: expect.stringContaining('"id" was not sent'),
  });
});

test.each([
  "echo one; id",
  "echo one\nid",
  "echo $(id)",
  "echo `id`",
  "echo one && id",
  "echo one > /tmp/x",
  "echo 'x'",
])("and none that a shell would make more of: %j", async (line) => {
  const { outputs, error } = await judged(ONLY_ECHO, [line]);
  expect(outputs.map(({ stdout }) => stdout)).toEqual([""]);
  expect(error).toMatchObject({ type: "CommandError", message: expect.stringContaining("was not sent") });
});

test("a deny list alone lets nothing pass", async () => {
  const { error } = await judged({ allow: null, deny: ["reboot"], config: true }, ["echo one"]);
  expect(error).toMatchObject({ message: expect.stringContaining("a shell") });
});

test("what reaches a host beside commands is refused as a whole", async () => {
  const args = { environment: { PATH: "/tmp" } } as LinuxDriverArgs;
  const { outputs, error } = await judged(ONLY_ECHO, ["echo one"], args);
  expect(outputs).toEqual([]);
  expect(error).toMatchObject({
    type: "CommandError",
    message: expect.stringContaining("driver_args.environment"),
  });
});

test("the session goes on after a refusal", async () => {
  await judged(ONLY_ECHO, ["id"]);
  const { outputs, error } = await judged(ONLY_ECHO, ["echo one"]);
  expect([outputs[0]?.stdout, error]).toEqual(["one\n", null]);
});
