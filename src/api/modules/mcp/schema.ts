import { type Static, Type } from "@sinclair/typebox";
import { shape } from "../../shape.ts";

/** What belongs to a method is checked by who serves it. */
const anyObject = (description: string) =>
  Type.Optional(
    Type.Unsafe<Record<string, unknown>>(
      Type.Object({}, { description, additionalProperties: true, expected: "an object" }),
    ),
  );

export const messageShape = shape(
  Type.Object(
    {
      jsonrpc: Type.Literal("2.0"),
      id: Type.Optional(
        Type.Union([Type.String({ maxLength: 256 }), Type.Integer()], {
          description: "Of a request, and of the answer to one; a notification has none.",
          expected: "a text or an integer",
        }),
      ),
      method: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 256,
          description: "Of a request or a notification.",
          expected: "the name of a method",
        }),
      ),
      params: anyObject("Depends on the method."),
      result: anyObject("The answer to a request of the server."),
      error: anyObject("The refusal of a request of the server."),
    },
    { $id: "McpMessage", additionalProperties: false },
  ),
);
export type McpMessage = Static<typeof messageShape.schema>;

export const SESSION_HEADER = "Mcp-Session-Id";

export const sessionHeader = {
  [SESSION_HEADER]: Type.String({
    maxLength: 64,
    examples: ["1f0c9a58-7d8e-4c1a-9b0a-2f4c3f6f1f77"],
    description: "The session, as the answer to `initialize` has named it; `initialize` itself has none.",
  }),
};

export const versionHeader = {
  "MCP-Protocol-Version": Type.String({
    maxLength: 32,
    examples: ["2025-11-25"],
    description: "The version that both have agreed on.",
  }),
};
