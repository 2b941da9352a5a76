import { type RedisServer, startServer } from "./redis-server.ts";
import { type RedisSet, redisSet } from "./redis-set.ts";
import { type Certificates, makeCertificates } from "./redis-tls.ts";
import { tempDir } from "./tempdir.ts";

export { type ClusterOptions, type RedisCluster, startCluster } from "./redis-cluster.ts";
export { type SentinelSet, startSentinelSet } from "./redis-sentinel.ts";
export { eventually, type RedisServer } from "./redis-server.ts";
export type { RedisSet } from "./redis-set.ts";

export interface RedisOptions {
  /** Keep the data over a restart. Default false. */
  appendOnly?: boolean;
  /** More of the server's configuration, as on its command line: `["--maxmemory", "100mb"]`. */
  extraArgs?: string[];
}

/** One server and what is known of it. */
export type Redis = RedisSet & RedisServer;

/** A plain server. */
export async function startRedis(options: RedisOptions = {}): Promise<Redis> {
  const folder = tempDir("redis");
  const server = await startServer({ folder, args: argsOf(options) });
  return together(server, { url: `redis://${server.host}:${server.port}` }, () => folder.remove());
}

/** All that a user needs who runs NetPulse, whose keys begin with `{netpulse` in tests. */
export const ACL_RULES = [
  "~{netpulse*",
  "&netpulse*",
  "-@all",
  "+@read",
  "+@write",
  "-@dangerous",
  "+evalsha",
  "+eval",
  "+publish",
  "+subscribe",
  "+ping",
  "+time",
  "+wait",
  "+info",
  "+client|setname",
  "+cluster|slots",
];

export interface SecureRedis extends Redis {
  certificates: Certificates;
  user: string;
  password: string;
}

const USER = "netpulse";
const PASSWORD = "p@ss:word/of?netpulse#1%";
const ADMIN_PASSWORD = "admin-password";

/** A server that speaks TLS only and knows one user, who may do no more than needed, beside its administrator. */
export async function startSecureRedis(
  options: RedisOptions & { rules?: string[]; clientCertificates?: boolean } = {},
): Promise<SecureRedis> {
  const folder = tempDir("redis-tls");
  const certificates = await makeCertificates(folder);
  const acl = folder.file("users.acl");
  const users = [
    "user default off",
    `user admin on >${ADMIN_PASSWORD} ~* &* +@all`,
    `user ${USER} on >${PASSWORD} ${(options.rules ?? ACL_RULES).join(" ")}`,
  ];
  await Bun.write(acl, `${users.join("\n")}\n`);
  const { ca, cert, key, clientCert, clientKey } = certificates;
  const tls = ["--tls-ca-cert-file", ca, "--tls-cert-file", cert, "--tls-key-file", key];
  const asksForCertificates = options.clientCertificates ? "yes" : "no";
  const server = await startServer({
    folder,
    args: [...argsOf(options), ...tls, "--tls-auth-clients", asksForCertificates, "--aclfile", acl],
    portOption: "--tls-port",
    cliArgs: ["--tls", "--cacert", ca, "--cert", clientCert, "--key", clientKey, "--user", "admin"],
    cliEnv: { REDISCLI_AUTH: ADMIN_PASSWORD },
  });
  const url = `rediss://${USER}:${encodeURIComponent(PASSWORD)}@${server.host}:${server.port}`;
  const known = { certificates, user: USER, password: PASSWORD };
  return Object.assign(
    together(server, { url, tls: { ca } }, () => folder.remove()),
    known,
  );
}

function argsOf({ appendOnly = false, extraArgs = [] }: RedisOptions): string[] {
  return ["--appendonly", appendOnly ? "yes" : "no", "--appendfsync", "always", ...extraArgs];
}

function together(server: RedisServer, options: RedisSet["options"], cleanUp: () => void): Redis {
  return {
    ...redisSet({ options, servers: [server], masters: async () => [server], cleanUp }),
    host: server.host,
    port: server.port,
    get pid() {
      return server.pid;
    },
    cli: (...args) => server.cli(...args),
    restart: () => server.restart(),
    kill: () => server.kill(),
    start: () => server.start(),
    pause: () => server.pause(),
    resume: () => server.resume(),
  };
}
