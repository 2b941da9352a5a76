import { definePlatform } from "../platform.ts";

/** H3C and HPE Comware. Its lines wrap where they want: there is no command for the width. */
export default definePlatform({
  deviceType: "hp_comware",
  aliases: ["h3c_comware"],
  telnet: ["hp_comware_telnet"],
  title: "H3C, HPE Comware",
  ntcName: "hp_comware",
  detect: { send: "display version", says: [/\bComware (?:Platform )?Software\b/] },
  modes: {
    system: {
      prompt: /^(?:RBM_\w)?\[(?<host>\w[\w.\-@/:]{0,127})\]$/,
      views: true,
      steps: { user: { send: "return" } },
    },
    user: {
      prompt: /^(?:RBM_\w)?<(?<host>\w[\w.\-@()/:]{0,63})>$/,
      steps: {
        system: {
          send: "system-view",
          denials: [
            {
              says: /locked by|is locked/i,
              type: "ConfigLocked",
              message: "someone else has locked the configuration",
            },
          ],
        },
      },
    },
  },
  commandModes: ["user"],
  privilegedMode: "user",
  configMode: "system",
  texts: [{ begins: /^ {0,8}header (?:legal|login|motd|shell|incoming) {1,8}(?<mark>\S)/i, ends: null }],
  onLogin: [{ asks: /press y or enter to continue, n to exit\.?$/i, answer: { text: "" } }],
  onOpen: ["screen-length disable"],
  pager: { question: /^---- More ----$/, answer: " " },
  runningConfig: { send: "display current-configuration", ignores: [] },
  refusals: {
    command: [
      /^ ?% ?(?:Unrecognized|Incomplete|Ambiguous|Too many parameters|Wrong parameter)/,
      /^Permission denied/i,
    ],
    config: [/^ ?% ?(?:Invalid|Error|Failed|Cannot)\b/i, /^(?:Error|Invalid|Failed)\b/i],
    preamble: [/^\s*\^$/, /^%\w{3} +\d{1,2} [\d:]{8,12} \d{4} .{1,100}:/],
  },
  renames: /^\s*(?:undo\s+)?sysname\b/i,
  save: {
    send: "save force",
    success: /(?:saved the current configuration|configuration is saved) to .{1,80} successfully/i,
    seconds: 120,
  },
});
