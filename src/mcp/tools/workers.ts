import { Type } from "@sinclair/typebox";
import { defineTool, READS } from "../tool.ts";
import { DEFAULT_LIMIT, listing, oneOf, text } from "./parameters.ts";

export const workersListTool = defineTool({
  name: "workers_list",
  title: "List workers",
  description:
    "Lists the workers that run jobs: busy, idle, suspended or dead, and whether their device session is open.",
  needs: ["read"],
  actsWith: ["read"],
  hints: READS,
  input: Type.Object(
    {
      queue: Type.Optional(text("Only those that listen on this queue.")),
      node: Type.Optional(text("Only those of this node.")),
      host: Type.Optional(text("Only that of this device.")),
      status: Type.Optional(oneOf(["busy", "idle", "suspended", "dead"], "Only those in this status.")),
      ...listing,
    },
    { additionalProperties: false },
  ),
  async run({ limit = DEFAULT_LIMIT, ...filter }, { client, signal }) {
    const { items, nextCursor } = await client.workers.list({ ...filter, limit }, { signal });
    return { content: { workers: items, next_cursor: nextCursor } };
  },
});
