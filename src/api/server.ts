import http from "node:http";
import { StartupError } from "../core/errors.ts";
import { type ApiDeps, createApi } from "./app.ts";
import { HttpError } from "./http-error.ts";
import { replyError } from "./reply.ts";
import { readTls } from "./tls.ts";

/** A running API. */
export interface RunningApi {
  /** Where it listens, as `http://127.0.0.1:9000`. */
  url: string;
  /** Takes no new connection, lets requests finish for a moment, then closes what is left. Idempotent. */
  stop(): Promise<void>;
}

/** How long requests may take to finish when the API stops, ms. */
const STOP_GRACE_MS = 5000;

/** Listens as `config.server` says. Throws `StartupError` when that is not possible. */
export async function startApi(deps: ApiDeps): Promise<RunningApi> {
  const api = createApi({ ...deps, peerOf: (request) => server.requestIP(request)?.address ?? null });
  const server = listen(deps, (request) => api.handle(request));
  let stopped: Promise<void> | undefined;

  async function stop(): Promise<void> {
    api.release();
    const late = Promise.withResolvers<void>();
    const timer = deps.clock.after(STOP_GRACE_MS, late.resolve);
    await Promise.race([server.stop(), late.promise]);
    timer.cancel();
    await server.stop(true);
  }

  return {
    url: server.url.origin,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

function listen({ config, log }: ApiDeps, fetch: (request: Request) => Promise<Response>) {
  const { host, port, headerTimeout, idleTimeout, tls } = config.server;
  const secure = readTls(tls);
  raiseHeadLimit(config.server);
  try {
    return Bun.serve({
      hostname: host,
      port,
      // Bytes of headers that trickle in do not prolong it.
      idleTimeout: headerTimeout,
      development: false,
      // Bun shares the port of a second server otherwise, silently, once `development` is off.
      reusePort: false,
      // Bun's own refusal has no body; ours bounds what it reads itself.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      ...(secure && { tls: secure }),
      fetch(request, server) {
        server.timeout(request, idleTimeout);
        return fetch(request);
      },
      error(error) {
        log.error("a request failed outside its handler", { error });
        return replyError(new HttpError(500, "internal error; see the log"));
      },
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new StartupError(`cannot listen on ${host}:${port}: ${reason(code)}`, { cause: error });
  }
}

/** What Bun's parser takes beyond our own limits, which answer in the envelope; its own 431 has no body. */
const HEAD_MARGIN = 16 * 1024;

/** Of the whole process, as Bun has it. */
function raiseHeadLimit({ maxUrl, maxHeaders }: ApiDeps["config"]["server"]): void {
  Object.assign(http, { maxHeaderSize: maxUrl + maxHeaders + HEAD_MARGIN });
}

function reason(code: string): string {
  if (code.startsWith("ERR_OSSL")) return `${code}; check server.tls.cert and server.tls.key`;
  switch (code) {
    case "EADDRINUSE":
      return "the port is in use; stop what uses it, or set server.port";
    case "EACCES":
      return "not allowed; take a port above 1023, or set server.port";
    default:
      return `${code || "unknown error"}; check server.host and server.port`;
  }
}
