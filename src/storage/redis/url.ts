import { StartupError } from "../../core/errors.ts";

export interface Endpoint {
  host: string;
  port: number;
}

/** How to log in to a server; null password: no login. */
export interface Login {
  /** Redis' own name for it when only a password is given: `default`. */
  username: string;
  password: string | null;
}

interface Common {
  login: Login;
  tls: boolean;
}

export interface ServerTarget extends Common {
  kind: "server";
  server: Endpoint;
  db: number;
}

export interface SentinelTarget extends Common {
  kind: "sentinel";
  sentinels: Endpoint[];
  /** The name that the sentinels know the master by. */
  master: string;
  db: number;
  sentinelLogin: Login;
}

export interface ClusterTarget extends Common {
  kind: "cluster";
  /** Some of its nodes; the rest is found through them. */
  nodes: Endpoint[];
}

/** What `storage.url` names. */
export type RedisTarget = ServerTarget | SentinelTarget | ClusterTarget;

type Kind = RedisTarget["kind"];

const FORMS: Record<Kind, string> = {
  server: "redis://[user[:password]@]host[:port][/db], or rediss:// for TLS",
  sentinel:
    "redis+sentinel://[user:password@]host[:port],host[:port]/master-name[?db=0&sentinel_username=…&sentinel_password=…&tls=true]",
  cluster: "redis+cluster://[user:password@]host[:port],host[:port][?tls=true]",
};
const ESCAPES = "write @ : / ? # , % in a name or password as %40 %3A %2F %3F %23 %2C %25";

const SCHEMES: Record<string, { kind: Kind; tls: boolean }> = {
  redis: { kind: "server", tls: false },
  rediss: { kind: "server", tls: true },
  "redis+sentinel": { kind: "sentinel", tls: false },
  "redis+cluster": { kind: "cluster", tls: false },
};
const PARAMETERS: Record<Kind, readonly string[]> = {
  server: [],
  sentinel: ["db", "sentinel_username", "sentinel_password", "tls"],
  cluster: ["tls"],
};

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;
const MAX_ENDPOINTS = 64;
const NO_LOGIN: Login = { username: "default", password: null };

/**
 * Understands a Redis URL. Throws `StartupError` that says what is wrong and how it is written, and repeats no part
 * of what was given: any part of it may be a password that was not escaped.
 */
export function parseRedisUrl(url: string): RedisTarget {
  const parts = split(url);
  const { kind } = parts;
  const query = parameters(kind, parts.query);
  const common = { login: login(kind, parts.user), tls: parts.tls || flag(kind, query.get("tls")) };
  if (kind === "cluster") {
    if (parts.path !== "") refuse(kind, "a cluster has no databases, so nothing comes after its nodes");
    return { kind, ...common, nodes: endpoints(kind, parts.hosts, REDIS_PORT) };
  }
  if (kind === "sentinel") {
    const master = parts.path;
    if (!/^[\w.-]+$/.test(master))
      refuse(kind, "the name that the sentinels know the master by is missing or wrong");
    const sentinels = endpoints(kind, parts.hosts, SENTINEL_PORT);
    const db = database(kind, query.get("db") ?? "");
    return { kind, ...common, sentinels, master, db, sentinelLogin: sentinelLogin(query) };
  }
  const [server, ...more] = endpoints(kind, parts.hosts, REDIS_PORT);
  if (server === undefined || more.length > 0) refuse(kind, "it names more than one server");
  return { kind, ...common, server, db: database(kind, parts.path) };
}

interface Parts {
  kind: Kind;
  tls: boolean;
  /** Before the `@`; null when there is none. */
  user: string | null;
  hosts: string;
  path: string;
  query: string;
}

function split(url: string): Parts {
  const [, scheme = "", rest = ""] = /^([a-z+]+):\/\/(.*)$/is.exec(url) ?? [];
  const known = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
  if (known === undefined) {
    throw new StartupError(`storage.url is no Redis URL; write ${Object.values(FORMS).join(", or ")}`);
  }
  const [, authority = "", path = "", query = ""] =
    /^([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/s.exec(rest) ?? refuse(known.kind, "it has a # in it");
  const at = authority.lastIndexOf("@");
  return {
    ...known,
    user: at < 0 ? null : authority.slice(0, at),
    hosts: authority.slice(at + 1),
    path: decoded(known.kind, path),
    query,
  };
}

function refuse(kind: Kind, what: string): never {
  throw new StartupError(`storage.url: ${what}; write ${FORMS[kind]}; ${ESCAPES}`);
}

function login(kind: Kind, user: string | null): Login {
  if (user === null) return NO_LOGIN;
  const colon = user.indexOf(":");
  if (colon < 0) refuse(kind, "it has a user without a password (a password alone is :password@)");
  const username = decoded(kind, user.slice(0, colon));
  const password = decoded(kind, user.slice(colon + 1));
  if (password === "") refuse(kind, "the password is empty");
  return { username: username === "" ? NO_LOGIN.username : username, password };
}

function sentinelLogin(query: ReadonlyMap<string, string>): Login {
  const password = query.get("sentinel_password") ?? null;
  const username = query.get("sentinel_username") ?? NO_LOGIN.username;
  if (password === null && query.has("sentinel_username")) {
    refuse("sentinel", "it has sentinel_username without sentinel_password");
  }
  if (password === "" || username === "") refuse("sentinel", "the sentinels' user or password is empty");
  return { username, password };
}

function endpoints(kind: Kind, hosts: string, defaultPort: number): Endpoint[] {
  const texts = hosts.split(",");
  if (texts.length > MAX_ENDPOINTS) refuse(kind, `it names more than ${MAX_ENDPOINTS} servers`);
  return texts.map((text) => endpoint(kind, text, defaultPort));
}

/** `host`, `host:port`, `[address]`, `[address]:port`. */
function endpoint(kind: Kind, text: string, defaultPort: number): Endpoint {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-f:.]+(?:%25[\w.-]+)?)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i.exec(text) ??
    refuse(kind, "a server is not written as host, host:port or [address]:port");
  const port = digits === undefined ? defaultPort : Number(digits);
  if (port < 1 || port > 65_535) refuse(kind, "a port is not from 1 to 65535");
  return { host: decoded(kind, bracketed ?? plain ?? ""), port };
}

function database(kind: Kind, text: string): number {
  if (text === "") return 0;
  if (!/^\d{1,5}$/.test(text)) refuse(kind, "the database is not a number");
  return Number(text);
}

function flag(kind: Kind, text = "false"): boolean {
  if (text !== "true" && text !== "false") refuse(kind, "tls is neither true nor false");
  return text === "true";
}

function parameters(kind: Kind, query: string): Map<string, string> {
  const known = PARAMETERS[kind];
  const found = new Map<string, string>();
  for (const pair of query === "" ? [] : query.split("&")) {
    const equals = pair.indexOf("=");
    const name = equals < 0 ? "" : pair.slice(0, equals);
    if (!known.includes(name) || found.has(name)) {
      refuse(
        kind,
        known.length === 0 ? "nothing may come after a ?" : `after the ? may come, once, ${known.join(", ")}`,
      );
    }
    found.set(name, decoded(kind, pair.slice(equals + 1)));
  }
  return found;
}

function decoded(kind: Kind, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(kind, "a % is not followed by two hexadecimal digits that make a character");
  }
}
