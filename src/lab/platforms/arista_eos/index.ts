import {
  type ConfigEntry,
  type ConfigLook,
  configLines,
  lineOrder,
  parseConfig,
  settingOf,
} from "../../cli/config-tree.ts";
import { type CliDefinition, type CliState, type Command, type Problem, silently } from "../../cli/model.ts";
import { tailCommand } from "../../cli/tail.ts";
import type { Seed } from "../../platform.ts";
import { askEnable } from "../shared/account.ts";
import { leavingSession, saving, several, showingSection, terminalSize } from "../shared/commands.ts";
import { interfaceType } from "../shared/interface-type.ts";
import { iosLike } from "../shared/ios-like.ts";
import { inSession, leaving, sessionCommands, sessionShows } from "./sessions.ts";

const configLook: ConfigLook = {
  order: lineOrder([
    "hostname|ip name-server|ntp|snmp-server|spanning-tree|transceiver|logging",
    "no aaa|username",
    "vlan",
    "interface",
    "ip access-list",
    "ip route",
    "ip routing",
    "end",
  ]),
  opens: /^(interface|vlan|ip access-list) /,
  sectionEnd: null,
  joined: null,
  separator: "!",
  indent: "   ",
};

/** The configuration a lab device starts with: a small leaf. */
function factoryConfig({ hostname, index, username }: Seed): ConfigEntry {
  const net = `${((index + 1) >> 8) & 255}.${(index + 1) & 255}`;
  const levels = [
    "AAA",
    "ACL",
    "AGENT",
    "ARP",
    "BFD",
    "BGP",
    "BMP",
    "DOT1X",
    "ETH",
    "HARDWARE",
    "INTF",
    "LACP",
  ];
  const ports = Array.from({ length: 24 }, (_, port) => `interface Ethernet${port + 1}`);
  return parseConfig(`hostname ${hostname}
transceiver qsfp default-mode 4x10G
${levels.map((level) => `logging level ${level} errors`).join("\n")}
spanning-tree mode mstp
no aaa root
username ${username} role network-admin secret sha512 $6$labonly$labonlyhash
${ports.join("\n")}
interface Management1
 ip address 10.${net}.1/24
ip route 0.0.0.0/0 10.${net}.254
ip routing`);
}

function configText(state: CliState, config: ConfigEntry): string {
  const name = settingOf(state.running, "hostname") ?? "localhost";
  const head = ["! Command: show running-config", `! device: ${name} (vEOS, EOS-4.22.1F)`, "!"];
  return [...head, ...configLines(config, configLook), "end"].join("\n");
}

const VERSION = ` vEOS
Hardware version:    
Serial number:       
System MAC address:  5254.001f.e379

Software image version: 4.22.1F
Architecture:           i686
Internal build version: 4.22.1F-13062802.4221F

Uptime:                 0 weeks, 0 days, 4 hours and 6 minutes
Total memory:           4008840 kB
Free memory:            3233440 kB
`;

const everywhere: readonly Command[] = [
  ...leavingSession,
  ...terminalSize({
    length: (lines) => (lines === "0" ? "Pagination disabled." : `Pagination set to ${lines} lines.`),
    width: (columns) => `Width set to ${columns} columns.`,
  }),
  { syntax: "enable", run: askEnable(3, "% Bad secret") },
  { syntax: "show clock", run: ({ state }) => new Date(state.chassis.clock.now()).toUTCString() },
  { syntax: "show hostname", run: ({ state }) => `Hostname: ${settingOf(state.running, "hostname")}` },
  { syntax: "show version", run: () => VERSION },
  tailCommand,
];

const PRIVILEGED_ONLY = ["show running-config", "show startup-config", "configure [terminal]"] as const;

const user: readonly Command[] = [
  ...everywhere,
  ...PRIVILEGED_ONLY.map((syntax) => ({ syntax, run: () => "% Invalid input (privileged mode required)" })),
];

