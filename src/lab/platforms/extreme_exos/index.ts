import { type ConfigEntry, lineOrder, parseConfig, settingOf } from "../../cli/config-tree.ts";
import {
  type Answer,
  type Call,
  type CliDefinition,
  type Command,
  type Problem,
  silently,
} from "../../cli/model.ts";
import { commonTypes } from "../../cli/params.ts";
import { tailCommand } from "../../cli/tail.ts";
import type { Seed } from "../../platform.ts";
import { acceptsSeed } from "../shared/account.ts";
import { leavingSession, saving, several } from "../shared/commands.ts";
import { caret } from "../shared/ios-like.ts";

const UNASKED = "disable cli prompting";

/** The configuration a lab device starts with: a small access switch. */
function factory({ hostname, index }: Seed): ConfigEntry {
  const net = `${((index + 1) >> 8) & 255}.${(index + 1) & 255}`;
  const ports = Array.from({ length: 44 }, (_, port) => `configure ports ${port + 1} auto on`);
  return parseConfig(`configure snmp sysname "${hostname}"
${ports.join("\n")}
create vlan mgmt tag 4000
configure vlan mgmt ipaddress 10.${net}.1/24
configure iproute add default 10.${net}.254`);
}

function showConfig(_state: unknown, config: ConfigEntry): string {
  return ["#", "# Module configuration.", "#", ...config.children.map(({ text }) => text)].join("\n");
}

const saved = saving(
  "Saving configuration on master .. done!\nConfiguration saved to primary.cfg successfully.",
);

async function save(call: Call): Promise<Answer> {
  const { session } = call;
  if (session.notes.has(UNASKED)) return saved(call);
  const question =
    "The configuration file primary.cfg already exists. Do you want to save configuration to primary.cfg and overwrite it? (y/N) ";
  return /^y/i.test((await session.ask(question)) ?? "") ? saved(call) : "Save configuration cancelled.";
}

function paging(lines: number) {
  return silently(({ session }: Call) => {
    session.pageLength = lines;
  });
}

const commands: readonly Command[] = [
  ...leavingSession,
  { syntax: "configure iproute add default <hop:ip>" },
  { syntax: "configure ports <port:int 1-48> auto {on|off}" },
  { syntax: "configure ports <port:int 1-48> description-string <text:line>" },
  { syntax: "configure snmp sysname <name:word>" },
  { syntax: "configure snmp syslocation <text:line>" },
  { syntax: "configure vlan <name:word> add ports <ports:word>", ...several },
  { syntax: "configure vlan <name:word> ipaddress <address:prefix>" },
  { syntax: "create vlan <name:word> tag <tag:int 1-4094>", ...several },
  { syntax: "disable clipaging [session]", run: paging(0) },
  { syntax: UNASKED, run: silently(({ session }) => session.notes.add(UNASKED)) },
  { syntax: "enable clipaging", run: paging(24) },
  { syntax: "save configuration [primary]", run: save },
  { syntax: "show configuration", run: ({ state }) => showConfig(state, state.running) },
  {
    syntax: "show switch",
    run: ({ state }) => `Current Time:     ${new Date(state.chassis.clock.now()).toUTCString()}`,
  },
  {
    syntax: "show version",
    run: () =>
      "Switch      : 800471-00-02 1234N-12345 Rev 2.0 BootROM: 2.0.2.1    IMG: 30.7.1.1\n\nImage   : ExtremeXOS version 30.7.1.1 by release-manager\n          on Wed Jul 29 12:34:56 EDT 2020",
  },
  tailCommand,
];

function refuse(problem: Problem): string {
  if (problem.kind === "incomplete") return "%% Incomplete command";
  if (problem.kind === "ambiguous") return `%% Ambiguous command:\n  "${problem.line.trim()}"`;
  return `${caret(problem)}\n%% Invalid input detected at '^' marker.`;
}

/** Extreme EXOS 30.7 on an X440-G2. Lines of configuration are commands like others. */
export const extremeExos: CliDefinition = {
  name: "extreme_exos",
  ident: "OpenSSH_7.5",
  channels: 1,
  hangsUp: true,
  plainNewline: "\r\n",
  dialect: {
    refuse,
    pager: { text: "\x1b[7mPress <SPACE> to continue or <Q> to quit:\x1b[m", erase: "\x1b[60;D\x1b[K" },
    filters: ["include", "exclude", "begin"],
    interruptLeavesConfig: false,
    showsControl: true,
    eofEnds: true,
    defaultHostname: "X440G2",
    hostnameSetting: "configure snmp sysname",
    hostnameIn: (config) => settingOf(config, "configure snmp sysname")?.replaceAll('"', ""),
    negation: "no",
    comment: "#",
    shows: /^\s*show\s/,
    borrows: /^(?!)/,
    pagesByDefault: true,
    execLead: "",
    execFailure: 1,
  },
  types: commonTypes,
  modes: {
    cli: {
      kind: "config",
      prompt: (hostname, { unsaved, typed }) => `${unsaved ? "* " : ""}${hostname}.${typed + 1} # `,
      parent: null,
      commands,
    },
  },
  firstMode: () => "cli",
  execMode: "cli",
  help: {},
  look: {
    order: lineOrder([
      "configure snmp",
      "create vlan",
      "configure ports",
      "configure vlan",
      "configure iproute",
    ]),
    opens: /^$/,
    sectionEnd: null,
    joined: null,
    separator: "",
    indent: "",
  },
  factory,
  accepts: acceptsSeed,
  greeting: () => "ExtremeXOS\nCopyright (C) 1996-2020 Extreme Networks. All rights reserved.\n\n",
  showConfig,
};
