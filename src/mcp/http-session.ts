import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { Netpulse } from "../client/index.ts";
import type { HttpTerms, OpenTerms } from "./http-terms.ts";
import { serveSession } from "./server.ts";

/** The API itself, in the process. */
const INSIDE = "http://localhost";
const SESSION_HEADER = "mcp-session-id";

export async function openSession(terms: HttpTerms, { id, scopes, fetch }: OpenTerms) {
  const { clock } = terms;
  const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => id });
  const server = await serveSession(
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
    answer: (request: Request, message: unknown) =>
      transport.handleRequest(inside(request), { parsedBody: message }),
    close: () => server.close(),
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
