import { definePlatform } from "../platform.ts";

/** VyOS, whose command line is a bash: each session has a candidate of its own, and `save` is typed where lines are. */
export default definePlatform({
  deviceType: "vyos",
  aliases: ["vyatta_vyos", "brocade_vyos"],
  title: "VyOS",
  ntcName: "vyos",
  shell: true,
  remarks: [
    "`commit-confirm` is not used: what VyOS does when it is not confirmed (restart, or load the last configuration) " +
      "differs between its releases.",
  ],
  literalNext: "\x16",
  promptHead: /^\[edit[^\]]{0,300}\]$/,
  detect: { send: "show version", says: [/^Version: {1,20}VyOS\b/] },
  modes: {
    config: {
      prompt: /^(?<host>\w[\w.-]{0,32}@[\w.-]{1,63})#$/,
      steps: { operational: { send: "exit discard" } },
    },
    operational: {
      prompt: /^(?<host>\w[\w.-]{0,32}@[\w.-]{1,63}):[\w~/.-]{1,100}\$$/,
      steps: { config: { send: "configure" } },
    },
  },
  commandModes: ["operational"],
  privilegedMode: "operational",
  configMode: "config",
  onOpen: ["set terminal width 512", "set terminal length 0"],
  pager: { question: /^(?::|\(END\))$/, answer: " " },
  runningConfig: { send: "show configuration", ignores: [] },
  refusals: {
    command: [
      /^\s*Invalid command: \[/,
      /^\s*Incomplete command: /,
      /^\s*Ambiguous command: /,
      /^-?v?bash: .{1,200}: command not found$/,
    ],
    config: [
      /^Set failed$/,
      /^Delete failed$/,
      /^\s*Configuration path: \[.{1,300}\] is not valid/,
      /^\s*(?:Value validation failed|Invalid value|Error:|Cannot )/,
      /^\s*Nothing to delete/,
    ],
    preamble: [],
  },
  renames: /^\s*(?:set|delete)\s+system\s+host-name\b/,
  candidate: {
    diff: "compare",
    commit: {
      send: "commit",
      seconds: 120,
      denials: [
        {
          says: /\bconfiguration system (?:temporarily )?locked\b|\banother commit in progress\b/i,
          type: "ConfigLocked",
          message: "nothing was committed: someone else commits",
        },
        {
          says: /^(?:Commit failed|Failed to generate committed config)/i,
          type: "ConfigError",
          message: "the commit failed",
        },
      ],
      success: null,
    },
    explain: null,
    trial: null,
  },
  save: { send: "save", mode: "config", success: /^Done\b/m, seconds: 60 },
});
