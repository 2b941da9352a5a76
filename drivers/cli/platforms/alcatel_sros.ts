import { definePlatform } from "../platform.ts";

/** Nokia SR OS with its classic command line. A star in front of the prompt says that something is not saved. */
export default definePlatform({
  deviceType: "alcatel_sros",
  title: "Nokia SR OS (classic CLI)",
  ntcName: "alcatel_sros",
  detect: { send: "show version", says: [/^TiMOS-/] },
  modes: {
    config: {
      prompt: /^\*?[A-D]:(?<host>[\w.-]{1,64})>[\w>."-]{1,150}[#$]$/,
      steps: { root: { send: "exit all" } },
    },
    root: {
      prompt: /^\*?[A-D]:(?<host>[\w.-]{1,64})#$/,
      steps: { config: { send: "configure" } },
    },
    // The other command line, where a router has both.
    modelDriven: {
      prompt: /^[A-D]:[\w.-]{1,32}@(?<host>[\w.-]{1,64})#$/,
      steps: { root: { send: "//" } },
    },
  },
  commandModes: ["root"],
  privilegedMode: "root",
  configMode: "config",
  onOpen: ["environment no more"],
  pager: { question: /^Press any key to continue \(Q to quit\)$/, answer: " " },
  runningConfig: { send: "admin display-config", ignores: [/^# (?:Generated|Finished) /] },
  refusals: {
    command: [
      /^Error: (?:Bad command|Invalid parameter|Missing parameter|Ambiguous command)/,
      /^MINOR: CLI\b/,
    ],
    config: [/^(?:Error|MINOR|MAJOR|CRITICAL): /],
    preamble: [/^\s*\^$/],
  },
  renames: /\bsystem name\b|^\s*name\b/,
  save: { send: "admin save", success: /^Completed\b|\bOK\b/m, seconds: 120 },
});
