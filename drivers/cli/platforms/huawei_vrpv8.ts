import { definePlatform } from "../platform.ts";
import { vrp } from "./huawei.ts";

/** Huawei VRP 8 (CloudEngine, NetEngine): lines are committed; `~` and `*` say whether some are not. */
export default definePlatform({
  deviceType: "huawei_vrpv8",
  title: "Huawei VRP 8",
  ntcName: "huawei_vrp",
  detect: { send: "display version", says: [/^VRP \(R\) software, Version 8\./] },
  modes: {
    system: {
      prompt: /^(?:HRP_\w{1,2})?\[[~*]?(?<host>\w[\w.\-@/:]{0,127})\]$/,
      not: /^\[V\d{3}R\d{3}/,
      views: true,
      steps: {
        user: {
          send: "return",
          questions: [
            {
              asks: /^warning: uncommitted configurations? found[^[]{0,80}\[y\(yes\)\/n\(no\)\/c\(cancel\)\]:?$/i,
              answer: { text: "n" },
            },
          ],
        },
      },
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
  candidate: {
    diff: "display configuration candidate",
    commit: {
      send: "commit",
      seconds: 120,
      denials: [
        {
          says: /locked by|is locked/i,
          type: "ConfigLocked",
          message: "nothing was committed: someone else has locked the configuration",
        },
        { says: /^(?:Error: ?|Failed to )/i, type: "ConfigError", message: "the commit failed" },
      ],
      success: null,
    },
    explain: null,
    trial: { send: "commit trial {time}", unit: 1, min: 60, max: 65_535, success: null },
  },
  ...vrp,
});
