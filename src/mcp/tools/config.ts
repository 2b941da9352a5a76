import { Type } from "@sinclair/typebox";
import { wrongFields } from "../answers.ts";
import { defineTool } from "../tool.ts";
import { visible } from "../visible.ts";
import { deviceArguments, requestOf, runJob } from "./device.ts";
import { text } from "./parameters.ts";

/** Of all that is to be confirmed: nobody is asked to agree to what cannot be shown. */
const MAX_SHOWN = 16_000;

const input = Type.Object(
  {
    ...deviceArguments,
    config: Type.Union(
      [Type.String({ minLength: 1 }), Type.Array(Type.String(), { minItems: 1, maxItems: 10_000 })],
      {
        description: "Lines of configuration, as text or as a list.",
        expected: "text or a list of texts, and not empty",
      },
    ),
    confirm: Type.Optional(
      text("The token that the call before, with the same arguments, was answered with.", "a token"),
    ),
  },
  { additionalProperties: false },
);

export const configTool = defineTool({
  name: "config",
  title: "Configure a device",
  description:
    "Applies lines of configuration to a device, and stops at the first one it refuses. Nothing is applied without consent: the user is asked, or, where the client cannot ask, the first call only returns the proposal with a token, to be shown to the user; a second call with the same arguments and confirm set to the token applies it.",
  needs: ["config"],
  actsWith: ["read", "config"],
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  input,
  async run({ confirm, ...args }, call) {
    const { wait, ...terms } = args;
    const proposal = proposalOf(terms);
    if (proposal.length > MAX_SHOWN) {
      return wrongFields([
        {
          loc: ["config"],
          msg: `must be shown to be confirmed, and is longer than ${MAX_SHOWN} characters; apply it in parts, or by the API`,
        },
      ]);
    }
    const consent = await call.consent({ text: proposal, terms, token: confirm });
    if (!consent.given) return consent.answer;
    return await runJob(requestOf(args, call), call, wait);
  },
});

interface Terms {
  driver?: string;
  connection_args: Record<string, unknown>;
  driver_args?: Record<string, unknown>;
  credential?: unknown;
  config: string | string[];
}

/** Each line of what came from the client begins with a mark, so that none can pass for one of ours. */
function proposalOf({ driver = "netmiko", connection_args, config, ...rest }: Terms): string {
  const { driver_args, credential } = rest;
  const { host, port, site, device_type } = connection_args;
  const others = Object.keys(connection_args).filter((name) => !SHOWN.has(name));
  const lines = (typeof config === "string" ? config : config.join("\n")).split(/\r\n|\n|\r/);
  return [
    "Apply this configuration?",
    `device: ${shown(host)}${port === undefined ? "" : `, port ${shown(port)}`}${site === undefined ? "" : `, site ${shown(site)}`}`,
    `driver: ${shown(driver)}${device_type === undefined ? "" : `, ${shown(device_type)}`}`,
    ...(others.length > 0 ? [`with: ${others.map(shown).join(", ")}`] : []),
    ...(credential === undefined ? [] : [`credential: ${visible(JSON.stringify(credential))}`]),
    ...(driver_args === undefined ? [] : [`driver_args: ${visible(JSON.stringify(driver_args))}`]),
    `${lines.length} line${lines.length === 1 ? "" : "s"}:`,
    ...lines.map((line) => `  | ${visible(line)}`),
  ].join("\n");
}

const SHOWN = new Set(["host", "port", "site", "device_type"]);

function shown(value: unknown): string {
  return visible(typeof value === "string" ? value.replace(/\s+/g, " ") : (JSON.stringify(value) ?? "none"));
}
