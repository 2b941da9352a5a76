import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { canonicalHost } from "../core/device.ts";
import type { FieldError } from "../core/errors.ts";
import { portArg } from "./address-args.ts";
import type { SshProxy, SshTarget } from "./transport/ssh-target.ts";
import { base32, type Totp } from "./transport/totp.ts";

const seconds = (description: string) =>
  Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 600, description }));

const closed = { additionalProperties: false };

/** A closed object, documented. */
function objectOf<P extends Record<string, TSchema>>(properties: P, description: string) {
  return Type.Object(properties, { ...closed, description });
}

const secretText = (maxLength: number, description: string) =>
  Type.String({ maxLength, secret: true, description });

const totp = objectOf(
  {
    secret: Type.String({
      minLength: 1,
      maxLength: 256,
      secret: true,
      description: "Base32, as it is shown beside the QR code.",
    }),
    digits: Type.Optional(Type.Integer({ minimum: 6, maximum: 8, default: 6, description: "Of a code." })),
    period: Type.Optional(
      Type.Integer({ minimum: 5, maximum: 300, default: 30, description: "Seconds that a code lasts." }),
    ),
    algorithm: Type.Optional(
      Type.Union([Type.Literal("sha1"), Type.Literal("sha256"), Type.Literal("sha512")], {
        default: "sha1",
        description: "What the code is made with.",
      }),
    ),
  },
  "Secret of one-time passwords (RFC 6238): the login answers with the code of the moment where it is asked for one.",
);

const loginAnswers = Type.Array(
  objectOf(
    {
      prompt: Type.String({
        minLength: 1,
        maxLength: 256,
        description: "Part of the question, in any case; no pattern.",
      }),
      answer: secretText(1024, "What to say to it, once."),
    },
    "One question.",
  ),
  {
    maxItems: 16,
    description:
      "Answers to the questions of a keyboard-interactive login, beside `password` and `totp`. Of several that fit a question the first that is left is given.",
  },
);

/** Who logs in, and with what: of a device and of each jump host. */
const credentialArgs = {
  username: Type.String({ minLength: 1, maxLength: 255, description: "User name." }),
  password: Type.Optional(secretText(1024, "Password of the user.")),
  pkey: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 16_384,
      secret: true,
      description: "Private key as text (OpenSSH, PEM or PKCS#8); tried before the password.",
    }),
  ),
  passphrase: Type.Optional(secretText(1024, "Passphrase that opens `pkey`.")),
  allow_agent: Type.Optional(
    Type.Boolean({
      description:
        "Also offer the keys of the node's SSH agent (`ssh.agent_socket`), after `pkey`; where there is none the job fails. Default false.",
    }),
  ),
  login_answers: Type.Optional(loginAnswers),
  totp: Type.Optional(totp),
  legacy: Type.Optional(
    Type.Boolean({
      description:
        "Also offer old, weak algorithms (SHA-1, CBC, 1024-bit groups) to this device. Default false.",
    }),
  ),
  compression: Type.Optional(
    Type.Boolean({ description: "Offer compression. It pays on slow links only. Default false." }),
  ),
};

const serverHost = (description: string) => Type.String({ minLength: 1, maxLength: 255, description });

const JUMP_PORT = 22;
const MAX_JUMP_HOSTS = 5;

const jumpHost = objectOf(
  {
    host: serverHost("Host name, IPv4 or IPv6 address of the jump host."),
    port: portArg(JUMP_PORT),
    ...credentialArgs,
  },
  "One server on the way, with its own credential; its host key is checked as the device's.",
);

const proxy = objectOf(
  {
    type: Type.Union([Type.Literal("socks5"), Type.Literal("http")], {
      description: "`http` is a proxy that takes CONNECT.",
    }),
    host: serverHost("Host name, IPv4 or IPv6 address of the proxy."),
    port: Type.Integer({ minimum: 1, maximum: 65_535, description: "TCP port of the proxy." }),
    username: Type.Optional(
      Type.String({ minLength: 1, maxLength: 255, description: "User name, if it wants one." }),
    ),
    password: Type.Optional(secretText(255, "Its password.")),
  },
  "Proxy for the first TCP connection: to the device, or to the first jump host. `ssh.proxies` of the node says which may be named.",
);

/** The part of `connection_args` that says how to log in over SSH: the same for every driver that does. */
export const sshArgs = {
  ...credentialArgs,
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
  jump_hosts: Type.Optional(
    Type.Array(jumpHost, {
      maxItems: MAX_JUMP_HOSTS,
      description:
        "SSH servers to go through, the nearest first. Sessions that go the same way share the connections to them.",
    }),
  ),
  proxy: Type.Optional(proxy),
};

