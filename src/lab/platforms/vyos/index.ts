import type { ConfigEntry } from "../../cli/config-tree.ts";
import {
  type Answer,
  type Call,
  type CliDefinition,
  type Command,
  type Problem,
  silently,
} from "../../cli/model.ts";
import type { Seed } from "../../platform.ts";
import { commit } from "../shared/candidate.ts";
import { changedLines } from "../shared/changes.ts";
import { leavingSession, saving } from "../shared/commands.ts";
import { setLike } from "../shared/set-like.ts";
import { Statements } from "../shared/statements.ts";

const statements = new Statements(
  [
    "interfaces / ethernet <name:word> / address <address:prefix>",
    "interfaces / ethernet <name:word> / description <text:text>",
    "interfaces / ethernet <name:word> / disable",
    "* protocols / bgp / neighbor <peer:ip>",
    "protocols / bgp / system-as <as:int 1-4294967295>",
    "* protocols / static / route <prefix:prefix> / next-hop <hop:ip>",
    "service / ssh / port <port:int 1-65535>",
    "system / host-name <name:word>",
    "system / domain-name <name:word>",
    "* system / name-server <server:ip>",
    "system / time-zone <zone:word>",
  ],
  ["interfaces", "protocols", "service", "system"],
  "",
);

function factory({ hostname, index }: Seed): ConfigEntry {
  const net = `${((index + 1) >> 8) & 255}.${(index + 1) & 255}`;
  const ports = Array.from(
    { length: 10 },
    (_, port) => `interfaces ethernet eth${port + 1} address 172.16.${port}.1/24`,
  );
  return statements.of([
    `interfaces ethernet eth0 address 10.${net}.1/24`,
    ...ports,
    `protocols static route 0.0.0.0/0 next-hop 10.${net}.254`,
    "service ssh port 22",
    `system host-name ${hostname}`,
    "system time-zone UTC",
  ]);
}

const VERSION = `Version:          VyOS 1.4-rolling-202306150317
Release train:    sagitta

Built by:         autobuild@vyos.net
Architecture:     x86_64
Boot via:         installed image
System type:      KVM guest`;

const operational: readonly Command[] = [
  ...leavingSession,
  {
    syntax: "configure",
    run: silently(({ session }) => {
      session.openCandidate();
      session.enter("config");
    }),
  },
  {
    syntax: "set terminal length <lines:int 0-9999>",
    run: silently(({ session, args }) => {
      session.pageLength = Number(args.lines);
    }),
  },
  { syntax: "set terminal width <columns:int 0-9999>", run: silently(() => {}) },
  { syntax: "show configuration", run: ({ state }) => statements.braces(state.running).join("\n") },
  { syntax: "show date", run: ({ state }) => new Date(state.chassis.clock.now()).toUTCString() },
  { syntax: "show version", run: () => VERSION },
];

function compare({ session, state }: Call): Answer {
  const lines = changedLines(statements.braces(state.running), statements.braces(session.root), "");
  return lines.length === 0 ? "No changes between working and active configurations." : lines.join("\n");
}

function commitCommand(call: Call): Answer {
  const { session } = call;
  if (!session.dirty) return "No configuration changes to commit";
  const has = (what: string) => session.root.children.some(({ text }) => text.startsWith(what));
  if (has("protocols / bgp / neighbor") && !has("protocols / bgp / system-as"))
    return "[ protocols bgp ]\nBGP system-as must be defined!\n\n[[protocols bgp]] failed\nCommit failed";
  commit(call, null);
  return null;
}

function leave({ session, line }: Call): Answer {
  if (session.dirty && line !== "exit discard")
    return "Cannot exit: configuration modified.\nUse 'exit discard' to discard the changes and exit.";
  session.dropCandidate();
  session.enter("operational");
  return "exit";
}

const config: readonly Command[] = [
  { syntax: "commit", run: commitCommand },
  { syntax: "compare", run: compare },
  { syntax: "exit", run: leave },
  { syntax: "exit discard", run: leave },
  { syntax: "save", run: saving("Saving configuration to '/config/config.boot'...\nDone") },
];

function refuse({ kind, line, word }: Problem): string {
  if (kind === "incomplete") return `\n  Incomplete command: ${line.trim()}\n\n`;
  if (kind === "ambiguous") return `\n  Ambiguous command: ${line.trim()}\n\n`;
  return `\n  Invalid command: [${word || line.trim().split(" ").at(-1)}]\n\n`;
}

/** VyOS 1.4. */
export const vyos: CliDefinition = setLike({
  name: "vyos",
  ident: "OpenSSH_9.2p1 Debian-2",
  statements,
  hostname: "system / host-name",
  dialect: { refuse, pager: { text: ":", erase: "\r\x1b[K" }, defaultHostname: "vyos" },
  promptEnd: ":~$ ",
  operational,
  config,
  refusesSet: (statement) => `\n  Configuration path: [${statement}] is not valid\n  Set failed\n\n`,
  took: null,
  factory,
  greeting: "Welcome to VyOS!\n\n",
});
