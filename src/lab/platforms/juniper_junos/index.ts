import { type ConfigEntry, lineOrder } from "../../cli/config-tree.ts";
import {
  type Answer,
  type Call,
  type CliDefinition,
  type CliState,
  type Command,
  type Problem,
  silently,
  type Where,
} from "../../cli/model.ts";
import { commonTypes } from "../../cli/params.ts";
import { tailCommand } from "../../cli/tail.ts";
import { acceptsSeed } from "../shared/account.ts";
import { commit, lockedBy } from "../shared/candidate.ts";
import { changedLines } from "../shared/changes.ts";
import { leavingSession } from "../shared/commands.ts";
import type { RefusedStatement } from "../shared/statements.ts";
import { commitProblem, factoryConfig, junosStatements } from "./statements.ts";

const EXCLUSIVE = "exclusive";

function configText(state: CliState, config: ConfigEntry): string {
  const at = state.changed?.at ?? 0;
  const who = state.changed?.by ?? "root";
  const time = new Date(at).toISOString().slice(0, 19).replace("T", " ");
  return [
    `## Last commit: ${time} UTC by ${who}`,
    "version 17.3R2.10;",
    ...junosStatements.braces(config),
  ].join("\n");
}

const operational: readonly Command[] = [
  ...leavingSession,
  { syntax: "configure", run: configure },
  { syntax: "configure {exclusive|private}", run: configure },
  {
    syntax: "set cli screen-length <lines:int 0-100000>",
    run: ({ session, args: { lines } }) => {
      session.pageLength = Number(lines);
      return `Screen length set to ${lines}`;
    },
  },
  {
    syntax: "set cli screen-width <columns:int 0-1024>",
    run: ({ session, args: { columns } }) => {
      session.width = Number(columns);
      return `Screen width set to ${columns}`;
    },
  },
  { syntax: "set cli complete-on-space off", run: () => "Disabling complete-on-space" },
  { syntax: "show configuration", run: ({ state }) => configText(state, state.running) },
  {
    syntax: "show configuration <path:line>",
    run: ({ state, args }) => junosStatements.braces(state.running, args.path).join("\n"),
  },
  {
    syntax: "show system uptime",
    run: ({ state }) => `Current time: ${new Date(state.chassis.clock.now()).toISOString()}`,
  },
  {
    syntax: "show version",
    run: ({ state }) => `Hostname: ${hostnameOf(state)}\nModel: mx240\nJunos: 17.3R2.10`,
  },
  tailCommand,
];

function hostnameOf({ running }: CliState): string {
  const line = running.children.find(({ text }) => text.startsWith("system / host-name "));
  return line?.text.split(" ").at(-1) ?? "Amnesiac";
}

function configure({ session, state, line }: Call): Answer {
  const lock = lockedBy({ session, state });
  if (lock !== null && !line.endsWith("private")) {
    return `error: configuration database locked by:\n  ${lock.user} terminal p0 (pid 1088) on since now, idle 00:00:44\n      exclusive [edit]`;
  }
  session.notes.delete(EXCLUSIVE);
  if (line.endsWith("exclusive")) {
    state.lock = { session: session.session, user: session.user };
    session.notes.add(EXCLUSIVE);
  }
  session.openCandidate();
  session.enter("config", at(""));
  const warning = line === "configure" ? "" : "warning: uncommitted changes will be discarded on exit\n";
  return `${warning}Entering configuration mode`;
}

/** A place in the configuration. */
function at(path: string): ConfigEntry {
  return { text: path, children: [] };
}

function path({ session }: Call, rest: string): string {
  return [session.section.text, rest].filter((part) => part !== "").join(" ");
}

function set(call: Call): Answer {
  const line = path(call, call.args.statement ?? "");
  return said(junosStatements.set(call.session.root, line), call, line);
}

function remove(call: Call): Answer {
  const line = path(call, call.args.statement ?? "");
  const removed = junosStatements.remove(call.session.root, line);
  if (typeof removed === "object") return said(removed, call, line);
  return removed ? null : "warning: statement not found";
}

function said(refused: RefusedStatement | null, { session, line }: Call, whole: string): Answer {
  if (refused === null) return null;
  const prompt = `${session.user}@x# `.length;
  const before = line.indexOf(" ") + 1 - (session.section.text === "" ? 0 : session.section.text.length + 1);
  const promptLength = Math.max(0, prompt + before);
  return refuse({ ...refused, line: whole, word: "", promptLength }, "syntax error.");
}

function compare({ session, state }: Call): Answer {
  const [before, after] = [state.running, session.root].map((config) => junosStatements.braces(config));
  const lines = changedLines(before ?? [], after ?? []);
  return lines.length === 0 ? null : ["[edit]", ...lines].join("\n");
}

