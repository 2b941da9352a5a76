import { definePlatform } from "../platform.ts";

/** Aruba AOS-CX. Administrators land privileged. */
export default definePlatform({
  deviceType: "aruba_aoscx",
  title: "Aruba AOS-CX",
  ntcName: "aruba_aoscx",
  literalNext: "\x16",
  detect: { send: "show version", says: [/^ArubaOS-CX\b/] },
  modes: {
    config: {
      prompt: /^(?<host>\w[\w.-]{0,63})\(config[\w./<>, -]{0,63}\)#$/,
      steps: { privileged: { send: "end" } },
    },
    privileged: {
      prompt: /^(?<host>\w[\w.-]{0,63})#$/,
      steps: { config: { send: "configure terminal" } },
    },
    exec: {
      prompt: /^(?<host>\w[\w.-]{0,63})>$/,
      steps: {
        privileged: {
          send: "enable",
          questions: [{ asks: /^password:?$/i, answer: "secret" }],
          denials: [
            {
              says: /^(?:invalid|incorrect|bad) password|^access denied/i,
              type: "AuthenticationError",
              message: "the switch did not accept the enable password (connection_args.secret)",
            },
          ],
        },
      },
    },
  },
  commandModes: ["exec", "privileged"],
  privilegedMode: "privileged",
  configMode: "config",
  onOpen: ["no page"],
  pager: { question: /^-- MORE --, next page: Space, next line: Enter, quit: q$/, answer: " " },
  runningConfig: { send: "show running-config", ignores: [] },
  refusals: {
    command: [
      /^Invalid input: /,
      /^% (?:Command incomplete|Ambiguous command|Unknown command|Invalid)/,
      /^(?:Cannot execute command|Command not allowed)/,
    ],
    config: [/^(?:Error|Invalid|Cannot|Failed|Unable)\b/i, /^% /],
    preamble: [/^\s*\^$/],
  },
  renames: /^\s*(?:no\s+)?hostname\b/i,
  save: {
    send: "write memory",
    success: /\[success\]|configuration (?:changes )?(?:will take|saved)/i,
    seconds: 60,
  },
});
