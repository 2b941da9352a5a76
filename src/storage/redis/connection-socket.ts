import { Command, Redis, type RedisOptions } from "ioredis";
import { NotSentError, UnfitError } from "./errors.ts";
import type { Reply } from "./link.ts";
import type { Endpoint, Login } from "./url.ts";

/** Paths of PEM files. Read anew for every connection, so that a renewed certificate needs no restart. */
export interface TlsFiles {
  /** Authorities to trust instead of the well-known ones. */
  ca?: string | null;
  /** Our own certificate and its key, for a server that asks for one. */
  cert?: string | null;
  key?: string | null;
}

/** How to open a connection, whatever server it is to. */
export interface SocketOptions {
  login: Login;
  /** 0 where there is no choice. */
  db: number;
  /** Null: no TLS. */
  tls: TlsFiles | null;
  /** How long connecting, and any command, may take. */
  timeoutMs: number;
  /** What CLIENT LIST shows. */
  name: string;
}

const KEEP_ALIVE_MS = 10_000;
const GRACE_MS = 50;

/**
 * Opens one connection that is never renewed and sends nothing twice. Rejects with the first thing that goes wrong
 * before it can be used: it counts as failed when the database cannot be selected, too. A server that is silent
 * while something is asked of it loses the connection after `timeoutMs`.
 */
export async function openSocket(endpoint: Endpoint, options: SocketOptions): Promise<Redis> {
  const socket = new Redis(await settings(endpoint, options));
  let first: Error | null = null;
  socket.on("error", (error: Error) => {
    first ??= error;
  });
  try {
    await socket.connect();
    if (first !== null) throw first;
    return socket;
  } catch (error) {
    discard(socket);
    throw explained(first ?? error, options);
  }
}

/** Speaking TLS to a server that does not, or the other way round, shows as something else. */
function explained(error: unknown, { tls }: SocketOptions): unknown {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (tls !== null && code === "ETIMEDOUT") {
    return new UnfitError("it does not answer (ETIMEDOUT); does it speak TLS there?", { lasting: false });
  }
  if (tls === null && code === "ECONNRESET") {
    return new UnfitError("it hangs up (ECONNRESET); does it speak TLS only?", { lasting: false });
  }
  return error;
}

type Settings = RedisOptions & { replyMapping: "legacy" };

async function settings({ host, port }: Endpoint, options: SocketOptions): Promise<Settings> {
  const { login, db, tls, timeoutMs, name } = options;
  return {
    host,
    port,
    db,
    ...(login.password === null ? {} : { username: login.username, password: login.password }),
    ...(tls === null ? {} : { tls: await readTls(tls) }),
    connectionName: name,
    protocol: 2,
    replyMapping: "legacy",
    lazyConnect: true,
    retryStrategy: null,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    // Less than the others, so that who waits for a connection learns that it was this.
    connectTimeout: Math.ceil(timeoutMs * 0.8),
    commandTimeout: timeoutMs,
    // After the command that it kept waiting, which says why.
    socketTimeout: timeoutMs + GRACE_MS,
    keepAlive: KEEP_ALIVE_MS,
  };
}

async function readTls({ ca, cert, key }: TlsFiles): Promise<NonNullable<RedisOptions["tls"]>> {
  return {
    ...(ca ? { ca: await readPem("tls_ca", ca) } : {}),
    ...(cert ? { cert: await readPem("tls_cert", cert) } : {}),
    ...(key ? { key: await readPem("tls_key", key) } : {}),
  };
}

async function readPem(name: string, path: string): Promise<string> {
  try {
    return await Bun.file(path).text();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new UnfitError(`the file ${path} of storage.redis.${name} cannot be read (${code})`, {
      lasting: true,
    });
  }
}

export function canSend(socket: Redis): boolean {
  return socket.status === "ready" && socket.stream.writable;
}

/** Sends one command, whose strings come back as bytes. `NotSentError` when the connection is down already. */
export function send(socket: Redis, name: string, args: (string | Buffer | number)[]): Promise<Reply> {
  if (!canSend(socket)) return Promise.reject(new NotSentError());
  const command = new Command(name, args, { replyEncoding: null });
  // Else the client makes text of every argument for a diagnostics channel that Bun never reports as unused: a fifth
  // of the time of a call.
  command.isTraced = true;
  socket.sendCommand(command);
  return command.promise as Promise<Reply>;
}

/** Connects, asks one thing, and leaves. */
export async function askOnce(endpoint: Endpoint, options: SocketOptions, command: string[]): Promise<Reply> {
  const socket = await openSocket(endpoint, options);
  try {
    const [name = "", ...args] = command;
    return await send(socket, name, args);
  } finally {
    discard(socket);
  }
}

/** Ends a connection that is used no more once what was asked on it is answered. */
export function retire(socket: Redis): void {
  if (socket.status === "ready" && socket.commandQueue.length > 0) void socket.quit().catch(() => {});
  else discard(socket);
}

/** Ends a connection at once. */
export function discard(socket: Redis): void {
  if (socket.status === "end") return;
  socket.disconnect();
  // `stream` is not there before the first attempt to connect, whatever its type says.
  (socket.stream as Redis["stream"] | undefined)?.destroy();
}
