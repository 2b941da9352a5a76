import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { type Fetch, Netpulse } from "../client/index.ts";
import type { Scope } from "../core/access.ts";
import type { Clock } from "../core/clock.ts";
import type { ApprovalPolicy } from "./approvals.ts";
import { serveSession } from "./server.ts";
import type { PlatformInfo } from "./tools/platforms.ts";

export interface HttpTerms {
  platforms: readonly PlatformInfo[];
  approval: ApprovalPolicy;
  clock: Clock;
  onFault(error: unknown): void;
}

/** What the API says of a session that begins. */
export interface OpenTerms {
  id: string;
  scopes: readonly Scope[];
  fetch: Fetch;
}

/** The API itself, in the process. */
const INSIDE = "http://localhost";
const SESSION_HEADER = "mcp-session-id";

/** A server for each session of the API; `fetch` asks that API with the session's key. */
export function httpServers(terms: HttpTerms) {
  return {
    open({ id, scopes, fetch }: OpenTerms) {
      const { clock } = terms;
      const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => id });
      const server = serveSession(
        {
          ...terms,
          scopes,
          // Whoever calls a tool hears at once of what can be tried again.
          clientWith: (only) => new Netpulse({ url: INSIDE, fetch, scopes: only, clock, retryForMs: 0 }),
          // The service's own environment is nobody's login.
          loginFor: () => ({}),
        },
        transport,
      );
      return {
        async answer(request: Request, message: unknown): Promise<Response> {
          await server;
          return await transport.handleRequest(inside(request), { parsedBody: message });
        },
        close: async () => (await server).close(),
      };
    },
  };
}

/** Of the request what the transport needs; its body has been read, and its key is nothing for it. */
function inside({ headers }: Request): Request {
  const kept = new Headers({
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  });
  for (const name of [SESSION_HEADER, "mcp-protocol-version"]) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  return new Request(`${INSIDE}/mcp`, { method: "POST", headers: kept });
}
