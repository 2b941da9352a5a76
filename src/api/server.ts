import { StartupError } from "../core/errors.ts";
import { type ApiDeps, createApi } from "./app.ts";

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
  const api = createApi(deps);
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
  const { host, port, idleTimeout } = config.server;
  try {
    return Bun.serve({
      hostname: host,
      port,
      idleTimeout,
      development: false,
      // Bun shares the port of a second server otherwise, silently, once `development` is off.
      reusePort: false,
      // Bun's own refusal has no body; ours bounds what it reads itself.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
      fetch,
      error(error) {
        log.error("a request failed outside its handler", { error });
        return Response.json(
          { code: -1, message: "internal error; see the log", data: null },
          { status: 500 },
        );
      },
    });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new StartupError(`cannot listen on ${host}:${port}: ${reason(code)}`, { cause: error });
  }
}

function reason(code: string): string {
  switch (code) {
    case "EADDRINUSE":
      return "the port is in use; stop what uses it, or set server.port";
    case "EACCES":
      return "not allowed; take a port above 1023, or set server.port";
    default:
      return `${code || "unknown error"}; check server.host and server.port`;
  }
}
