import { definePlatform } from "../platform.ts";

/**
 * Cisco ASA. Contexts and the state of a failover pair stand behind the name: `fw/admin/act/pri#`. Its width is
 * a line of the configuration, so it is left alone.
 */
export default definePlatform({
  deviceType: "cisco_asa",
  title: "Cisco ASA",
  ntcName: "cisco_asa",
  literalNext: "\x16",
  detect: { send: "show version", says: [/^Cisco Adaptive Security Appliance\b/] },
  modes: {
    config: {
      prompt: /^(?<host>\w[\w.\-/]{0,127})\([\w.\-+/]{1,63}\)#$/,
      steps: {
        privileged: { send: "end" },
      },
    },
    privileged: {
      prompt: /^(?<host>\w[\w.\-/]{0,127})#$/,
      steps: {
        exec: { send: "disable" },
        config: {
          send: "configure terminal",
          questions: [{ asks: /\[Y\]es, \[N\]o, \[A\]sk later: ?$/, answer: { text: "N" } }],
          denials: [
            {
              says: /\block(?:ed)? (?:by|is held)\b/i,
              type: "ConfigLocked",
              message: "someone else has locked the configuration",
            },
          ],
        },
      },
    },
    exec: {
      prompt: /^(?<host>\w[\w.\-/]{0,127})>$/,
      steps: {
        privileged: {
          send: "enable",
          questions: [{ asks: /^password:$/i, answer: "secret" }],
          denials: [
            {
              says: /^(?:invalid password|access denied|% ?access denied)/i,
              type: "AuthenticationError",
              message: "the device did not accept the enable password (connection_args.secret)",
            },
            {
              says: /^the enable password is not set/i,
              type: "AuthenticationError",
              message: "the device has no enable password yet and wants one set",
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
  onMode: { privileged: ["terminal pager 0"] },
  pager: { question: /^<--- More --->$/, answer: " " },
  runningConfig: {
    send: "show running-config",
    ignores: [/^: (?:Saved|Written|Serial)/, /^Cryptochecksum:/],
  },
  refusals: {
    command: [
      /^(?:ERROR: )?% ?Invalid input detected/,
      /^(?:ERROR: )?% ?Ambiguous command/,
      /^(?:ERROR: )?% ?Incomplete command/,
      /^(?:ERROR: )?% ?(?:Unknown|Unrecognized) command/,
      /^(?:ERROR: )?Command authorization failed/i,
      /^ERROR: Command requires/i,
    ],
    config: [
      /^ERROR:/,
      /^% ?(?:Invalid|Cannot|Failed|Not allowed)\b/i,
      /^Invalid (?:Hostname|address|netmask)/i,
    ],
    preamble: [/^\s*\^$/],
  },
  // `changeto context` shows another name, too.
  renames: /^\s*(?:no\s+)?(?:hostname|changeto|prompt)\b/i,
  save: { send: "write memory", success: /\[OK\]/, seconds: 120 },
});
