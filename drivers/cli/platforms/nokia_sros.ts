import { definePlatform } from "../platform.ts";

/**
 * Nokia SR OS with its model-driven command line (MD-CLI). Its prompts are two lines, of which the first says where one
 * is: `(ex)[/configure]`, or `[ex:/configure]` in newer releases.
 */
export default definePlatform({
  deviceType: "nokia_sros",
  telnet: ["nokia_sros_telnet"],
  title: "Nokia SR OS (MD-CLI)",
  ntcName: "alcatel_sros",
  remarks: [
    "A session that begins in the classic command line changes to the MD-CLI by `//`, if the router lets it. For routers " +
      "that have only the classic one there is `alcatel_sros`.",
  ],
  promptHead: /^[!*]{0,2}(?:\((?:ex|gl|pr|ro|bo)\) ?)?\[[^\]]{0,200}\]$/,
  detect: { send: "show version", says: [/^TiMOS-/, /^[!*]{0,2}(?:\(\w\w\) ?)?\[[^\]]{0,200}\]$/] },
  modes: {
    exclusive: {
      prompt: /^[A-D]:(?<host>[\w.-]{1,32}@[\w.-]{1,64})#$/,
      head: /^[!*]{0,2}(?:\((?:ex|gl|pr|bo)\) ?\[\/?\]|\[(?:ex|gl|pr|bo):\/?\])$/,
      steps: {
        operational: {
          send: "quit-config",
          questions: [{ asks: /^discard uncommitted changes\? \[y,n\]:?$/i, answer: { text: "y" } }],
        },
      },
    },
    context: {
      prompt: /^[A-D]:(?<host>[\w.-]{1,32}@[\w.-]{1,64})#$/,
      head: /^[!*]{0,2}(?:\((?:ex|gl|pr|bo)\) ?\[|\[(?:ex|gl|pr|bo):)/,
      steps: { exclusive: { send: "exit all" } },
    },
    operational: {
      prompt: /^[A-D]:(?<host>[\w.-]{1,32}@[\w.-]{1,64})#$/,
      steps: {
        exclusive: {
          send: "edit-config exclusive",
          denials: [
            {
              says: /\b(?:exclusive|lock)/i,
              type: "ConfigLocked",
              message: "someone else has locked the configuration",
            },
          ],
        },
      },
    },
    classic: {
      prompt: /^\*?[A-D]:(?<host>[\w.-]{1,64})(?:>[\w>."-]{1,120})?[#$]$/,
      steps: { operational: { send: "//" } },
    },
  },
  commandModes: ["operational"],
  privilegedMode: "operational",
  configMode: "exclusive",
  levels: { mode: "context", close: "exit all", applies: null },
  onOpen: ["environment console width 512", "environment more false"],
  pager: {
    question: /^press q to quit, enter to print next line or any other key to print next page\.$/i,
    answer: " ",
  },
  runningConfig: { send: "admin show configuration", ignores: [/^# (?:Generated|Finished) /] },
  refusals: {
    command: [/^(?:MINOR|MAJOR|CRITICAL): /, /^Error: /],
    config: [],
    preamble: [/^\s*\^{1,80}$/],
  },
  renames: /\bsystem name\b|^\s*name\b/,
  candidate: {
    diff: "compare",
    commit: {
      send: "commit",
      seconds: 120,
      denials: [
        {
          says: /^(?:MINOR|MAJOR): .{0,200}\b(?:locked|another (?:session|user))\b/i,
          type: "ConfigLocked",
          message: "nothing was committed: someone else has locked the configuration",
        },
        { says: /^(?:MINOR|MAJOR|CRITICAL|Error): /, type: "ConfigError", message: "the commit failed" },
      ],
      success: null,
    },
    explain: null,
    trial: {
      send: "commit confirmed {time}",
      unit: 60,
      min: 60,
      max: 10_080,
      success: null,
      confirm: "commit confirmed accept",
    },
  },
  save: { send: "admin save", success: /\bOK\b|^Completed\b/m, seconds: 120 },
});
