import { definePlatform, type Platform, type Question } from "../platform.ts";

/** What VRP and its descendants ask at login and when saving, and how they say no. */
export const vrp = {
  // A password that is about to expire stays as it is.
  onLogin: [{ asks: /change now\? ?\[y\/n\]:?$/i, answer: { text: "N" } }],
  pager: { question: /^---- More ----$/, answer: " " },
  runningConfig: { send: "display current-configuration", ignores: [/^!Last configuration/] },
  refusals: {
    command: [/^Error: ?/],
    config: [],
    preamble: [/^\s*\^$/, /^\w{3} +\d{1,2} \d{4} [\d:.+-]{8,24} .{1,100} %%/],
  },
  renames: /^\s*(?:undo\s+)?sysname\b/i,
  save: {
    send: "save",
    questions: [
      { asks: /\[y\/n\]:?$|\(y\/n\)\[[yn]\]:?$/i, answer: { text: "y" } },
      {
        asks: /^(?:info: ?)?please input the file name ?\([^)]{1,40}\) ?\[[^\]]{1,60}\]:?$/i,
        answer: { text: "" },
      },
    ],
    success:
      /saved? (?:the )?(?:current )?configuration .{0,60}successfully|configuration file had been saved successfully/i,
    seconds: 120,
  },
} satisfies Partial<Platform> & { onLogin: Question[] };

/** Huawei VRP 5: lines take effect at once. */
export default definePlatform({
  deviceType: "huawei",
  aliases: ["huawei_vrp"],
  telnet: ["huawei_telnet"],
  title: "Huawei VRP",
  ntcName: "huawei_vrp",
  detect: { send: "display version", says: [/^VRP \(R\) software, Version [1-7]\./] },
  modes: {
    system: {
      prompt: /^(?:HRP_\w{1,2})?\[(?<host>\w[\w.\-@/:]{0,127})\]$/,
      // The first line of the configuration of some models.
      not: /^\[V\d{3}R\d{3}/,
      views: true,
      steps: { user: { send: "return" } },
    },
    user: {
      prompt: /^(?:HRP_\w{1,2})?<(?<host>\w[\w.\-@()/:]{0,63})>$/,
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
  texts: [{ begins: /^ {0,8}header (?:login|shell) information {1,8}(?<mark>\S)/i, ends: null }],
  onOpen: ["screen-length 0 temporary"],
  ...vrp,
});