const privileged: readonly Command[] = [
  ...everywhere,
  ...sessionShows(configLook),
  { syntax: "configure [terminal]", run: silently(({ session }) => session.enter("config")) },
  { syntax: "copy running-config startup-config", run: saving("Copy completed successfully.") },
  { syntax: "disable", run: silently(({ session }) => session.enter("user")) },
  { syntax: "show running-config", run: ({ state }) => configText(state, state.running) },
  {
    syntax: "show running-config interfaces <interface:interface>",
    run: showingSection(configLook, "% Invalid input"),
  },
  { syntax: "show startup-config", run: ({ state }) => configText(state, state.startup) },
  { syntax: "write [memory]", run: saving("Copy completed successfully.") },
];

const config: readonly Command[] = [
  ...leaving("privileged"),
  ...sessionCommands,
  { syntax: "hostname <name:word>" },
  { syntax: "interface <interface:interface>", opens: "config-if" },
  { syntax: "ip access-list <name:word>", opens: "config-acl" },
  { syntax: "ip name-server <server:ip>", ...several },
  { syntax: "ip route <prefix:prefix> <hop:ip>", ...several },
  { syntax: "ip routing", no: "kept" },
  { syntax: "ntp server <server:word>", ...several },
  { syntax: "snmp-server location <text:line>" },
  { syntax: "vlan <id:int 1-4094>", opens: "config-vlan" },
];

const onInterface: readonly Command[] = [
  ...leaving("config"),
  { syntax: "description <text:line>" },
  { syntax: "ip address <address:prefix>" },
  { syntax: "mtu <bytes:int 68-9214>" },
  { syntax: "shutdown", no: "kept" },
  { syntax: "switchport", no: "kept" },
  { syntax: "switchport access vlan <vlan:int 1-4094>" },
];

/** Its `abort` is about the list alone. */
const onAccessList: readonly Command[] = [
  ...leaving("config"),
  { syntax: "abort", run: silently(({ session }) => session.enter("config")) },
  { syntax: "<sequence:int 1-4294967295> permit ip any any", slot: "line" },
  { syntax: "<sequence:int 1-4294967295> deny ip any any", slot: "line" },
];

/** It points at nothing. */
function refuse({ kind }: Problem): string {
  if (kind === "ambiguous") return "% Ambiguous command";
  return kind === "incomplete" ? "% Incomplete command" : "% Invalid input";
}

/** `Ethernet1` shows as `Et1` in the prompt. */
function shortName({ text }: ConfigEntry): string {
  return text.replace(/^interface ([A-Z][a-z])[a-z]*/, "config-if-$1");
}

/** Arista EOS 4.22 on a vEOS. */
export const aristaEos: CliDefinition = iosLike({
  name: "arista_eos",
  ident: "OpenSSH_7.8",
  refuse,
  pager: { text: "\x1b[3m --More-- \x1b[23m", erase: "\r\x1b[K" },
  dialect: { borrows: /^\s*(?:do\s+(?=\S)|(?=(?:show|copy|write)\s))/i, defaultHostname: "localhost" },
  promptEnd: "",
  inCandidate: inSession,
  types: {
    interface: interfaceType({
      Ethernet: /^\d{1,2}(?:\/\d)?$/,
      Loopback: /^\d{1,4}$/,
      Management: /^\d$/,
      "Port-Channel": /^\d{1,4}$/,
      Vlan: /^\d{1,4}$/,
    }),
  },
  user,
  privileged,
  config,
  below: {
    "config-if": { commands: onInterface, shown: shortName },
    "config-acl": {
      commands: onAccessList,
      shown: ({ text }) => text.replace("ip access-list ", "config-acl-"),
    },
    "config-vlan": {
      commands: [...leaving("config"), { syntax: "name <name:word>" }],
      shown: ({ text }) => text.replace("vlan ", "config-vlan-"),
    },
  },
  look: configLook,
  factory: factoryConfig,
  greeting: () => "",
  showConfig: configText,
});