function commitCommand(call: Call): Answer {
  const { session, line, args } = call;
  const lock = lockedBy(call);
  if (lock !== null) {
    return `error: configuration database locked by:\n  ${lock.user} terminal p0 (pid 1088) on since now\n      exclusive [edit]`;
  }
  const problem = commitProblem(session.root);
  if (problem !== null) return problem;
  if (line === "commit check") return "configuration check succeeds";
  const minutes = line.startsWith("commit confirmed") ? Number(args.minutes ?? 10) : null;
  commit(call, minutes === null ? null : minutes * 60);
  if (minutes === null) return "commit complete";
  const until = `commit confirmed will be automatically rolled back in ${minutes} minutes unless confirmed`;
  return `${until}\ncommit complete`;
}

async function leave({ session, state }: Call): Promise<Answer> {
  if (session.dirty) {
    session.write("The configuration has been changed but not committed\n");
    const exclusive = session.notes.has(EXCLUSIVE);
    if (exclusive) session.write("warning: Auto rollback on exiting 'configure exclusive'\n");
    const question = exclusive ? "Discard uncommitted changes?" : "Exit with uncommitted changes?";
    const answer = await session.ask(`${question} [yes,no] (yes) `);
    if (answer === null || /^n/i.test(answer)) return null;
    if (exclusive) session.write("warning: discarding uncommitted changes\nload complete\n");
  }
  if (state.lock?.session === session.session) state.lock = null;
  session.dropCandidate();
  session.enter("operational");
  return "Exiting configuration mode";
}

/** Up a level, or out. */
function exit(call: Call): Answer | Promise<Answer> {
  const { session } = call;
  if (session.section.text === "") return leave(call);
  session.enter("config", at(""));
  return null;
}

const config: readonly Command[] = [
  { syntax: "commit", run: commitCommand },
  { syntax: "commit check", run: commitCommand },
  { syntax: "commit confirmed [<minutes:int 1-65535>]", run: commitCommand },
  { syntax: "delete <statement:line>", run: remove },
  {
    syntax: "edit <path:line>",
    run: silently((call) => call.session.enter("config", at(path(call, call.args.path ?? "")))),
  },
  { syntax: "exit", run: exit },
  { syntax: "exit configuration-mode", run: leave },
  { syntax: "quit", run: exit },
  {
    syntax: "rollback 0",
    run: ({ session }) => {
      session.openCandidate();
      return "load complete";
    },
  },
  { syntax: "set <statement:line>", run: set },
  {
    syntax: "show",
    run: ({ session }) => junosStatements.braces(session.root, session.section.text).join("\n"),
  },
  { syntax: "top show | compare", run: compare },
  { syntax: "top", run: silently(({ session }) => session.enter("config", at(""))) },
];

function refuse({ kind, line, at: where, promptLength }: Problem, otherwise?: string): string {
  const mark = `${" ".repeat(promptLength + where)}^`;
  const words = line.trimStart().split(" ");
  if (kind === "ambiguous") return `${mark}\n'${words[0]}' is ambiguous.`;
  if (kind === "incomplete") return `${mark}\nmissing argument.`;
  const first = where <= (words[0]?.length ?? 0);
  return `${mark}\n${otherwise ?? (first ? "unknown command." : "syntax error, expecting <command>.")}`;
}

function configPrompt(hostname: string, { user, section }: Where): string {
  return `\n[edit${section.text === "" ? "" : ` ${section.text}`}]\n${user}@${hostname}# `;
}

/** Junos 17.3 on an MX240: statements in braces, a candidate that is committed. */
export const juniperJunos: CliDefinition = {
  name: "juniper_junos",
  ident: "OpenSSH_6.9",
  channels: 10,
  hangsUp: true,
  plainNewline: "\n",
  dialect: {
    refuse,
    pager: { text: "---(more)---", erase: `\r${" ".repeat(40)}\r` },
    filters: ["include", "exclude", "count"],
    interruptLeavesConfig: false,
    showsControl: true,
    eofEnds: true,
    defaultHostname: "Amnesiac",
    hostnameSetting: "system / host-name",
    negation: "no",
    comment: "#",
    shows: /^\s*show\s/,
    borrows: /^\s*run\s+(?=\S)/,
    pagesByDefault: true,
    execLead: "",
    execFailure: 1,
  },
  types: commonTypes,
  modes: {
    operational: {
      kind: "exec",
      prompt: (hostname, { user }) => `\n${user}@${hostname}> `,
      parent: null,
      commands: operational,
    },
    config: { kind: "config", prompt: configPrompt, parent: "operational", commands: config },
  },
  firstMode: () => "operational",
  execMode: "operational",
  help: {},
  look: { order: lineOrder([]), opens: /^$/, sectionEnd: null, joined: null, separator: "", indent: "" },
  factory: factoryConfig,
  accepts: acceptsSeed,
  greeting: () => "--- JUNOS 17.3R2.10 built 2018-03-26 15:09:19 UTC\n",
  showConfig: configText,
};
