import { Type } from "@sinclair/typebox";
import type { ParseRequest } from "../../client/index.ts";
import { Room } from "../cutting.ts";
import { defineTool, READS } from "../tool.ts";
import { oneOf, openObject, text } from "./parameters.ts";

export const parseTool = defineTool({
  name: "parse",
  title: "Make data of output",
  description:
    "Makes records of what a device has printed, by TextFSM, TTP or one regex with named groups. Without a template, textfsm looks for one by platform and command.",
  needs: ["read", "exec", "config"],
  actsWith: ["read", "exec", "config"],
  hints: READS,
  input: Type.Object(
    {
      name: oneOf(["textfsm", "ttp", "regex"], "The parser."),
      template: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 1_048_576,
          description: "The template itself, or a file of the server's template folder.",
          expected: "the text of a template, or its file",
        }),
      ),
      context: Type.String({ description: "The text to parse.", expected: "the text to parse" }),
      platform: Type.Optional(text("textfsm without a template: the platform, as cisco_ios.")),
      command: Type.Optional(text("textfsm without a template: the command that printed the text.")),
      options: Type.Optional(openObject("Each parser takes its own.")),
    },
    { additionalProperties: false },
  ),
  async run(args, { client, signal }) {
    const parsed = await client.templates.parse(args as ParseRequest, { signal });
    return { content: shown(parsed), untrusted: true };
  },
});

/** Records as long as there is room for them. */
function shown(parsed: unknown): Record<string, unknown> {
  const room = new Room();
  if (!Array.isArray(parsed)) {
    return room.fits(parsed)
      ? { parsed }
      : { parsed: null, note: "What was made of it is too long to be shown; parse less at once." };
  }
  const end = parsed.findIndex((record) => !room.fits(record));
  if (end < 0) return { parsed };
  return { parsed: parsed.slice(0, end), records_left_out: parsed.length - end };
}
