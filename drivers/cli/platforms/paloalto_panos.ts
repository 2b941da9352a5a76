import { definePlatform } from "../platform.ts";

/**
 * Palo Alto PAN-OS. All administrators share one candidate, which outlives their sessions: a job begins with an empty one,
 * and empties it again when it fails.
 */
export default definePlatform({
  deviceType: "paloalto_panos",
  telnet: ["paloalto_panos_telnet"],
  title: "Palo Alto PAN-OS",
  ntcName: "paloalto_panos",
  remarks: [
    "A statement that the login asks about (`Do you accept and acknowledge …`) is accepted.",
    "All administrators share the candidate. A job that finds changes in it is a `ConfigLocked` and leaves them; one that " +
      "fails types `revert config`, which also drops what another has typed meanwhile. What a lost connection leaves in it stays there.",
  ],
  promptHead: /^\[edit[^\]]{0,300}\]$/,
  detect: { send: "show system info", says: [/^model: (?:PA-|M-|Panorama)/] },
  modes: {
    config: {
      prompt: /^(?<host>\w[\w.-]{0,32}@[\w.-]{1,63})(?:\([\w-]{1,32}\))?#$/,
      steps: { operational: { send: "exit" } },
    },
    operational: {
      prompt: /^(?<host>\w[\w.-]{0,32}@[\w.-]{1,63})(?:\([\w-]{1,32}\))?>$/,
      steps: {
        config: {
          send: "configure",
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
  },
  commandModes: ["operational"],
  privilegedMode: "operational",
  configMode: "config",
  loginAnswers: [{ prompt: "do you accept", answer: "yes" }],
  onOpen: ["set cli scripting-mode on", "set cli terminal width 500", "set cli pager off"],
  pager: { question: /^--more--$/i, answer: " " },
  runningConfig: { send: "show config running", ignores: [] },
  refusals: {
    command: [
      /^Unknown command: /,
      /^Invalid syntax\b/,
      /^Server error\b/,
      /^Validation Error:/,
      /^(?:Permission|Access) denied/i,
    ],
    config: [/^(?:Error|Invalid)\b/i, /^\S.{0,200} is (?:invalid|not a valid)\b/],
    preamble: [],
  },
  renames: /^\s*(?:set|delete)\s+deviceconfig\s+system\s+hostname\b/,
  candidate: {
    diff: "run show config diff",
    pending: { send: "check pending-changes", says: /^\s*yes\s*$/im },
    drop: { send: "revert config" },
    commit: {
      send: "commit",
      seconds: 300,
      denials: [
        {
          says: /\block(?:ed)? (?:by|is held)\b|\bcommit is in progress\b|\bcommit lock\b/i,
          type: "ConfigLocked",
          message: "nothing was committed: someone else commits, or has locked the configuration",
        },
        {
          says: /^(?:Commit failed|Validation Error|Error:|Server error|Failed)/i,
          type: "ConfigError",
          message: "the commit failed",
        },
      ],
      success: /configuration committed successfully/i,
    },
    explain: null,
    trial: null,
  },
});
