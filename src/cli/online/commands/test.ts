import type { TestAnswer } from "../../../client/index.ts";
import {
  addressOf,
  type DeviceOptions,
  LOGIN_HELP,
  sharedOf,
  withDeviceOptions,
  withPassword,
} from "../device.ts";
import { EXIT } from "../exit.ts";
import { type OnlineDeps, online, withOnlineOptions } from "../online.ts";
import type { Column } from "../screen.ts";
import { duration } from "../text.ts";
import { showWaiting } from "../waiting.ts";

const title = {
  name: "netpulse test",
  summary: "Connect to a device, log in, and say how it went.",
  help: `${LOGIN_HELP}

Example:
  netpulse test 192.0.2.1 -t cisco_ios -u admin

Exit code 0 when it worked, 1 when it did not.`,
};

/** `netpulse test DEVICE`. */
export function testCommand(deps: () => OnlineDeps) {
  return online(title, deps, (command, act) => {
    withDeviceOptions(withOnlineOptions(command))
      .argument("<device>", "[site/]host[:port]")
      .action((device: string, options: DeviceOptions) =>
        act(options, async (work) => {
          const { args, request } = sharedOf(work, options);
          const connection_args = await withPassword(work, { ...args, ...addressOf(device) }, options);
          const { driver, driver_args, credential } = request;
          const tested = work.client.devices.test({
            driver,
            connection_args,
            ...(driver_args && { driver_args }),
            ...(credential && { credential }),
          });
          const answer = await showWaiting(work, { text: `connecting to ${device}` }, tested);
          work.screen.record(answer, columns);
          return answer.success ? EXIT.done : EXIT.failed;
        }),
      );
  });
}

const columns: Column<TestAnswer>[] = [
  { name: "device", of: ({ device_info }) => device_info.host },
  {
    name: "result",
    of: ({ success }) => (success ? "ok" : "failed"),
    paint: ({ success }) => (success ? "green" : "red"),
  },
  { name: "error", of: ({ error_message }) => error_message, paint: () => "red" },
  {
    name: "time",
    of: ({ connection_time }) => (connection_time === null ? null : duration(connection_time)),
  },
  { name: "prompt", of: ({ device_info }) => device_info.prompt },
  { name: "job", of: ({ job_id }) => job_id },
];
