import { type ConfigEntry, lineOrder } from "../../cli/config-tree.ts";
import {
  type Answer,
  type Call,
  type CliDefinition,
  type Command,
  type Mode,
  type Problem,
  silently,
  type Where,
} from "../../cli/model.ts";
import { commonTypes } from "../../cli/params.ts";
import { tailCommand } from "../../cli/tail.ts";
import type { Seed } from "../../platform.ts";
import { acceptsSeed } from "../shared/account.ts";
import { commit, lockedBy } from "../shared/candidate.ts";
import { changedLines } from "../shared/changes.ts";
import { leavingSession, saving } from "../shared/commands.ts";
import { Statements, statementOf } from "../shared/statements.ts";

const statements = new Statements(
  [
    "port <name:word> / description <text:text>",
    "port <name:word> / admin-state {enable|disable}",
    "* router / bgp / group <name:word>",
    "router / autonomous-system <as:int 1-4294967295>",
    "* router / static-routes / route <prefix:prefix> / next-hop <hop:ip>",
    "system / location <place:text>",
    "system / name <name:word>",
  ],
  ["port", "router", "system"],
  "",
);

function factory({ hostname, index }: Seed): ConfigEntry {
  const ports = Array.from({ length: 16 }, (_, port) => `port 1/1/c${port + 1}/1 admin-state enable`);
  const gateway = `10.${((index + 1) >> 8) & 255}.${(index + 1) & 255}.254`;
  return statements.of([
    ...ports,
    `router static-routes route 0.0.0.0/0 next-hop ${gateway}`,
    `system name ${hostname}`,
  ]);
}

function showConfig(_state: unknown, config: ConfigEntry): string {
  return [
    "# TiMOS-C-22.10.R1 cpm/hops64 Nokia 7750 SR",
    "configure {",
    ...statements.braces(config),
    "}",
  ].join("\n");
}

function enter({ session, state }: Call): Answer {
  const lock = lockedBy({ session, state });
  if (lock !== null)
    return `MINOR: MGMT_CORE #2052: Exclusive datastore access unavailable - locked by ${lock.user}\n`;
  state.lock = { session: session.session, user: session.user };
  session.openCandidate();
  session.enter("exclusive");
  return "INFO: CLI #2060: Entering exclusive configuration mode\nINFO: CLI #2061: Uncommitted changes are discarded on configuration mode exit\n";
}

async function quit({ session, state }: Call): Promise<Answer> {
  if (session.dirty) {
    session.write("INFO: CLI #2064: Uncommitted changes are present in the candidate configuration.\n");
    const answer = await session.ask("Discard uncommitted changes? [y,n] ");
    if (!/^y/i.test(answer ?? "")) return null;
  }
  if (state.lock?.session === session.session) state.lock = null;
  session.dropCandidate();
  session.enter("operational");
  return null;
}

function set({ session, args: { statement = "" } }: Call): Answer {
  if (statements.set(session.root, statement) === null) return null;
  return unknown(statement.split(" ")[0] ?? "");
}

function unknown(word: string): string {
  return `             ${"^".repeat(word.length)}\nMINOR: MGMT_CORE #2201: Unknown element - '${word}'\n`;
}

function compare({ session, state }: Call): Answer {
  const [before, after] = [showConfig(state, state.running), showConfig(state, session.root)];
  return changedLines(before.split("\n"), after.split("\n"), "   ").join("\n");
}

function commitCommand(call: Call): Answer {
  const { session, state, args, line } = call;
  if (line.endsWith("accept")) {
    state.trial = null;
    return null;
  }
  const has = (what: string) => session.root.children.some(({ text }) => text.startsWith(what));
  if (has("router / bgp") && !has("router / autonomous-system"))
    return "MINOR: MGMT_CORE #224: configure router bgp - autonomous-system must be set\n";
  commit(call, args.minutes === undefined ? null : Number(args.minutes) * 60);
  return null;
}

