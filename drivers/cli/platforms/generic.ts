import { definePlatform } from "../platform.ts";

/** A device of which only this is known: it has lines, and a prompt at whose end it waits. */
export default definePlatform({
  deviceType: "generic",
  aliases: ["terminal_server", "generic_termserver"],
  telnet: ["generic_telnet", "generic_termserver_telnet"],
  title: "Any other command line",
  remarks: [
    "The prompt is what the device shows after login, once it has been silent for half a second. A prompt that changes costs " +
      "that wait again.",
    "Nothing is typed to turn paging off; usual pagers are answered. Only refusals that many devices share are recognised, so " +
      "`ok` says little. There is no privileged mode and no `config`.",
  ],
  learnsPrompt: true,
  modes: {
    cli: { prompt: /^(?<host>\S.{0,100}[>#$%\])])$/, not: /(?:^|\s)\d{1,3}%$|^\(y\/n\)$/i, steps: {} },
  },
  commandModes: ["cli"],
  privilegedMode: "cli",
  configMode: null,
  onLogin: [
    { asks: /^press any key to continue\.?$/i, answer: { text: "" } },
    { asks: /^press (?:y or )?enter to continue(?:, n to exit)?\.?$/i, answer: { text: "" } },
  ],
  onOpen: [],
  pager: {
    question:
      /^(?:<?-{2,4} ?\(?more\)? ?-{2,4}>?|-- MORE --, next page: Space, next line: Enter, quit: (?:q|Control-C)|press any key to continue \(q to quit\)|--More-- or \(q\)uit|press <space> to continue or <q> to quit:?|---\(more(?: \d{1,3}%)?\)---)$/i,
    answer: " ",
  },
  refusals: {
    command: [
      /^\s{0,4}%{1,2} ?(?:Invalid|Unknown|Unrecogni[sz]ed|Incomplete|Ambiguous|Bad|Error)\b/i,
      /^(?:Error: )?(?:Invalid|Unknown|Unrecogni[sz]ed|Ambiguous|Incomplete) (?:input|command|syntax)\b/i,
      /^(?:syntax error|unknown command|bad command name)\b/i,
      /^-?(?:ba|da|z|k|a)?sh: .{1,200}: (?:command )?not found$/,
    ],
    config: [],
    preamble: [/^\s*\^$/],
  },
});
