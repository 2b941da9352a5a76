import { copyConfig } from "../../cli/config-tree.ts";
import { type Answer, type Call, type Command, silently } from "../../cli/model.ts";
import { tailCommand } from "../../cli/tail.ts";
import * as show from "./show.ts";

const DEPRECATED = `% The "terminal length" command is deprecated and its value is ignored.
% Please use "terminal paginate" instead with OS TTY length handling.`;

const everywhere: readonly Command[] = [
  { syntax: "enable", run: silently(({ session }) => session.enter("enable")) },
  { syntax: "exit", run: silently(({ session }) => session.leave()) },
  { syntax: "quit", run: silently(({ session }) => session.leave()) },
  { syntax: "show daemons", run: () => " zebra bgpd staticd" },
  { syntax: "show history", run: ({ session }) => session.history().join("\n") },
  { syntax: "show interface [<name:word>]", run: show.showInterface },
  { syntax: "show interface brief", run: show.showInterfaceBrief },
  { syntax: "show ip route", run: show.showIpRoute },
  { syntax: "show version", run: show.showVersion },
  {
    syntax: "terminal length <lines:int 0-4294967295>",
    run: ({ args }) => (args.lines === "0" ? null : DEPRECATED),
  },
  tailCommand,
];

export const viewCommands: readonly Command[] = everywhere;

export const enableCommands: readonly Command[] = [
  ...everywhere,
  { syntax: "configure [terminal]", run: silently(({ session }) => session.enter("config")) },
  { syntax: "copy running-config startup-config", run: writeMemory },
  { syntax: "disable", run: silently(({ session }) => session.enter("view")) },
  { syntax: "show running-config", run: ({ state }) => show.configText(state, state.running) },
  { syntax: "show startup-config", run: ({ state }) => show.startupText(state.startup) },
  { syntax: "write [memory]", run: writeMemory },
  { syntax: "write terminal", run: ({ state }) => show.configText(state, state.running) },
];

function writeMemory({ session, state }: Call): Answer {
  state.startup = copyConfig(state.running);
  state.saved = { at: state.chassis.clock.now(), by: session.user };
  return `Note: this version of vtysh never writes vtysh.conf
Building Configuration...
Integrated configuration saved to /etc/frr/frr.conf
[OK]`;
}

function leaving(parent: string): readonly Command[] {
  return [
    { syntax: "exit", run: silently(({ session }) => session.enter(parent)) },
    { syntax: "quit", run: silently(({ session }) => session.enter(parent)) },
    { syntax: "end", run: silently(({ session }) => session.enter("enable")) },
  ];
}

const several = { slot: "line" } as const;

export const globalCommands: readonly Command[] = [
  ...leaving("enable"),
  { syntax: "hostname <name:word>", check: badHostname },
  { syntax: "interface <name:word>", opens: "config-if" },
  { syntax: "router bgp <as:int 1-4294967295>", opens: "config-router" },
  { syntax: "router ospf", opens: "config-router" },
  {
    syntax: "ip route <prefix:prefix> {Null0|blackhole|reject}",
    ...several,
    absent: "% Refusing to remove a non-existent route",
  },
  {
    syntax: "ip route <prefix:prefix> <hop:ip> [<distance:int 1-255>]",
    ...several,
    absent: "% Refusing to remove a non-existent route",
  },
  { syntax: "ip forwarding", no: "kept", implied: true },
  { syntax: "ipv6 forwarding", no: "kept", implied: true },
  { syntax: "ip prefix-list <name:word> seq <number:int 1-4294967295> {permit|deny} <rule:line>", slot: 5 },
  { syntax: "log syslog [<level:word>]" },
  { syntax: "log file <path:word>" },
  { syntax: "banner motd line <text:line>" },
  { syntax: "service integrated-vtysh-config", no: "kept" },
];

export const interfaceCommands: readonly Command[] = [
  ...leaving("config"),
  { syntax: "description <text:line>" },
  { syntax: "ip address <address:prefix>", ...several, absent: "% Can't find address" },
  { syntax: "bandwidth <megabits:int 1-100000>" },
  { syntax: "shutdown" },
];

export const routerCommands: readonly Command[] = [
  ...leaving("config"),
  { syntax: "bgp router-id <id:ip>" },
  { syntax: "neighbor <peer:ip>", no: "only", ...several },
  { syntax: "neighbor <peer:ip> description <text:line>" },
  { syntax: "neighbor <peer:ip> remote-as <as:int 1-4294967295>" },
  { syntax: "neighbor <peer:ip> shutdown" },
  { syntax: "network <prefix:prefix> [area <area:word>]", ...several },
  { syntax: "redistribute {connected|kernel|static}", ...several },
];

function badHostname({ args, negated }: Call): Answer {
  if (negated || /^[A-Za-z0-9]/.test(args.name ?? "")) return null;
  return "Please specify string starting with alphabet or number";
}
