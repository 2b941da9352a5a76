import { expect, test } from "bun:test";
import type { CliConnectionArgs } from "../../../drivers/cli/args.ts";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { withLab } from "../../lab/support/with-lab.ts";
import { context, run } from "../support.ts";

/** What only one platform has, against the lab. */
const config = (...lines: string[]) => ({ kind: "config" as const, lines });
const commands = (...lines: string[]) => ({ kind: "command" as const, commands: lines });

const connect = (port: number, deviceType: string, more: Partial<CliConnectionArgs> = {}) =>
  cliDriver.connect(
    context({
      host: "127.0.0.1",
      port,
      username: "admin",
      password: "admin",
      device_type: deviceType,
      ...more,
    }),
  );

test.each([
  ["admin", "admin+ct511w4098h"],
  ["admin+cte80w", "admin+cte80w"],
])("RouterOS: %s logs in as %s", async (username, seen) => {
  const users: string[] = [];
  await using lab = await withLab({
    platform: "mikrotik_routeros",
    onEvent: (event) => {
      if (event.type === "login") users.push(event.user);
    },
  });
  const session = await connect(lab.device(0).port, "mikrotik_routeros", { username });
  expect((await run(session, commands("/system identity print"), {})).error).toBeNull();
  expect(users).toEqual([seen]);
  await session.close();
});

test("RouterOS: a job that was refused in a menu leaves it", async () => {
  await using lab = await withLab({ platform: "mikrotik_routeros" });
  const session = await connect(lab.device(0).port, "mikrotik_routeros");
  const { error } = await run(session, config("/ip address", "add adress=192.0.2.1/24"), {});
  expect(error).toMatchObject({ type: "ConfigError" });
  expect(lab.device(0).log().at(-1)).toMatchObject({
    text: "/",
    prompt: expect.stringContaining("/ip/address>"),
  });
  await session.close();
});

test("FortiOS: what `next` has put into force stays when a later object is refused", async () => {
  await using lab = await withLab({ platform: "fortinet" });
  const device = lab.device(0);
  const session = await connect(device.port, "fortinet");
  const lines = [
    "config firewall address",
    "edit web",
    "set subnet 192.0.2.1/32",
    "next",
    "edit mail",
    "set subnet nonsense",
  ];
  const { error, outputs } = await run(session, config(...lines), {});
  expect(String(error)).toContain("line 6 was refused: value parse error before 'nonsense'");
  expect(outputs.map(({ ok }) => ok)).toEqual([true, true, true, true, false, false]);
  expect(device.runningConfig()).toContain("edit web\n        set subnet 192.0.2.1/32");
  expect(device.runningConfig()).not.toContain("edit mail");
  await session.close();
});

test("FortiOS: an object that lacks something is refused when it is closed, and dropped", async () => {
  await using lab = await withLab({ platform: "fortinet" });
  const device = lab.device(0);
  const session = await connect(device.port, "fortinet");
  const { error, outputs } = await run(
    session,
    config("config router static", "edit 9", "set device port2"),
    {},
  );
  expect(String(error)).toContain(
    "\"end\" after the last line was refused: Attribute 'gateway' MUST be set.",
  );
  expect(outputs.map(({ ok }) => ok)).toEqual([false, false, false]);
  expect(device.runningConfig()).not.toContain("edit 9");
  expect((await run(session, commands("get system status"), {})).error).toBeNull();
  await session.close();
});

test("PAN-OS: what somebody has not committed is neither committed nor dropped", async () => {
  await using lab = await withLab({ platform: "paloalto_panos" });
  const device = lab.device(0);
  const other = await lab.login();
  await other.until(/> $/);
  for (const line of ["configure", "set deviceconfig system location theirs"]) {
    other.type(`${line}\r`);
    await other.until(/# $/);
  }
  other.type("exit\r");
  await other.until(/> $/);
  const session = await connect(device.port, "paloalto_panos");
  const locked = await run(session, config("set deviceconfig system timezone UTC"), {});
  expect(locked.error).toMatchObject({ type: "ConfigLocked", retryable: true });
  expect(locked.outputs).toEqual([]);
  other.type("configure\r");
  await other.until(/# $/);
  other.type("commit\r");
  await other.until(/committed successfully.*# $/s);
  expect(device.runningConfig()).toContain("location theirs");
  expect((await run(session, config("set deviceconfig system timezone UTC"), {})).error).toBeNull();
  expect(device.runningConfig()).toContain("timezone UTC");
  other.end();
  await session.close();
});

test("VyOS: what is saved is what was committed", async () => {
  await using lab = await withLab({ platform: "vyos" });
  const device = lab.device(0);
  const session = await connect(device.port, "vyos");
  expect((await run(session, config("set system domain-name one.example"), {})).error).toBeNull();
  expect(device.startupConfig()).not.toContain("one.example");
  expect((await run(session, config("set system time-zone CET"), { save: true })).error).toBeNull();
  expect(device.startupConfig()).toContain("one.example");
  await session.close();
});

test("IOS: a banner of several lines is configured and saved, and what comes behind it", async () => {
  await using lab = await withLab({ platform: "cisco_ios" });
  const device = lab.device(0);
  const session = await connect(device.port, "cisco_ios", { secret: "admin" });
  const lines = ["banner motd ^C", "Keep out,", "  2 + 2 # 5", "^C", "interface Loopback9", " shutdown"];
  const { outputs, error } = await run(session, config(...lines), { save: true });
  expect([error, outputs.map(({ ok }) => ok)]).toEqual([null, lines.map(() => true)]);
  const banner = "\nbanner motd ^C\nKeep out,\n  2 + 2 # 5\n^C\n";
  for (const shown of [device.runningConfig(), device.startupConfig()]) {
    expect(shown).toContain(banner);
    expect(shown).toContain("\ninterface Loopback9\n");
  }
  await session.close();
});
