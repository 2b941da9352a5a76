import { definePlatform } from "../platform.ts";

/** FRRouting's vtysh as a login shell. It starts privileged, and its line editor is GNU readline. */
export default definePlatform({
  deviceType: "frr",
  title: "FRRouting (vtysh)",
  literalNext: "\x16",
  detect: { send: "show version", says: [/^FRRouting \d/] },
  modes: {
    config: {
      prompt: /^(?<host>\w[\w.\-@/:]{0,63})\([\w.-]{1,63}\)#$/,
      steps: { privileged: { send: "end" } },
    },
    privileged: {
      prompt: /^(?<host>\w[\w.\-@/:]{0,63})#$/,
      steps: {
        exec: { send: "disable" },
        config: {
          send: "configure terminal",
          denials: [
            {
              says: /^(?:% ?)?VTY configuration is locked/i,
              type: "ConfigLocked",
              message: "someone else has locked the configuration",
            },
          ],
        },
      },
    },
    exec: {
      prompt: /^(?<host>\w[\w.\-@/:]{0,63})>$/,
      steps: {
        privileged: {
          send: "enable",
          questions: [{ asks: /^password:$/i, answer: "secret" }],
          denials: [
            {
              says: /^% (?:Bad passwords|Access denied|No such command)/i,
              type: "AuthenticationError",
              message: "the router did not accept the enable password (connection_args.secret)",
            },
          ],
        },
      },
    },
  },
  commandModes: ["exec", "privileged"],
  privilegedMode: "privileged",
  configMode: "config",
  onOpen: ["terminal length 0"],
  pager: { question: /^--More--$/, answer: " " },
  runningConfig: { send: "show running-config", ignores: [] },
  refusals: {
    command: [
      /^% Unknown command/,
      /^% Ambiguous command/,
      /^% Command incomplete/,
      /^% There is no matched command/,
      /^% Can't open /,
    ],
    config: [/^%(?! ?(?:warning|note))/i],
    preamble: [/^\s*\^$/],
  },
  renames: /^\s*(?:no\s+)?hostname\b/i,
  save: { send: "write memory", success: /configuration saved to /i },
});
