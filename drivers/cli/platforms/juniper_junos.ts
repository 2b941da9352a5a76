import { definePlatform } from "../platform.ts";

/**
 * Junos. Lines with the place in the configuration (`[edit]`) and the chassis' state (`{master}`) stand above its
 * prompts. `configure exclusive` keeps others' uncommitted lines out of our commit, and ours out of theirs.
 */
export default definePlatform({
  deviceType: "juniper_junos",
  aliases: ["juniper"],
  telnet: ["juniper_junos_telnet"],
  title: "Juniper Junos",
  ntcName: "juniper_junos",
  literalNext: "\x16",
  promptHead: /^(?:\{[\w:-]{1,32}\})?(?:\[edit[^\]]{0,300}\])?$/,
  detect: { send: "show version", says: [/^Junos: |^JUNOS /] },
  modes: {
    config: {
      prompt: /^(?<host>\w[\w.-]{0,32}@[\w.-]{1,63})#$/,
      steps: {
        operational: {
          send: "exit configuration-mode",
          questions: [
            {
              asks: /^(?:Discard|Exit with) uncommitted changes\? \[yes,no\] ?\(\w{2,3}\)$/,
              answer: { text: "yes" },
            },
          ],
        },
      },
    },
    operational: {
      prompt: /^(?<host>\w[\w.-]{0,32}@[\w.-]{1,63})>$/,
      steps: {
        config: {
          send: "configure exclusive",
          denials: [
            {
              says: /^error: configuration database (?:locked|modified)/,
              type: "ConfigLocked",
              message: "someone else has locked or changed the configuration",
            },
          ],
        },
      },
    },
    // root is let into a shell.
    shell: {
      prompt: /^(?<host>root@[\w.-]{0,63})(?::[\w.~/-]{0,100})? ?[%#]$/,
      not: /^root@[\w.-]{1,63}#$/,
      steps: { operational: { send: "cli" } },
    },
  },
  commandModes: ["operational"],
  privilegedMode: "operational",
  configMode: "config",
  onOpen: ["set cli screen-width 511", "set cli screen-length 0", "set cli complete-on-space off"],
  pager: { question: /^---\(more(?: \d{1,3}%)?\)---$/, answer: " " },
  runningConfig: { send: "show configuration", ignores: [/^## Last (?:commit|changed): /] },
  refusals: {
    command: [
      /^syntax error\b/,
      /^unknown command\b/,
      /^error: (?:syntax error|command is not valid|permission denied)/i,
      /^'.{1,100}' is ambiguous/,
      /^No valid completions/,
      /^missing (?:mandatory )?argument/,
      /^invalid (?:numeric )?value\b/,
      /^permission denied/i,
    ],
    config: [/^error:/, /^(?:invalid|missing|expecting)\b/i, /^Value .{1,200} is not within range/],
    preamble: [/^\s*\^$/],
  },
  renames: /^\s*(?:set|delete|replace)\s+system\s+host-name\b/,
  candidate: {
    diff: "top show | compare",
    commit: {
      send: "commit",
      seconds: 120,
      denials: [
        {
          says: /^error: configuration database (?:locked|modified)/,
          type: "ConfigLocked",
          message: "nothing was committed: someone else has locked or changed the configuration",
        },
        { says: /^error: /, type: "ConfigError", message: "the commit failed" },
      ],
      success: /^commit complete/m,
    },
    explain: null,
    trial: {
      send: "commit confirmed {time}",
      unit: 60,
      min: 1,
      max: 86_400,
      success: /^commit confirmed will be automatically rolled back in /m,
    },
  },
});
