import { Type } from "@sinclair/typebox";
import { SCOPES } from "../../../core/access.ts";
import { operation } from "../../openapi.ts";
import { EVENT_STREAM } from "../events/stream.ts";
import { messageShape, sessionHeader, versionHeader } from "./schema.ts";

const initialize = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "example", version: "1.0.0" },
  },
};

const call = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "jobs_list", arguments: { status: "failed", limit: 10 } },
};

const answer = `event: message
data: {"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"netpulse","version":"0.1.0"}},"jsonrpc":"2.0","id":0}

`;

const noSession = {
  status: 404,
  description: "There is no such session of this key, or not any more: begin a new one.",
  example: { message: "no such session, or not any more; begin a new one with initialize" },
};

export const messageDocs = operation({
  id: "sendMcpMessage",
  tag: "MCP",
  scope: SCOPES,
  summary: "A message of the Model Context Protocol",
  description: [
    "Streamable HTTP, for clients that speak MCP. Which tools a session has depends on its key's scopes.",
    "",
    "One JSON-RPC message in each request. A request is answered with events, the last of which is its answer; what stands before it may be requests of the server, which are answered by messages of their own. `GET` is not served: nothing comes outside of an answer.",
  ].join("\n"),
  headers: { ...sessionHeader, ...versionHeader },
  body: {
    schema: messageShape.schema,
    examples: {
      initialize: { summary: "Begin a session", value: initialize },
      call: { summary: "Call a tool, in a session", value: call },
    },
  },
  success: {
    status: 200,
    description: "To a request: its answer.",
    text: { type: EVENT_STREAM, example: answer },
    headers: { "Mcp-Session-Id": "The session, for all further messages." },
  },
  others: [{ status: 202, description: "A notification or an answer was taken." }],
  failures: [noSession, 408, 413, 415, 422],
});

export const endDocs = operation({
  id: "endMcpSession",
  tag: "MCP",
  scope: SCOPES,
  summary: "End a session of MCP",
  headers: { ...sessionHeader, ...versionHeader },
  success: {
    status: 200,
    description: "It is over.",
    data: Type.Literal("ended"),
    example: { code: 200, message: "success", data: "ended" },
  },
  failures: [noSession, 422],
});
