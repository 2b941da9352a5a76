import { definePlatform } from "../platform.ts";

/** Cisco IOS and IOS XE. */
export default definePlatform({
  deviceType: "cisco_ios",
  aliases: ["cisco_xe"],
  telnet: ["cisco_ios_telnet"],
  title: "Cisco IOS, IOS XE",
  ntcName: "cisco_ios",
  // Ctrl-Shift-6 interrupts ping and traceroute, Ctrl-C whatever else runs.
  interrupt: "\x1e\x03",
  literalNext: "\x16",
  hostCut: 20,
  detect: { send: "show version", says: [/^Cisco IOS(?: XE)? Software\b/] },
  modes: {
    tclsh: {
      prompt: /^(?<host>\w[\w.\-@/:]{0,62})\(tcl\)#$/,
      steps: { privileged: { send: "tclquit" } },
    },
    config: {
      prompt: /^(?<host>\w[\w.\-@/:]{0,62})\([\w.\-+/:]{1,63}\)#$/,
      not: /\((?:tcl|boot)\)#$/,
      steps: { privileged: { send: "end" } },
    },
    privileged: {
      prompt: /^(?<host>\w[\w.\-@/:]{0,62})#$/,
      steps: {
        exec: { send: "disable" },
        config: {
          send: "configure terminal",
          denials: [
            {
              says: /^(?:%\s*)?configuration mode (?:is )?locked/i,
              type: "ConfigLocked",
              message: "someone else has locked the configuration",
            },
          ],
        },
      },
    },
    exec: {
      prompt: /^(?<host>\w[\w.\-@/:]{0,62})>$/,
      steps: {
        privileged: {
          send: "enable",
          questions: [{ asks: /^password:$/i, answer: "secret" }],
          denials: [
            {
              says: /^% ?(?:bad secrets|bad passwords|access denied|error in authentication|authentication failed)/i,
              type: "AuthenticationError",
              message: "the device did not accept the enable password (connection_args.secret)",
            },
            {
              says: /^% ?no password set/i,
              type: "AuthenticationError",
              message: "the device has no enable password set and lets nobody into privileged mode remotely",
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
      begins: /^ {0,8}banner (?:motd|login|exec|incoming|prompt-timeout|slip-ppp) {1,8}(?<mark>\^C|\S)/i,
      ends: null,
    },
  ],
  onOpen: ["terminal width 511", "terminal length 0"],
  pager: { question: /^--More--$/, answer: " " },
  runningConfig: {
    send: "show running-config",
    ignores: [/^! (?:Last configuration|NVRAM config)/, /^Current configuration : /, /^ntp clock-period /],
  },
  refusals: {
    command: [
      /^% ?Invalid input detected/,
      /^% ?Ambiguous command/,
      /^% ?Incomplete command/,
      /^% ?Unknown command/,
      /^% ?Unrecognized command/,
      /^(?:% ?)?(?:Command )?authorization failed/i,
    ],
    config: [
      /^% ?(?:Invalid|Bad|Error|Unable|Cannot|Can't|Not allowed|Failed)\b/i,
      /^% ?.{1,200} overlaps with /,
      /^Bad mask /,
    ],
    preamble: [/^\s*\^$/, /^Translating "/, /^[*.]?\w{3} +\d+ [\d:.]+.{0,10}: %[A-Z]/, /^\*?\d{6}: /],
  },
  renames: /^\s*(?:no\s+)?hostname\b/i,
  save: {
    send: "write memory",
    questions: [{ asks: /\[confirm\]$/i, answer: { text: "" } }],
    success: /\[OK\]/,
  },
});
