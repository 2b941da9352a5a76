import { createHash } from "node:crypto";
import { Elysia } from "elysia";
import type { Clock } from "../../../core/clock.ts";
import type { Authenticator } from "../../auth.ts";
import type { JsonReader } from "../../body.ts";
import type { Clients } from "../../clients.ts";
import { HttpError, invalidFields } from "../../http-error.ts";
import { noQuery, readQuery } from "../../query.ts";
import { reply, SECURITY_HEADERS } from "../../reply.ts";
import { EVENT_STREAM } from "../events/stream.ts";
import { endDocs, messageDocs } from "./docs.ts";
import { foreignOrigin, originJudge } from "./origin.ts";
import { messageShape, SESSION_HEADER } from "./schema.ts";
import type { McpServers } from "./servers.ts";
import { McpSessions, type Session, type SessionLimits } from "./sessions.ts";

export interface McpDeps {
  servers: McpServers;
  auth: Authenticator;
  clients: Pick<Clients, "of">;
  clock: Clock;
  readJson: JsonReader;
  limits: SessionLimits;
  corsOrigins: string | null;
  /** This API, for what tools ask of it. */
  ask(request: Request): Promise<Response>;
  /** Aborts when the API stops: sessions end. */
  stopping: AbortSignal;
}

export function mcpRoutes(deps: McpDeps) {
  const sessions = new McpSessions(deps.clock, deps.limits);
  const mayUse = originJudge(deps.corsOrigins);
  deps.stopping.addEventListener("abort", () => void sessions.endAll(), { once: true });

  function checkOrigin(request: Request): void {
    const origin = request.headers.get("origin");
    if (origin !== null && !mayUse(origin, deps.clients.of(request).host)) throw foreignOrigin();
  }

  return new Elysia({ name: "mcp" })
    .post(
      "/mcp",
      ({ request }) => {
        checkOrigin(request);
        return message(deps, sessions, request);
      },
      { detail: messageDocs, parse: "none" },
    )
    .delete(
      "/mcp",
      async ({ request }) => {
        checkOrigin(request);
        readQuery(request.url, noQuery);
        await sessions.end(sessionOf(deps, sessions, request));
        return reply("ended");
      },
      { detail: endDocs },
    );
}

async function message(deps: McpDeps, sessions: McpSessions, request: Request): Promise<Response> {
  readQuery(request.url, noQuery);
  const body = await deps.readJson(request);
  if (!messageShape.fits(body)) throw invalidFields(messageShape.errors(body, "body"));
  const begins = body.method === "initialize" && !request.headers.has(SESSION_HEADER);
  if (!begins) return await answer(sessions, sessionOf(deps, sessions, request), request, body);
  const session = open(deps, sessions, request);
  try {
    return await answer(sessions, session, request, body);
  } catch (error) {
    await sessions.end(session); // it never began
    throw error;
  }
}

function open({ auth, servers, ask }: McpDeps, sessions: McpSessions, request: Request): Session {
  const { key, access } = auth.callerOf(request);
  const apiKey = auth.keyOf(request);
  return sessions.open({
    key,
    digest: digestOf(apiKey),
    make: (id) =>
      servers.open({ id, scopes: access.scopes, fetch: (url, init) => inside(ask, apiKey, url, init) }),
  });
}

function sessionOf({ auth }: McpDeps, sessions: McpSessions, request: Request): Session {
  const id = request.headers.get(SESSION_HEADER);
  if (id === null) {
    throw new HttpError(400, "the header Mcp-Session-Id is missing; a session begins with initialize");
  }
  return sessions.find(id, digestOf(auth.keyOf(request)));
}

function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** As over a connection: who gives up gets no answer any more. */
function inside(ask: McpDeps["ask"], apiKey: string, url: string, init: RequestInit): Promise<Response> {
  const request = new Request(url, init);
  request.headers.set("x-api-key", apiKey);
  return new Promise((resolve, reject) => {
    request.signal.addEventListener("abort", () => reject(request.signal.reason), { once: true });
    ask(request).then(resolve, reject);
  });
}

async function answer(
  sessions: McpSessions,
  session: Session,
  request: Request,
  body: unknown,
): Promise<Response> {
  const done = sessions.begin(session);
  try {
    const given = await session.server.answer(request, body);
    if (!given.ok) throw refused(given);
    if (given.body === null) {
      done();
      return new Response(null, { status: given.status, headers: SECURITY_HEADERS });
    }
    const headers = { ...SECURITY_HEADERS, "content-type": EVENT_STREAM, [SESSION_HEADER]: session.id };
    return new Response(untilEnd(given.body, done), { headers });
  } catch (error) {
    done();
    throw error;
  }
}

/** In words of ours: those of others may repeat what was sent. */
function refused({ status }: Response): HttpError {
  if (status === 404) return new HttpError(404, "the session is over; begin a new one with initialize");
  return new HttpError(
    400,
    "this is no message of MCP that can be taken here: check its form, the header MCP-Protocol-Version, and that a session is initialized but once",
  );
}

function untilEnd(body: ReadableStream<Uint8Array>, onEnd: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value);
      onEnd();
      controller.close();
    },
    cancel(reason) {
      onEnd();
      return reader.cancel(reason);
    },
  });
}