const environment: readonly Command[] = [
  { syntax: "environment console width <columns:int 10-512>", run: silently(() => {}) },
  {
    syntax: "environment more {true|false}",
    run: silently(({ session, line }) => {
      session.pageLength = line.endsWith("true") ? 24 : 0;
    }),
  },
];

const shows: readonly Command[] = [
  { syntax: "admin show configuration", run: ({ state }) => showConfig(state, state.running) },
  { syntax: "show time", run: ({ state }) => new Date(state.chassis.clock.now()).toISOString() },
  {
    syntax: "show version",
    run: () =>
      "TiMOS-C-22.10.R1 cpm/hops64 Nokia 7750 SR Copyright (c) 2000-2022 Nokia.\nAll rights reserved.",
  },
  ...environment,
  tailCommand,
];

const SAVED = "Writing configuration to cf3:\\config.cfg\nSaving configuration .... OK\nCompleted.\n";

const operational: readonly Command[] = [
  ...leavingSession,
  ...shows,
  { syntax: "admin save", run: saving(SAVED) },
  { syntax: "edit-config exclusive", run: enter },
];

const committing: readonly Command[] = [
  { syntax: "compare", run: compare },
  { syntax: "commit", run: commitCommand },
  { syntax: "commit confirmed accept", run: commitCommand },
  { syntax: "commit confirmed <minutes:int 1-168>", run: commitCommand },
];

const exclusive: readonly Command[] = [
  ...shows,
  ...committing,
  { syntax: "configure", run: silently(({ session }) => session.enter("context")) },
  { syntax: "configure <statement:line>", run: set },
  { syntax: "exit all", run: silently(() => {}) },
  { syntax: "quit-config", run: quit },
];

const context: readonly Command[] = [
  ...committing,
  { syntax: "exit all", run: silently(({ session }) => session.enter("exclusive")) },
  { syntax: "<statement:line>", run: set },
];

function mode(commands: readonly Command[], head: (where: Where) => string): Mode {
  return {
    kind: "exec",
    prompt: (hostname, where) => `\n${head(where)}\nA:${where.user}@${hostname}# `,
    parent: null,
    commands,
  };
}

function refuse({ kind, line, at }: Problem): string {
  if (kind === "incomplete") return "MINOR: CLI #2003: Missing parameter\n";
  return unknown(line.slice(line.lastIndexOf(" ", at) + 1).split(" ")[0] ?? "");
}

/** Nokia SR OS 22.10 on a 7750 SR, model-driven. */
export const nokiaSros: CliDefinition = {
  name: "nokia_sros",
  ident: "OpenSSH_7.9",
  channels: 4,
  hangsUp: true,
  plainNewline: "\n",
  dialect: {
    refuse,
    pager: {
      text: "Press Q to quit, Enter to print next line or any other key to print next page.",
      erase: `\r${" ".repeat(78)}\r`,
    },
    filters: [],
    interruptLeavesConfig: false,
    showsControl: true,
    eofEnds: true,
    defaultHostname: "SR",
    hostnameSetting: "",
    hostnameIn: (config) => statementOf(config, "system / name"),
    negation: "no",
    comment: "#",
    shows: /^(?!)/,
    borrows: /^(?!)/,
    pagesByDefault: true,
    execLead: "",
    execFailure: 1,
  },
  types: commonTypes,
  modes: {
    operational: mode(operational, () => "[/]"),
    exclusive: mode(exclusive, ({ dirty }) => `${dirty ? "*" : ""}(ex)[/]`),
    context: mode(context, ({ dirty }) => `${dirty ? "*" : ""}(ex)[/configure]`),
  },
  firstMode: () => "operational",
  execMode: "operational",
  help: {},
  look: { order: lineOrder([]), opens: /^$/, sectionEnd: null, joined: null, separator: "", indent: "" },
  factory,
  accepts: acceptsSeed,
  greeting: () => "",
  showConfig,
};