const sshSchema = Type.Object(sshArgs);
type SshArgs = Static<typeof sshSchema> & { host: string; port?: number; site?: string };
type JumpHost = Static<typeof jumpHost>;
type CredentialArgs = Omit<JumpHost, "host" | "port">;

const DEFAULT_TIMEOUT = 10;
const DEFAULT_KEEPALIVE = 30;

/** Seconds for a phase of connecting without a time-out of its own. */
export function connectSeconds(args: Pick<SshArgs, "timeout">): number {
  return args.timeout ?? DEFAULT_TIMEOUT;
}

/** For arguments that passed {@link checkSshArgs}. */
export function sshTarget(args: SshArgs, defaultPort: number): SshTarget {
  const proxy = args.proxy === undefined ? undefined : proxyOf(args.proxy);
  const common = commonOf(args);
  const hops = (args.jump_hosts ?? []).map((hop, index) => ({
    ...credentialsOf(hop),
    ...common,
    host: canonicalHost(hop.host) ?? hop.host,
    port: hop.port ?? JUMP_PORT,
    proxy: index === 0 ? proxy : undefined,
    hops: [],
  }));
  return {
    ...credentialsOf(args),
    ...common,
    host: args.host,
    port: args.port ?? defaultPort,
    proxy: hops.length === 0 ? proxy : undefined,
    hops,
  };
}

function commonOf(args: SshArgs): Pick<SshTarget, "site" | "keepalive" | "patience"> {
  const timeout = connectSeconds(args);
  return {
    site: args.site ?? null,
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

function credentialsOf(args: CredentialArgs) {
  return {
    username: args.username,
    password: args.password,
    privateKey: args.pkey,
    passphrase: args.passphrase,
    agent: args.allow_agent ?? false,
    answers: args.login_answers ?? [],
    totp: args.totp === undefined ? undefined : totpOf(args.totp),
    legacy: args.legacy ?? false,
    compression: args.compression ?? false,
  };
}

function totpOf({ secret, digits = 6, period = 30, algorithm = "sha1" }: Static<typeof totp>): Totp {
  return { secret, digits, period, algorithm };
}

function proxyOf({ type, host, port, username, password }: Static<typeof proxy>): SshProxy {
  return { type, host: canonicalHost(host) ?? host, port, username, password };
}

/** What the schema cannot say. Fields that are wrong by it may be absent or of any type. */
export function checkSshArgs(args: Partial<SshArgs>): FieldError[] {
  const root = "connection_args";
  const { proxy, jump_hosts: hops = [] } = args;
  const servers = [
    ...hops.map(({ host }, index) => ({ host, loc: [root, "jump_hosts", index, "host"] })),
    ...(proxy === undefined ? [] : [{ host: proxy.host, loc: [root, "proxy", "host"] }]),
  ];
  return [
    ...servers.filter(({ host }) => canonicalHost(host) === null).map(({ loc }) => ({ loc, msg: NO_HOST })),
    ...checkTotp(args.totp, [root, "totp", "secret"]),
    ...hops.flatMap((hop, index) => checkTotp(hop.totp, [root, "jump_hosts", index, "totp", "secret"])),
    ...checkZones(args, root),
  ];
}

const NO_HOST = "is neither a host name nor an IP address";

function checkTotp(totp: { secret: string } | undefined, loc: FieldError["loc"]): FieldError[] {
  if (totp === undefined || base32(totp.secret) !== null) return [];
  return [{ loc, msg: "is not base32 (letters A to Z and digits 2 to 7)" }];
}

/** A zone names an interface of the node: it means nothing to whoever connects on for it. */
function checkZones(
  { host = "", proxy, jump_hosts: hops = [] }: Partial<SshArgs>,
  root: string,
): FieldError[] {
  const ways = [...hops.map((hop) => hop.host), host];
  const near = proxy === undefined ? 1 : 0;
  return ways.flatMap((each, index) => {
    if (index < near || !each.includes("%")) return [];
    const loc = index === hops.length ? [root, "host"] : [root, "jump_hosts", index, "host"];
    return [{ loc, msg: "has a zone, which only the node itself can reach, not a jump host or proxy" }];
  });
}

/** Every secret among the arguments, to be hidden in what a device prints. */
export function sshSecrets(
  args: CredentialArgs & Pick<SshArgs, "jump_hosts" | "proxy">,
): (string | undefined)[] {
  return [
    args.password,
    args.passphrase,
    args.totp?.secret,
    args.proxy?.password,
    ...(args.login_answers ?? []).map(({ answer }) => answer),
    ...(args.jump_hosts ?? []).flatMap((hop) => sshSecrets(hop)),
  ];
}
