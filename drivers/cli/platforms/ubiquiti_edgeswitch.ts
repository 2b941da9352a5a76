import { definePlatform } from "../platform.ts";

/** Ubiquiti EdgeSwitch: a FASTPATH, with its name in brackets. `exit` leads up a level. */
export default definePlatform({
  deviceType: "ubiquiti_edgeswitch",
  aliases: ["ubiquiti_edge"],
  title: "Ubiquiti EdgeSwitch",
  ntcName: "ubiquiti_edgeswitch",
  detect: { send: "show version", says: [/^System Description\.{1,60} EdgeSwitch\b/] },
  modes: {
    config: {
      prompt: /^\((?<host>[\w. -]{1,64})\) \([\w./ -]{1,63}\)#$/,
      steps: { privileged: { send: "exit", climbs: true } },
    },
    privileged: {
      prompt: /^\((?<host>[\w. -]{1,64})\) #$/,
      steps: { config: { send: "configure" } },
    },
    exec: {
      prompt: /^\((?<host>[\w. -]{1,64})\) >$/,
      steps: {
        privileged: {
          send: "enable",
          questions: [{ asks: /^password:?$/i, answer: "secret" }],
          denials: [
            {
              says: /^(?:incorrect|bad|wrong|invalid) password/i,
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
  onOpen: [],
  onMode: { privileged: ["terminal length 0"] },
  pager: { question: /^--More-- or \(q\)uit$/, answer: " " },
  runningConfig: { send: "show running-config", ignores: [/^!(?:System Up Time|Current (?:SNTP|System) )/] },
  refusals: {
    command: [
      /^% ?(?:Invalid input|Ambiguous command|Incomplete command|Unrecognized command)/i,
      /^Command not found/,
      /^Incomplete command/,
    ],
    config: [/^(?:ERROR|Error|Failed|Invalid|Unable|Cannot)\b/],
    preamble: [/^\s*\^$/],
  },
  renames: /^\s*(?:no\s+)?hostname\b/i,
  save: {
    send: "write memory",
    questions: [{ asks: /\(y\/n\) ?$/i, answer: { text: "y" } }],
    success: /configuration saved/i,
    seconds: 60,
  },
});
