import { definePlatform } from "../platform.ts";

/** Dell EMC SmartFabric OS10. Administrators land privileged. */
export default definePlatform({
  deviceType: "dell_os10",
  title: "Dell OS10",
  ntcName: "dell_os10",
  literalNext: "\x16",
  detect: { send: "show version", says: [/\bOS10[ -]Enterprise\b/] },
  modes: {
    config: {
      prompt: /^(?<host>\w[\w.-]{0,62})\(conf[\w./:-]{0,63}\)#$/,
      steps: { privileged: { send: "end" } },
    },
    privileged: {
      prompt: /^(?<host>\w[\w.-]{0,62})#$/,
      steps: {
        config: {
          send: "configure terminal",
          denials: [
            {
              says: /\block(?:ed)? (?:by|is held)\b|\bexclusive\b/i,
              type: "ConfigLocked",
              message: "someone else has locked the configuration",
            },
          ],
        },
      },
    },
    exec: {
      prompt: /^(?<host>\w[\w.-]{0,62})>$/,
      steps: {
        privileged: {
          send: "enable",
          questions: [{ asks: /^password:?$/i, answer: "secret" }],
          denials: [
            {
              says: /^% ?(?:error: )?(?:bad|invalid|incorrect|access denied|authentication)/i,
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
  texts: [{ begins: /^ {0,8}banner (?:motd|login) {1,8}(?!disable\b)(?<mark>\^C|\S)/i, ends: null }],
  onOpen: ["terminal width 511", "terminal length 0"],
  pager: { question: /^--more--$/i, answer: " " },
  runningConfig: { send: "show running-configuration", ignores: [/^! Last configuration/] },
  refusals: {
    command: [/^% ?Error: (?:Unrecognized|Illegal|Incomplete|Ambiguous|Invalid|Permission)/i],
    config: [/^% ?(?:Error|Invalid|Warning: Unable)\b/i],
    preamble: [/^\s*\^$/],
  },
  renames: /^\s*(?:no\s+)?hostname\b/i,
  save: {
    send: "copy running-configuration startup-configuration",
    success: /cop(?:y|ied) (?:completed|succe)|completed successfully/i,
    seconds: 120,
  },
});
