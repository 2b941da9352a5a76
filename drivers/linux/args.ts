import { addressArgs, portArg } from "../../src/device/address-args.ts";
import { type Static, Type } from "../../src/device/driver.ts";
import { sshArgs } from "../../src/device/ssh-args.ts";

export const DEFAULT_PORT = 22;

export const connectionArgs = Type.Object(
  { ...addressArgs, port: portArg(DEFAULT_PORT), ...sshArgs },
  { additionalProperties: false },
);

export const driverArgs = Type.Object(
  {
    read_timeout: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 86_400,
        description:
          "Seconds without output before a command is given up. Default: none, the job's own limit counts.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type LinuxDriverArgs = Static<typeof driverArgs>;
