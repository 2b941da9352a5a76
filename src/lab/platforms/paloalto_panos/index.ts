import type { ConfigEntry } from "../../cli/config-tree.ts";
import {
  type Answer,
  type Call,
  type CliDefinition,
  type CliState,
  type Command,
  silently,
} from "../../cli/model.ts";
import type { Seed } from "../../platform.ts";
import { commit } from "../shared/candidate.ts";
import { changedLines } from "../shared/changes.ts";
import { leavingSession } from "../shared/commands.ts";
import { setLike } from "../shared/set-like.ts";
import { Statements } from "../shared/statements.ts";

const statements = new Statements(
  [
    "deviceconfig / system / hostname <name:word>",
    "deviceconfig / system / ip-address <address:ip>",
    "deviceconfig / system / timezone <zone:word>",
    "deviceconfig / system / location <place:text>",
    "network / interface / ethernet / <name:word> / comment <text:text>",
    "network / interface / ethernet / <name:word> / layer3 / ip <address:prefix>",
    "* network / virtual-router / <name:word> / interface <port:word>",
    "* rulebase / security / rules / <name:word> / action {allow|deny}",
  ],
  ["deviceconfig", "network", "rulebase"],
  ";",
);

/** What administrators have left uncommitted: every one of them goes on with it. */
const left = new WeakMap<CliState, ConfigEntry>();

function factory({ hostname, index }: Seed): ConfigEntry {
  const net = `${((index + 1) >> 8) & 255}.${(index + 1) & 255}`;
  const ports = Array.from(
    { length: 8 },
    (_, port) => `network interface ethernet ethernet1/${port + 1} layer3 ip 172.16.${port}.1/24`,
  );
  return statements.of([
    `deviceconfig system hostname ${hostname}`,
    `deviceconfig system ip-address 10.${net}.1`,
    ...ports,
    "network virtual-router default interface ethernet1/1",
  ]);
}

function infoOf({ seed, running }: CliState): string {
  const name = running.children[0]?.text.split(" ").at(-1) ?? "PA-VM";
  return `\nhostname: ${name}\nserial: 00702100${String(seed.index).padStart(4, "0")}\nmodel: PA-VM\nsw-version: 10.1.9\n`;
}

const operational: readonly Command[] = [
  ...leavingSession,
  { syntax: "configure", run: configure },
  {
    syntax: "set cli pager {on|off}",
    run: silently(({ session, line }) => {
      session.pageLength = line.endsWith("off") ? 0 : 24;
    }),
  },
  { syntax: "set cli scripting-mode {on|off}", run: silently(() => {}) },
  { syntax: "set cli terminal width <columns:int 1-500>", run: silently(() => {}) },
  { syntax: "show clock", run: ({ state }) => `\n${new Date(state.chassis.clock.now()).toUTCString()}` },
  { syntax: "show config diff", run: showChanges },
  { syntax: "show config running", run: ({ state }) => statements.braces(state.running).join("\n") },
  { syntax: "show system info", run: ({ state }) => infoOf(state) },
];

function showChanges({ session, state }: Call): Answer {
  return changedLines(statements.braces(state.running), statements.braces(session.root), "").join("\n");
}

function configure({ session, state }: Call): Answer {
  session.openCandidate();
  const before = left.get(state);
  if (before !== undefined) session.root.children = before.children;
  session.enter("config");
  return "Entering configuration mode";
}

async function commitCommand(call: Call): Promise<Answer> {
  const { session, state } = call;
  session.write("\nCommit job 12 is in progress. Use Ctrl+C to return to command prompt\n...........55%");
  if (!(await session.flushed())) return null;
  const port = session.root.children.find(({ text }) =>
    /virtual-router .* interface (?!ethernet1\/[1-8]$)/.test(text),
  );
  if (port !== undefined) {
    return `....100%\nValidation Error:\n network -> virtual-router '${port.text.split(" ").at(-1)}' is not a valid reference\nCommit failed\n`;
  }
  commit(call, null);
  left.delete(state);
  return "...98%......100%\nConfiguration committed successfully\n";
}

const config: readonly Command[] = [
  { syntax: "check pending-changes", run: ({ session }) => (session.dirty ? "yes" : "no") },
  { syntax: "commit", run: commitCommand },
  {
    syntax: "exit",
    run: ({ session, state }) => {
      if (session.dirty) left.set(state, session.root);
      session.dropCandidate();
      session.enter("operational");
      return "Exiting configuration mode";
    },
  },
  {
    syntax: "revert config",
    run: ({ session, state }) => {
      left.delete(state);
      session.openCandidate();
      session.enter("config");
      return "";
    },
  },
];

/** Palo Alto PAN-OS 10.1 on a VM. */
export const paloaltoPanos: CliDefinition = setLike({
  name: "paloalto_panos",
  ident: "OpenSSH_7.8",
  statements,
  hostname: "deviceconfig / system / hostname",
  dialect: {
    refuse: ({ kind, line }) =>
      kind === "incomplete" ? "Invalid syntax." : `Unknown command: ${line.trim().split(" ")[0]}`,
    pager: { text: "--more--", erase: "\r\x1b[K" },
    defaultHostname: "PA-VM",
  },
  promptEnd: "> ",
  operational,
  config,
  refusesSet: () => "Invalid syntax.",
  took: "\n",
  factory,
  greeting: "Number of failed attempts since last successful login: 0\n\n\n",
});
