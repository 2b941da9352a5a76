import { Type } from "@sinclair/typebox";
import { defineTool } from "../tool.ts";
import { deviceArguments, requestOf, runJob } from "./device.ts";
import { openObject } from "./parameters.ts";

const commandEntry = Type.Unsafe<{ command: string }>(
  Type.Object(
    { command: Type.String({ description: "The command." }) },
    { additionalProperties: true, expected: "text, or an object with the text as command" },
  ),
);

export const execTool = defineTool({
  name: "exec",
  title: "Run commands on a device",
  description:
    "Runs commands on a network device or server, one after another, waits for the end and returns what they print. Lines that configure a device are refused: use config for them. What a command does is up to the device: a show command reads, others may change or restart it.",
  needs: ["exec"],
  actsWith: ["read", "exec"],
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  input: Type.Object(
    {
      ...deviceArguments,
      command: Type.Union(
        [
          Type.String({ minLength: 1 }),
          Type.Array(Type.Union([Type.String(), commandEntry]), { minItems: 1, maxItems: 1000 }),
        ],
        { description: "A command, or a list of them.", expected: "text or a list of texts, and not empty" },
      ),
      parsing: Type.Optional(
        openObject("Make data of the output: {name: textfsm | ttp | regex, template, …}; result: parsed."),
      ),
    },
    { additionalProperties: false },
  ),
  run: (args, call) => runJob(requestOf(args, call), call, args.wait),
});
