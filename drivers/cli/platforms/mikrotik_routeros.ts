import { definePlatform } from "../platform.ts";

/**
 * MikroTik RouterOS. There are no modes but menus, whose path stands in the prompt. A login without its options paints in
 * colours and asks the terminal what it is.
 */
export default definePlatform({
  deviceType: "mikrotik_routeros",
  title: "MikroTik RouterOS",
  ntcName: "mikrotik_routeros",
  remarks: [
    "The login's name gets the options `+ct511w4098h` (no colours, no questions to the terminal, its width and height), " +
      "unless it has some of its own.",
    "Every command takes effect at once and is kept. A menu that a job ends in is left.",
  ],
  loginOptions: "+ct511w4098h",
  enter: "\r\n",
  detect: { send: "/system resource print", says: [/^ {0,40}platform: MikroTik/] },
  modes: {
    menu: {
      prompt: /^\[(?<host>[^\]\s@]{1,64}@[^\]]{1,64})\] (?:<SAFE> )?\/[\w/ -]{1,100}>$/,
      steps: { root: { send: "/" } },
    },
    root: {
      prompt: /^\[(?<host>[^\]\s@]{1,64}@[^\]]{1,64})\] (?:<SAFE> )?>$/,
      steps: {},
    },
  },
  commandModes: ["root"],
  privilegedMode: "root",
  configMode: "root",
  levels: { mode: "menu", close: "/", applies: null },
  onLogin: [
    { asks: /^do you want to see the software license\? ?\[y\/n\]:?$/i, answer: { text: "n" } },
    { asks: /^please press "enter" to continue!?$/i, answer: { text: "" } },
  ],
  onOpen: [],
  // Dumps what is left.
  pager: { question: /^-- \[Q quit\|[\w |]{1,40}\]$/, answer: "D" },
  runningConfig: { send: "/export", ignores: [/^# .{0,80} by RouterOS /] },
  refusals: {
    command: [
      /^bad command name /,
      /^syntax error \(line /,
      /^expected (?:end of command|command name|closing|argument)/,
      /^ambiguous (?:command|value)/,
      /^no such command/,
      /^(?:invalid value|missing value|unknown parameter|bad parameter)\b/,
      /^input does not match any value of /,
      /^not enough permissions/,
    ],
    config: [
      /^failure: /,
      /^no such item/,
      /^value of .{1,100} (?:out of range|expects)/,
      /^(?:error|cannot|can't)\b/i,
    ],
    preamble: [],
  },
  // In the menu `/system identity`, too.
  renames: /\bidentity set\b|\bidentity\/set\b|^\s*set name=/,
});
