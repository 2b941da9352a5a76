import { addressArgs, portArg } from "../../src/device/address-args.ts";
import { type Static, Type } from "../../src/device/driver.ts";
import { sshArgs } from "../../src/device/ssh-args.ts";
import { lineArgs } from "./line-args.ts";
import { acceptedTypes } from "./platforms/index.ts";

export const DEFAULT_PORT = 22;

export const connectionArgs = Type.Object(
  {
    ...addressArgs,
    port: portArg(DEFAULT_PORT),
    device_type: Type.String({
      minLength: 1,
      maxLength: 64,
      // Documents them only: the driver's own check says which is nearest.
      enum: acceptedTypes(),
      description:
        "The kind of device. `autodetect` asks it, which costs a second login; the result says what it is.",
    }),
    ...sshArgs,
    secret: Type.Optional(
      Type.String({
        maxLength: 1024,
        secret: true,
        description: "Enable password. When given, commands run in privileged mode.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type CliConnectionArgs = Static<typeof connectionArgs>;

export const driverArgs = Type.Object(
  {
    ...lineArgs,
    enable_mode: Type.Optional(
      Type.Boolean({
        description:
          "Whether commands run in privileged mode. Default: true when `secret` is given, else as logged in.",
      }),
    ),
    save: Type.Optional(
      Type.Boolean({
        description: "Save the configuration after all lines were accepted, and check it. Default false.",
      }),
    ),
    commit_confirm: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 86_400,
        description:
          "Where lines are committed: seconds after which the device takes the commit back by itself. The job " +
          "confirms it once the device has answered again; if it does not, the job fails. Default: a plain commit.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type CliDriverArgs = Static<typeof driverArgs>;
