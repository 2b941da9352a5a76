import { definePlatform } from "../platform.ts";

/** Cisco NX-OS. It lets administrators in privileged; `(maint-mode)` may stand behind the name. */
export default definePlatform({
  deviceType: "cisco_nxos",
  telnet: ["cisco_nxos_telnet"],
  title: "Cisco NX-OS",
  ntcName: "cisco_nxos",
  literalNext: "\x16",
  detect: { send: "show version", says: [/\bNX-OS\b|^Cisco Nexus Operating System/] },
  modes: {
    tclsh: {
      prompt: /^(?<host>\w[\w.-]{0,62})(?:\(maint-mode\))?\((?:config|maint-mode)-tcl\)#$/,
      steps: { privileged: { send: "tclquit" } },
    },
    config: {
      prompt: /^(?<host>\w[\w.-]{0,62})(?:\(maint-mode\))?\([\w.\-+/]{1,63}\)#$/,
      not: /^[\w.-]{1,63}\(maint-mode\)#$/,
      steps: { privileged: { send: "end" } },
    },
    privileged: {
      prompt: /^(?<host>\w[\w.-]{0,62})(?:\(maint-mode\))?#$/,
      steps: {
        exec: { send: "disable" },
        config: {
          send: "configure terminal",
          denials: [
            {
              says: /\block(?:ed)? (?:by|is held)\b/i,
              type: "ConfigLocked",
              message: "someone else has locked the configuration",
            },
          ],
        },
      },
    },
    exec: {
      prompt: /^(?<host>\w[\w.-]{0,62})(?:\(maint-mode\))?>$/,
      steps: {
        privileged: {
          send: "enable",
          questions: [{ asks: /^password:$/i, answer: "secret" }],
          denials: [
            {
              says: /^% ?(?:bad secrets|access denied|authentication failed|permission denied)/i,
              type: "AuthenticationError",
              message: "the device did not accept the enable password (connection_args.secret)",
            },
          ],
        },
      },
    },
  },
  commandModes: ["exec", "privileged"],
  privilegedMode: "privileged",
  configMode: "config",
  texts: [
    {
      begins: /^ {0,8}banner (?:motd|exec) {1,8}(?<mark>\^C|\S)/i,
      ends: null,
    },
  ],
  onOpen: ["terminal width 511", "terminal length 0"],
  pager: { question: /^--More--$/, answer: " " },
  runningConfig: { send: "show running-config", ignores: [/^!(?:Time|Running configuration last)/] },
  refusals: {
    command: [
      /^% ?Invalid (?:command|parameter|number|input|interface)/,
      /^% ?Incomplete command/,
      /^% ?Ambiguous command/,
      /^% ?Unrecognized command/,
      /^% ?Permission denied/,
      /^% ?(?:Authorization|AAA authorization) failed/i,
      /^Syntax error while parsing/,
    ],
    config: [/^% ?(?:Invalid|Bad|Cannot|Can't|Failed|Not allowed)\b/i, /^%? ?Error\b/i],
    preamble: [/^\s*\^$/, /^\d{4} \w{3} +\d+ [\d:]+ .{1,100}: %[A-Z]/],
  },
  renames: /^\s*(?:no\s+)?(?:hostname|switchname)\b/i,
  save: {
    send: "copy running-config startup-config",
    success: /copy complete/i,
    seconds: 120,
  },
});
