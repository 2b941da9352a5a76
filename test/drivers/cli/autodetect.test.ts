import { describe, expect, test } from "bun:test";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { platforms } from "../../../drivers/cli/platforms/index.ts";
import { DeviceError } from "../../../src/device/driver.ts";
import { withLab } from "../../lab/support/with-lab.ts";
import { context, run } from "../support.ts";

const LOGIN = { host: "127.0.0.1", username: "admin", password: "admin" };
const detectable = platforms.filter(({ detect }) => detect !== null);

test("every platform can be found out, but the one that is for the others", () => {
  const silent = platforms.filter(({ detect }) => detect === null);
  expect(silent.map(({ deviceType }) => deviceType)).toEqual(["generic"]);
});

describe.each(detectable.map((platform) => [platform.deviceType, platform] as const))(
  "%s",
  (deviceType, { detect, ntcName }) => {
    test.concurrent("is found out, and goes on as what it is", async () => {
      await using lab = await withLab({ platform: deviceType });
      const { port } = lab.device(0);
      const session = await cliDriver.connect(context({ ...LOGIN, port, device_type: "autodetect" }));
      const command = { kind: "command" as const, commands: [detect?.send ?? "", detect?.send ?? ""] };
      const { outputs, error } = await run(session, command, {});
      expect([error, outputs.map(({ ok }) => ok), session.detected]).toEqual([
        null,
        [true, true],
        deviceType,
      ]);
      // By it templates are chosen for what the device prints.
      expect(session.platform).toBe(ntcName);
      expect(await session.health(new AbortController().signal)).toBe(true);
      await session.close();
      expect(lab.device(0).counts().logins).toBe(2);
    });

    test.concurrent("is served as a generic device", async () => {
      await using lab = await withLab({ platform: deviceType });
      const { port } = lab.device(0);
      const session = await cliDriver.connect(context({ ...LOGIN, port, device_type: "generic" }));
      const { outputs, error } = await run(session, { kind: "command", commands: [detect?.send ?? ""] }, {});
      expect(error).toBeNull();
      const lines = (outputs[0]?.stdout ?? "").split("\n");
      for (const pattern of detect?.says ?? []) expect(lines.some((line) => pattern.test(line))).toBe(true);
      await session.close();
    });
  },
);

test("a device that is none of them is said to be none, with what was tried", async () => {
  await using lab = await withLab({ platform: "cisco_ios" });
  lab.device(0).answer("show version", "Something else, version 1");
  const connecting = cliDriver.connect(
    context({ ...LOGIN, port: lab.device(0).port, device_type: "autodetect" }),
  );
  const error = await connecting.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeviceError);
  expect(error).toMatchObject({
    type: "PromptError",
    message: expect.stringContaining("show version, display version"),
  });
});

test("a trial commit needs to know what the device is", () => {
  const connectionArgs = { ...LOGIN, device_type: "autodetect" };
  const operation = { kind: "config" as const, lines: ["x"] };
  expect(cliDriver.check?.({ connectionArgs, driverArgs: { commit_confirm: 60 }, operation })).toEqual([
    {
      loc: ["driver_args", "commit_confirm"],
      msg: "needs a device_type that says how the device is configured",
    },
  ]);
  expect(cliDriver.check?.({ connectionArgs, driverArgs: {}, operation })).toEqual([]);
});
