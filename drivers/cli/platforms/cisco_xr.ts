import { definePlatform, type Question } from "../platform.ts";

/** What was not committed is dropped. */
const leaving: Question = {
  asks: /^Uncommitted changes found, commit them before exiting ?\(yes\/no\/cancel\)\? \[cancel\]:$/i,
  answer: { text: "no" },
};

/** Cisco IOS XR. It lets in privileged, and a line's route processor stands before the name. */
export default definePlatform({
  deviceType: "cisco_xr",
  telnet: ["cisco_xr_telnet"],
  title: "Cisco IOS XR",
  ntcName: "cisco_xr",
  literalNext: "\x16",
  hostCut: 31,
  detect: { send: "show version", says: [/^Cisco IOS XR Software\b/] },
  modes: {
    adminConfig: {
      prompt: /^(?:RP\/\w{1,8}\/\w{1,8}\/\w{1,8}:)(?<host>\w[\w.-]{0,62})\(admin-config[\w.\-+/]{0,63}\)#$/,
      steps: { admin: { send: "end", questions: [leaving] } },
    },
    admin: {
      prompt: /^(?:RP\/\w{1,8}\/\w{1,8}\/\w{1,8}:)(?<host>\w[\w.-]{0,62})\(admin\)#$/,
      steps: { privileged: { send: "exit" } },
    },
    config: {
      prompt: /^(?:RP\/\w{1,8}\/\w{1,8}\/\w{1,8}:)(?<host>\w[\w.-]{0,62})\([\w.\-+/:]{1,63}\)#$/,
      steps: { privileged: { send: "end", questions: [leaving] } },
    },
    privileged: {
      prompt: /^(?:RP\/\w{1,8}\/\w{1,8}\/\w{1,8}:)(?<host>\w[\w.-]{0,62})#$/,
      steps: {
        config: {
          send: "configure terminal",
          denials: [
            {
              says: /\block(?:ed)? (?:by|held)\b|\bexclusive(?:ly)? lock/i,
              type: "ConfigLocked",
              message: "someone else has locked the configuration",
            },
          ],
        },
      },
    },
  },
  commandModes: ["privileged"],
  privilegedMode: "privileged",
  configMode: "config",
  texts: [
    {
      begins: /^ {0,8}banner (?:motd|login|exec|incoming|prompt-timeout|slip-ppp) {1,8}(?<mark>\^C|\S)/i,
      ends: null,
    },
  ],
  // Without a time stamp above the output of every command.
  onOpen: ["terminal exec prompt no-timestamp", "terminal width 511", "terminal length 0"],
  pager: { question: /^--More--$/, answer: " " },
  runningConfig: {
    send: "show running-config",
    ignores: [/^!! (?:Last configuration|IOS XR)/, /^\w{3} \w{3} +\d+ [\d:.]+ \w+$/],
  },
  refusals: {
    command: [
      /^% ?Invalid input detected/,
      /^% ?Ambiguous command/,
      /^% ?Incomplete command/,
      /^% ?(?:Unknown|Unrecognized) command/,
      /^% ?(?:This command is not authorized|Permission denied)/i,
    ],
    config: [/^% ?(?:Invalid|Failed|Error|Cannot|Can't|Not allowed)\b/i, /^!!% /],
    preamble: [
      /^\s*\^$/,
      /^\w{3} \w{3} +\d{1,2} [\d:.]{8,12} \w{2,5}$/,
      /^RP\/\w{1,8}\/\w{1,8}\/\w{1,8}:\w{3} +\d{1,2} [\d:.]{8,12} .{0,100}: %[A-Z]/,
    ],
  },
  renames: /^\s*(?:no\s+)?hostname\b/i,
  candidate: {
    diff: "show commit changes diff",
    commit: {
      send: "commit",
      seconds: 120,
      questions: [
        // Someone else's commit came in between, or the whole configuration would go: not what was asked for.
        { asks: /do you wish to proceed.{0,60}\[no\]:$/i, answer: { text: "no" } },
        { asks: /\[y\/n\] ?\[confirm\]$/i, answer: { text: "n" } },
      ],
      denials: [
        {
          says: /^One or more commits have occurred from other/i,
          type: "ConfigLocked",
          message: "nothing was committed: someone else has committed meanwhile",
        },
        {
          says: /\block(?:ed)? (?:by|held)\b|\bexclusive(?:ly)? lock/i,
          type: "ConfigLocked",
          message: "nothing was committed: someone else has locked the configuration",
        },
        { says: /^% ?Failed to commit/i, type: "ConfigError", message: "the commit failed" },
      ],
      success: null,
    },
    explain: "show configuration failed",
    trial: { send: "commit confirmed {time}", unit: 1, min: 30, max: 65_535, success: null },
  },
});
