import type { Scope } from "../../../core/access.ts";

/** Who speaks MCP; the edge of it in HTTP is ours. */
export interface McpServers {
  /** A server for one session, which begins with the first message that it is given. */
  open(terms: McpTerms): McpServer;
}

export interface McpTerms {
  id: string;
  /** Of the key that the session is for. */
  scopes: readonly Scope[];
  /** Asks this API with that key: whatever is done goes through it. */
  fetch(url: string, init: RequestInit): Promise<Response>;
}

export interface McpServer {
  /** The answer to a message: a stream of events, nothing (202), or a refusal. */
  answer(request: Request, message: unknown): Promise<Response>;
  close(): Promise<void>;
}
