import { addressArgs, portArg } from "../../src/device/address-args.ts";
import { type Static, Type } from "../../src/device/driver.ts";

const closed = { additionalProperties: false };
export const HTTPS_PORT = 443;
const HTTP_PORT = 80;
const DEFAULT_SECONDS = 60;

const certificateFile = (description: string) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: `${description} A file in \`tls.dir\` of the node.`,
    }),
  );

export const connectionArgs = Type.Object(
  {
    ...addressArgs,
    port: portArg(HTTPS_PORT, "TCP port of the device. Over `http` the default is 80."),
    transport: Type.Optional(
      Type.Union([Type.Literal("https"), Type.Literal("http")], {
        default: "https",
        description: "`http` sends everything, the password too, as it is.",
      }),
    ),
    username: Type.String({ minLength: 1, maxLength: 255, description: "User name." }),
    password: Type.Optional(
      Type.String({ maxLength: 1024, secret: true, description: "Password of the user." }),
    ),
    secret: Type.Optional(
      Type.String({
        maxLength: 1024,
        secret: true,
        description: "Enable password, where the device asks for one.",
      }),
    ),
    timeout: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 600,
        description: `Seconds for each step of connecting, and for an answer to begin. Default ${DEFAULT_SECONDS}.`,
      }),
    ),
    verify: Type.Optional(
      Type.Boolean({
        description:
          "Whether the device must prove by its certificate that it is `host`. Default true. Without, whoever is on the path gets the password.",
      }),
    ),
    fingerprint: Type.Optional(
      Type.String({
        pattern: "^(?:[Ss][Hh][Aa]256:)?(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$",
        expected: "a SHA-256 in hexadecimal digits, with colons or without",
        description:
          "SHA-256 of the device's certificate, as `openssl x509 -fingerprint -sha256` prints it: that one is trusted, whoever signed it.",
      }),
    ),
    ca_file: certificateFile(
      "Certificates of the authorities that are trusted for this device, in place of the public ones.",
    ),
    cert_file: certificateFile("Certificate that the node shows to the device."),
    key_file: certificateFile("Private key of `cert_file`."),
    device_type: Type.Optional(
      Type.Literal("arista_eos", { description: "No effect: there is no other device that speaks eAPI." }),
    ),
  },
  closed,
);
export type EapiConnectionArgs = Static<typeof connectionArgs>;

export const driverArgs = Type.Object(
  {
    encoding: Type.Optional(
      Type.Union([Type.Literal("json"), Type.Literal("text")], {
        default: "json",
        description:
          "What commands answer in: data, as the device sends it, or what its command line prints.",
      }),
    ),
    strict: Type.Optional(
      Type.Boolean({
        description:
          "Whether a command that the device has no JSON for is a failure. Default false: its text is taken instead.",
      }),
    ),
    enable_mode: Type.Optional(
      Type.Boolean({ description: "Whether commands run in privileged mode. Default true." }),
    ),
    save: Type.Optional(
      Type.Boolean({ description: "Save the configuration after all lines were accepted. Default false." }),
    ),
    read_timeout: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 86_400,
        description:
          "Seconds without a byte of an answer before it is given up. Default: `timeout` of the connection.",
      }),
    ),
    autoComplete: Type.Optional(
      Type.Boolean({ description: "Whether the device completes shortened commands." }),
    ),
    expandAliases: Type.Optional(Type.Boolean({ description: "Whether the device expands its aliases." })),
  },
  closed,
);
export type EapiDriverArgs = Static<typeof driverArgs>;

/** The port of a request that names none. */
export function usualPort({ transport }: { transport?: unknown }): number {
  return transport === "http" ? HTTP_PORT : HTTPS_PORT;
}

export function secondsOf({ timeout }: Pick<EapiConnectionArgs, "timeout">): number {
  return timeout ?? DEFAULT_SECONDS;
}
