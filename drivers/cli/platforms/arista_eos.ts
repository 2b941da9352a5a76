import { type Denial, definePlatform } from "../platform.ts";

const lock: Denial = {
  says: /\block(?:ed)? (?:by|is held)\b|\bexclusive\b/i,
  type: "ConfigLocked",
  message: "someone else has locked the configuration",
};

/** Arista EOS. Words in brackets may stand behind the name: `leaf1(s1)#`. */
export default definePlatform({
  deviceType: "arista_eos",
  telnet: ["arista_eos_telnet"],
  title: "Arista EOS",
  ntcName: "arista_eos",
  literalNext: "\x16",
  detect: { send: "show version", says: [/^ ?(?:Arista |vEOS\b)/] },
  remarks: [
    "A dry run is a configuration session named `NPdry_` and twelve hexadecimal digits, which is aborted however the job ends. What a lost " +
      "connection or a node that dies leaves of it, EOS drops by itself (after 24 hours, as Arista says); `configure session NAME` and `abort` do so at once.",
  ],
  modes: {
    bash: {
      prompt: /^\[[\w.-]{1,32}@(?<host>\w[\w.-]{0,62}) [\w.~/-]{1,100}\][$#]$/,
      steps: { privileged: { send: "exit" } },
    },
    // Prompts show six characters of a session's name.
    dryRun: {
      prompt: /^(?<host>\w[\w.-]{0,62})(?:\([\w. -]{1,32}\))?\(config-s-NPdry_[\da-f]{0,12}\)#$/,
      steps: { privileged: { send: "abort" } },
    },
    // `abort` would leave an access list and keep the session.
    dryRunLevel: {
      prompt:
        /^(?<host>\w[\w.-]{0,62})(?:\([\w. -]{1,32}\))?\(config-s-NPdry_[\da-f]{0,12}-[\w.\-+/:]{1,100}\)#$/,
      steps: { dryRun: { send: "exit", climbs: true }, privileged: { send: "end" } },
    },
    config: {
      prompt: /^(?<host>\w[\w.-]{0,62})(?:\([\w. -]{1,32}\))?\(config[\w.\-+/:]{0,100}\)#$/,
      steps: { privileged: { send: "end" } },
    },
    privileged: {
      prompt: /^(?<host>\w[\w.-]{0,62})(?:\([\w. -]{1,32}\))?#$/,
      steps: {
        exec: { send: "disable" },
        config: { send: "configure terminal", denials: [lock] },
      },
    },
    exec: {
      prompt: /^(?<host>\w[\w.-]{0,62})(?:\([\w. -]{1,32}\))?>$/,
      steps: {
        privileged: {
          send: "enable",
          questions: [{ asks: /^password:$/i, answer: "secret" }],
          denials: [
            {
              says: /^% ?(?:bad secret|authentication failed|access denied)/i,
              type: "AuthenticationError",
              message: "the device did not accept the enable password (connection_args.secret)",
            },
            {
              says: /^% ?authorization denied/i,
              type: "AuthenticationError",
              message: "the account may not enter privileged mode",
            },
          ],
        },
      },
    },
  },
  commandModes: ["exec", "privileged"],
  privilegedMode: "privileged",
  configMode: "config",
  texts: [{ begins: /^ {0,8}banner (?:motd|login|exec) {0,8}$/i, ends: "EOF" }],
  onOpen: ["terminal width 511", "terminal length 0"],
  pager: { question: /^--More--$/, answer: " " },
  runningConfig: { send: "show running-config", ignores: [] },
  refusals: {
    command: [
      /^% ?Invalid (?:input|command|port range)/,
      /^% ?Incomplete command/,
      /^% ?Ambiguous command/,
      /^% ?Unavailable command/,
      /^% ?Authorization denied/i,
    ],
    config: [
      /^% ?(?:Invalid|Error|Cannot|Can't|Failed|Unable|Duplicate sequence number)\b/i,
      /^% ?(?:Address|Interface|Subnet) .{1,200} (?:overlaps|is not allowed)/i,
    ],
    preamble: [/^\s*\^$/, /^\w{3} +\d+ [\d:]+ .{1,100}: %[A-Z]/],
  },
  rehearsal: {
    mode: "dryRun",
    level: "dryRunLevel",
    enter: { send: "configure session NPdry_{unique}", denials: [lock] },
    diff: "show session-config diffs",
    outside: /^\s*(?:do\s+)?(?:conf(?:i|ig|igu|igur|igure)?|copy?|wr(?:i|it|ite)?)\b/i,
  },
  renames: /^\s*(?:no\s+)?(?:hostname|prompt)\b/i,
  save: { send: "copy running-config startup-config", success: /copy completed successfully/i, seconds: 120 },
});
