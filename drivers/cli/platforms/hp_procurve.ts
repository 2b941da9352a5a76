import { definePlatform } from "../platform.ts";

/** HP ProCurve and ArubaOS-Switch. They position the cursor where others end a line. */
export default definePlatform({
  deviceType: "hp_procurve",
  aliases: ["aruba_procurve", "aruba_osswitch"],
  telnet: ["hp_procurve_telnet", "aruba_procurve_telnet"],
  title: "HP ProCurve, ArubaOS-Switch",
  ntcName: "hp_procurve",
  remarks: ["Where `enable` asks for a name, it is given as `manager`."],
  detect: { send: "show version", says: [/^Image stamp:/] },
  modes: {
    config: {
      prompt: /^(?<host>\w[\w. -]{0,31})\([\w./, -]{1,63}\)#$/,
      steps: { privileged: { send: "end" } },
    },
    privileged: {
      prompt: /^(?<host>\w[\w. -]{0,31})#$/,
      steps: { config: { send: "configure terminal" } },
    },
    exec: {
      prompt: /^(?<host>\w[\w. -]{0,31})>$/,
      steps: {
        privileged: {
          send: "enable",
          questions: [
            { asks: /^(?:username|user name|login name):?$/i, answer: { text: "manager" } },
            { asks: /^password:?$/i, answer: "secret" },
          ],
          denials: [
            {
              says: /^(?:invalid|unable to verify|incorrect) .{0,40}(?:password|credentials)/i,
              type: "AuthenticationError",
              message: "the switch did not accept the manager's password (connection_args.secret)",
            },
          ],
        },
      },
    },
  },
  commandModes: ["exec", "privileged"],
  privilegedMode: "privileged",
  configMode: "config",
  texts: [{ begins: /^ {0,8}banner (?:motd|exec) {1,8}(?<mark>\S)/i, ends: null }],
  onLogin: [{ asks: /^press any key to continue\.?$/i, answer: { text: "" } }],
  onOpen: ["terminal width 511", "no page"],
  // Once more, should an operator not have been allowed to.
  onMode: { privileged: ["no page"] },
  pager: { question: /^-- MORE --, next page: Space, next line: Enter, quit: Control-C$/, answer: " " },
  runningConfig: { send: "show running-config", ignores: [] },
  refusals: {
    command: [/^(?:Invalid|Ambiguous|Incomplete) input: /, /^Module not present for port or invalid port/],
    config: [/^(?:Error|Invalid|Cannot|Unable|Failed)\b/i],
    preamble: [],
  },
  renames: /^\s*(?:no\s+)?hostname\b/i,
  save: { send: "write memory", success: null, seconds: 60 },
});
