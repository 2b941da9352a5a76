import { Type } from "@sinclair/typebox";

/** The part of `connection_args` that says where the device is: the same for every driver. */
export const addressArgs = {
  host: Type.String({
    minLength: 1,
    maxLength: 255,
    description: "Host name, IPv4 or IPv6 address of the device.",
  }),
  site: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 63,
      description:
        "Where the address is valid, when the same one exists in several places; the job waits for a node that reaches that site (`node.sites`).",
    }),
  ),
};

/** The TCP port, with the driver's own default. */
export function portArg(defaultPort: number, description = "TCP port of the device.") {
  return Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      default: defaultPort,
      description,
    }),
  );
}
