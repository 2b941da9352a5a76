import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { StartupError } from "../core/errors.ts";
import { type Environment, processEnvironment } from "./environment.ts";
import { loadConfig } from "./load.ts";
import type { Config } from "./schema.ts";

/** Where an API is, and what lets us in. */
export interface Login {
  url: string;
  /** null: none is known; the API will say so. */
  apiKey: string | null;
}

/** The login that is kept for this user. */
export function loginFile(env: Environment): string {
  const folder = env.XDG_CONFIG_HOME || (env.HOME ? join(env.HOME, ".config") : null);
  if (folder === null) throw new StartupError("neither HOME nor XDG_CONFIG_HOME says where a login is kept");
  return join(folder, "netpulse", "login.json");
}

/** Written beside and renamed, so that nobody ever finds half of it, nor finds it open to others. */
export function keepLogin({ url, apiKey }: Login, env: Environment = processEnvironment()): string {
  const path = loginFile(env);
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${JSON.stringify({ url, api_key: apiKey }, null, 2)}\n`, { mode: 0o600 });
    chmodSync(draft, 0o600);
    renameSync(draft, path);
    return path;
  } catch (error) {
    rmSync(draft, { force: true });
    throw new StartupError(`the login cannot be kept in ${path}${codeOf(error)}`, { cause: error });
  }
}

/** Answers whether there was one. */
export function forgetLogin(env: Environment = processEnvironment()): boolean {
  const path = loginFile(env);
  const there = existsSync(path);
  rmSync(path, { force: true });
  return there;
}

/**
 * The first that names a URL: the option, NETPULSE_URL, the kept login, a server of this machine. A key is only
 * ever sent to the URL it was kept for.
 */
export function findLogin(option: string | undefined, env: Environment = processEnvironment()): Login {
  const kept = readLogin(env);
  const url = option ?? (env.NETPULSE_URL || undefined);
  const given = env.NETPULSE_API_KEY || null;
  if (url !== undefined) {
    const fits = kept !== null && sameServer(kept.url, url);
    return { url, apiKey: given ?? (fits ? kept.apiKey : localKey(url, env)) };
  }
  if (kept !== null) return { url: kept.url, apiKey: given ?? kept.apiKey };
  const local = localServer(env);
  return { url: local.url, apiKey: given ?? local.apiKey };
}

function readLogin(env: Environment): Login | null {
  if (!env.XDG_CONFIG_HOME && !env.HOME) return null;
  const path = loginFile(env);
  if (!existsSync(path)) return null;
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new StartupError(
      `${path} can be read by others; chmod 600 it, and have the key changed if they did`,
    );
  }
  return parseLogin(readFileSync(path, "utf8"), path);
}

function parseLogin(text: string, path: string): Login {
  const broken = new StartupError(`${path} is not a login; make it anew with netpulse login`);
  try {
    const { url, api_key: apiKey } = JSON.parse(text);
    if (typeof url !== "string" || (apiKey !== null && typeof apiKey !== "string")) throw broken;
    return { url, apiKey };
  } catch {
    throw broken;
  }
}

function sameServer(one: string, other: string): boolean {
  const plain = (url: string) => (URL.canParse(url) ? new URL(url).href.replace(/\/+$/, "") : url);
  return plain(one) === plain(other);
}

/** What `serve` of the same folder and environment uses. */
function localServer(env: Environment): Login {
  const { config } = loadConfig({ env });
  const apiKey = config.server.apiKey ?? readKey(join(config.dataDir, "api-key"));
  return { url: serverUrl(config.server), apiKey };
}

/** Where a server of that configuration is found from its own machine. */
export function serverUrl({ host, port, tls }: Config["server"]): string {
  const name = ANYWHERE.has(host) ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `${tls.cert === null ? "http" : "https"}://${name}:${port}`;
}

/** The key of this machine's own server, where the URL is that server's. */
function localKey(url: string, env: Environment): string | null {
  const local = localServer(env);
  return sameServer(local.url, url.replace(/^(https?):\/\/localhost(?=[:/]|$)/, "$1://127.0.0.1"))
    ? local.apiKey
    : null;
}

const ANYWHERE = new Set(["0.0.0.0", "::", "localhost"]);

function readKey(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null; // no server has run here, or it is somebody else's
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? ` (${error.code})` : "";
}
