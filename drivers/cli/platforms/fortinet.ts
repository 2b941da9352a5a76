import { definePlatform } from "../platform.ts";

/** Fortinet FortiOS. `config` and `edit` open an object, whose name stands in the prompt. */
export default definePlatform({
  deviceType: "fortinet",
  title: "Fortinet FortiOS",
  ntcName: "fortinet",
  remarks: [
    "Paging stays as it is set: it is a setting of the whole device. Its question is answered, a round trip for each " +
      "page. `config system console`, `set output standard`, `end` turns it off for good.",
    "Lines in an object take effect at `next` and `end`. After a refused line the object is left with `abort`; one that " +
      "the last line leaves open is closed with `end`.",
    "With virtual domains a job names its own: `config vdom`, `edit NAME`, …; every job begins outside of them.",
  ],
  detect: { send: "get system status", says: [/^Version: Forti/] },
  modes: {
    object: {
      prompt: /^(?<host>\w[\w.-]{0,62}) \([^()]{1,100}\) [#$]$/,
      steps: { root: { send: "abort", climbs: true } },
    },
    root: {
      prompt: /^(?<host>\w[\w.-]{0,62}) [#$]$/,
      steps: {},
    },
  },
  commandModes: ["root"],
  privilegedMode: "root",
  configMode: "root",
  levels: { mode: "object", close: "end", applies: /^\s*next\b/ },
  onLogin: [{ asks: /^\(press 'a' to accept\):?$/i, answer: { text: "a" } }],
  onOpen: [],
  pager: { question: /^--More--$/, answer: " " },
  runningConfig: { send: "show", ignores: [/^#(?:conf_file_ver|buildno|config-version)/] },
  refusals: {
    command: [
      /^Unknown action\b/,
      /^(?:command|value) parse error before /,
      /^ambiguous command before /,
      /^incomplete command in the end/,
      /^Command fail\. Return code -?\d/,
      /^Permission denied/i,
    ],
    config: [
      /^entry not found in datasource/,
      /^node_check_object fail/,
      /^object (?:check|set) operator error/,
      /^Attribute '.{1,100}' MUST be set/,
      /^(?:invalid|duplicate|conflict)\b/i,
    ],
    preamble: [],
  },
  renames: /^\s*(?:set|unset)\s+hostname\b|^\s*(?:next|end)\s*$/,
});
