import { Type } from "@sinclair/typebox";
import type { SshTarget } from "./transport/ssh-target.ts";

const seconds = (description: string) =>
  Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 600, description }));

/** The part of `connection_args` that says how to log in over SSH: the same for every driver that does. */
export const sshArgs = {
  username: Type.String({ minLength: 1, maxLength: 255, description: "User name." }),
  password: Type.Optional(
    Type.String({ maxLength: 1024, secret: true, description: "Password of the user." }),
  ),
  pkey: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 8192,
      secret: true,
      description: "Private key as text (OpenSSH or PEM); tried before the password.",
    }),
  ),
  passphrase: Type.Optional(
    Type.String({ maxLength: 1024, secret: true, description: "Passphrase that opens `pkey`." }),
  ),
  timeout: seconds("Seconds for each phase of connecting that has no time-out of its own. Default 10."),
  conn_timeout: seconds("Seconds for the TCP connection. Default: `timeout`."),
  banner_timeout: seconds("Seconds until the device says that it speaks SSH. Default: `timeout`."),
  auth_timeout: seconds("Seconds for the login. Default: `timeout`."),
  keepalive: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 3600,
      description: "Seconds between keep-alives of an open session; 0 for none. Default 30.",
    }),
  ),
  legacy: Type.Optional(
    Type.Boolean({
      description:
        "Also offer old, weak algorithms (SHA-1, CBC, 1024-bit groups) to this device. Default false.",
    }),
  ),
};

/** The values of {@link sshArgs} and of the address. */
interface SshArgs {
  host: string;
  port?: number;
  username: string;
  password?: string;
  pkey?: string;
  passphrase?: string;
  timeout?: number;
  conn_timeout?: number;
  banner_timeout?: number;
  auth_timeout?: number;
  keepalive?: number;
  legacy?: boolean;
}

const DEFAULT_TIMEOUT = 10;
const DEFAULT_KEEPALIVE = 30;

/** Seconds for a phase of connecting without a time-out of its own. */
export function connectSeconds(args: Pick<SshArgs, "timeout">): number {
  return args.timeout ?? DEFAULT_TIMEOUT;
}

export function sshTarget(args: SshArgs, defaultPort: number): SshTarget {
  const timeout = connectSeconds(args);
  return {
    host: args.host,
    port: args.port ?? defaultPort,
    username: args.username,
    password: args.password,
    privateKey: args.pkey,
    passphrase: args.passphrase,
    legacy: args.legacy ?? false,
    keepalive: args.keepalive ?? DEFAULT_KEEPALIVE,
    patience: {
      dial: args.conn_timeout ?? timeout,
      banner: args.banner_timeout ?? timeout,
      keyExchange: timeout,
      login: args.auth_timeout ?? timeout,
      channel: timeout,
    },
  };
}
