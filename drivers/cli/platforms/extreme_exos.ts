import { definePlatform } from "../platform.ts";

/** Extreme ExtremeXOS. It counts commands in its prompt, where a star says that the configuration is not saved. */
export default definePlatform({
  deviceType: "extreme_exos",
  aliases: ["extreme"],
  telnet: ["extreme_exos_telnet", "extreme_telnet"],
  title: "Extreme EXOS",
  ntcName: "extreme_exos",
  detect: { send: "show version", says: [/\bExtremeXOS\b/] },
  modes: {
    cli: {
      prompt: /^(?:\* )?(?:Slot-\d{1,2} )?(?<host>\w[\w-]{0,63})(?:\(.{1,20}\))?\.\d{1,6} [#>]$/,
      steps: {},
    },
  },
  commandModes: ["cli"],
  privilegedMode: "cli",
  configMode: "cli",
  onOpen: ["disable clipaging session"],
  pager: { question: /^press <space> to continue or <q> to quit:?$/i, answer: " " },
  runningConfig: { send: "show configuration", ignores: [] },
  refusals: {
    command: [
      /^%% ?(?:Invalid|Incomplete|Ambiguous|Unrecognized|Permission)/i,
      /^Error: (?:Permission|Authorization)/i,
    ],
    config: [/^(?:Error|Invalid|Cannot|Failed)\b/i, /^%% /],
    preamble: [/^\s*\^$/],
  },
  renames: /\bsysname\b/i,
  save: {
    send: "save configuration",
    questions: [{ asks: /\(y\/n\):?$/i, answer: { text: "y" } }],
    success: /sav(?:ed|ing) .{0,80}success|success.{0,80}saved|done!/i,
    seconds: 120,
  },
});
