import { type ConfigEntry, lineOrder, removeLines } from "../../cli/config-tree.ts";
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
import { acceptsSeed } from "../shared/account.ts";
import { commit } from "../shared/candidate.ts";
import { factoryConfig, opened, settingIn, showConfig, shown, TABLES, type Table } from "./objects.ts";

const PAGE = 24;

/** The sections one is in, from the outside. */
function way(root: ConfigEntry, section: ConfigEntry): ConfigEntry[] {
  for (const child of root.children) {
    if (child === section) return [child];
    const below = way(child, section);
    if (below.length > 0) return [child, ...below];
  }
  return [];
}

function tableOf({ session }: Call): Table | undefined {
  const [table] = way(session.root, session.section);
  return TABLES[table?.text.replace("config ", "") ?? ""];
}

function failed(words: string, code: number): string {
  return `${words}\nCommand fail. Return code ${code}\n`;
}

function open(call: Call): Answer {
  const { session, args } = call;
  const path = args.path ?? "";
  if (TABLES[path] === undefined)
    return failed(`command parse error before '${path.split(" ").at(-1)}'`, -61);
  session.openCandidate();
  session.enter("object", opened(session.root, `config ${path}`).entry);
  return "\n";
}

function edit(call: Call): Answer {
  const { session, args } = call;
  if (tableOf(call)?.edits !== true || !session.section.text.startsWith("config "))
    return "Unknown action 0\n";
  const { entry, isNew } = opened(session.section, `edit ${args.name}`);
  session.enter("object", entry);
  return isNew ? `new entry '${args.name}' added\n\n` : "\n";
}

function set(call: Call): Answer {
  const { session, args } = call;
  const table = tableOf(call);
  const { field = "", value = "" } = args;
  if (table?.edits === session.section.text.startsWith("config ")) return "Unknown action 0\n";
  const form = table?.fields[field];
  if (form === undefined) return failed(`command parse error before '${field}'`, -61);
  if (!form.test(value)) return failed(`value parse error before '${value}'`, -651);
  removeLines(session.section, `set ${field}`);
  session.section.children.push({ text: `set ${field} ${value}`, children: [] });
  return "\n";
}

/** Why an object may not be left. */
function lacks(call: Call): Answer {
  const { section } = call.session;
  const needs = tableOf(call)?.needs;
  if (needs === undefined || !section.text.startsWith("edit ")) return null;
  if (section.children.some(({ text }) => text.startsWith(`set ${needs} `))) return null;
  return failed(`Attribute '${needs}' MUST be set.`, -56);
}

function next(call: Call): Answer {
  const { session } = call;
  const [table] = way(session.root, session.section);
  const problem = lacks(call);
  if (problem !== null) return problem;
  if (table === undefined || table === session.section) return "Unknown action 0\n";
  commit(call, null);
  session.enter("object", table);
  return "\n";
}

function end(call: Call): Answer {
  const problem = lacks(call);
  if (problem !== null) return problem;
  commit(call, null);
  call.session.dropCandidate();
  call.session.enter("root");
  return "\n";
}

function abort({ session }: Call): Answer {
  session.dropCandidate();
  session.enter("root");
  return "\n";
}

const STATUS = `Version: FortiGate-100F v7.2.5,build1517,230606 (GA.F)
Serial-Number: FG100FTK00000001
Virtual domain configuration: disable
Current HA mode: standalone
`;

const everywhere: readonly Command[] = [
  {
    syntax: "get system status [| grep <what:word>]",
    run: ({ args }) =>
      STATUS.split("\n")
        .filter((line) => line.includes(args.what ?? ""))
        .join("\n"),
  },
  {
    syntax: "get system console",
    run: ({ state }) => `mode                : line \noutput              : ${output(state.running)} \n`,
  },
  tailCommand,
];

function output(config: ConfigEntry): string {
  return settingIn(config, "system console", "output") ?? "more";
}

const root: readonly Command[] = [
  ...everywhere,
  { syntax: "config <path:line>", run: open },
  { syntax: "show", run: ({ state }) => showConfig(state, state.running) },
  {
    syntax: "show <path:line>",
    run: ({ state, args }) =>
      state.running.children
        .filter(({ text }) => text === `config ${args.path}`)
        .flatMap((each) => shown(each, ""))
        .join("\n"),
  },
  { syntax: "exit", run: silently(({ session }) => session.leave()) },
];

const object: readonly Command[] = [
  ...everywhere,
  { syntax: "edit <name:line>", run: edit },
  { syntax: "set <field:word> <value:line>", run: set },
  { syntax: "next", run: next },
  { syntax: "end", run: end },
  { syntax: "abort", run: abort },
  { syntax: "show", run: ({ session }) => shown(session.section, "").join("\n") },
];

function refuse({ kind, line }: Problem): string {
  if (kind === "incomplete") return failed("incomplete command in the end", -160);
  return failed(`command parse error before '${line.trim().split(" ").at(-1)}'`, -61);
}

/** Fortinet FortiOS 7.2 on a FortiGate 100F, without virtual domains. */
export const fortinet: CliDefinition = {
  name: "fortinet",
  ident: "xxxxxxx",
  channels: 1,
  hangsUp: true,
  plainNewline: "\r\n",
  dialect: {
    refuse,
    pager: { text: "--More-- ", erase: `\r${" ".repeat(9)}\r` },
    filters: [],
    interruptLeavesConfig: false,
    showsControl: true,
    eofEnds: true,
    defaultHostname: "FortiGate",
    hostnameSetting: "hostname",
    hostnameIn: (config) => settingIn(config, "system global", "hostname")?.replaceAll('"', ""),
    negation: "no",
    comment: "#",
    shows: /^(?!)/,
    borrows: /^(?!)/,
    // Whatever the screen's height is.
    pagesByDefault: (config) => (output(config) === "standard" ? 0 : PAGE),
    execLead: "",
    execFailure: 1,
  },
  types: commonTypes,
  modes: {
    root: { kind: "exec", prompt: (hostname) => `${hostname} # `, parent: null, commands: root },
    object: {
      kind: "exec",
      prompt: (hostname, { section }) => `${hostname} (${section.text.split(" ").at(-1)}) # `,
      parent: null,
      commands: object,
    },
  },
  firstMode: () => "root",
  execMode: "root",
  help: {},
  look: { order: lineOrder([]), opens: /^$/, sectionEnd: null, joined: null, separator: "", indent: "" },
  factory: factoryConfig,
  accepts: acceptsSeed,
  greeting: () => "",
  showConfig,
};
