import { Type } from "@sinclair/typebox";
import { defineTool, READS, type Tool } from "../tool.ts";
import { text } from "./parameters.ts";

/** A kind of device, as far as it is told; the rows of `netpulse platforms` fit. */
export interface PlatformInfo {
  device_type: string;
  aliases: readonly string[];
  title: string;
  config: string;
  ntc_templates: string | null;
}

export function platformsListTool(platforms: readonly PlatformInfo[]): Tool {
  return defineTool({
    name: "platforms_list",
    title: "List kinds of devices",
    description:
      "Lists the values of device_type that the driver netmiko knows, whether lines of configuration take effect at once or at a commit, and the platform's name for textfsm.",
    needs: [],
    actsWith: [],
    hints: READS,
    input: Type.Object(
      { search: Type.Optional(text("Only those with this in their name or title, in any case.")) },
      { additionalProperties: false },
    ),
    async run({ search = "" }) {
      const wanted = search.toLowerCase();
      const rows = platforms.filter(({ device_type, title, aliases }) =>
        [device_type, title, ...aliases].some((name) => name.toLowerCase().includes(wanted)),
      );
      return {
        content: {
          platforms: rows.map(({ device_type, aliases, title, config, ntc_templates }) => ({
            ...{ device_type, aliases, title, config, ntc_templates },
          })),
        },
      };
    },
  });
}
