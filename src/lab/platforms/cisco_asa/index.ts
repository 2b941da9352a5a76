import {
  type ConfigEntry,
  type ConfigLook,
  configLines,
  lineOrder,
  parseConfig,
} from "../../cli/config-tree.ts";
import { type CliDefinition, type CliState, type Command, type Problem, silently } from "../../cli/model.ts";
import { tailCommand } from "../../cli/tail.ts";
import type { Seed } from "../../platform.ts";
import { askEnable } from "../shared/account.ts";
import { leaving, leavingSession, saving, several, showingSection } from "../shared/commands.ts";
import { interfaceType } from "../shared/interface-type.ts";
import { caret, iosLike } from "../shared/ios-like.ts";

const configLook: ConfigLook = {
  order: lineOrder([
    "hostname|domain-name|enable|names",
    "interface",
    "ftp|dns",
    "object",
    "access-list",
    "pager|logging|mtu|no failover|icmp",
    "route",
    "timeout|aaa|snmp-server|ssh|ntp|username|terminal",
  ]),
  opens: /^(interface|object) /,
  sectionEnd: null,
  joined: /^object /,
  separator: "!",
  indent: " ",
};

/** The configuration a lab device starts with: a small firewall. */
function factoryConfig({ hostname, index, username }: Seed): ConfigEntry {
  const net = `${((index + 1) >> 8) & 255}.${(index + 1) & 255}`;
  const rules = Array.from(
    { length: 40 },
    (_, rule) => `access-list outside_in extended permit tcp any host 192.0.2.${rule + 1} eq 443`,
  );
  return parseConfig(`hostname ${hostname}
enable password labonlyhash pbkdf2
names
interface GigabitEthernet0/0
 nameif outside
 security-level 0
 ip address 192.0.2.254 255.255.255.0
interface GigabitEthernet0/1
 nameif inside
 security-level 100
 ip address 172.16.${(index + 1) & 255}.1 255.255.255.0
interface Management0/0
 management-only
 nameif management
 security-level 100
 ip address 10.${net}.1 255.255.255.0
${rules.join("\n")}
pager lines 24
mtu outside 1500
mtu inside 1500
no failover
route management 0.0.0.0 0.0.0.0 10.${net}.254 1
aaa authentication ssh console LOCAL
ssh timeout 5
username ${username} password labonlyhash pbkdf2 privilege 15`);
}

function configText(state: CliState, config: ConfigEntry): string {
  const head = [
    ": Saved",
    "",
    `: Serial Number: 9LAB${String(state.seed.index).padStart(7, "0")}`,
    ":",
    "ASA Version 9.8(2) ",
    "!",
  ];
  return [...head, ...configLines(config, configLook), ": end"].join("\n");
}

const VERSION = `
Cisco Adaptive Security Appliance Software Version 9.8(2) 
Firepower Extensible Operating System Version 2.2(2.52)
Device Manager Version 7.8(2)

Hardware:   ASAv, 2048 MB RAM, CPU Xeon 5500 series 2300 MHz,
Model Id:   ASAv10
`;

const SAVED = `Building configuration...
Cryptochecksum: 6a3c1f2b 1ac07e5f 7b7a7b5a 1f0a8c4d 

8413 bytes copied in 0.270 secs
[OK]`;

const everywhere: readonly Command[] = [
  ...leavingSession,
  { syntax: "enable", run: askEnable(3, "Access denied.") },
  {
    syntax: "show curpriv",
    run: ({ session }) =>
      `Username : ${session.user}\nCurrent privilege level : ${session.mode === "user" ? 1 : 15}\nCurrent Mode/s : P_${session.mode === "user" ? "UNPR" : "PRIV"}`,
  },
  { syntax: "show version", run: () => VERSION },
  tailCommand,
];

const privileged: readonly Command[] = [
  ...everywhere,
  { syntax: "configure terminal", run: silently(({ session }) => session.enter("config")) },
  { syntax: "copy running-config startup-config", run: saving(SAVED) },
  { syntax: "disable", run: silently(({ session }) => session.enter("user")) },
  { syntax: "show clock", run: ({ state }) => new Date(state.chassis.clock.now()).toUTCString() },
  { syntax: "show running-config", run: ({ state }) => configText(state, state.running) },
  {
    syntax: "show running-config interface <interface:interface>",
    run: showingSection(configLook, "ERROR: % Invalid interface"),
  },
  { syntax: "show startup-config", run: ({ state }) => configText(state, state.startup) },
  {
    syntax: "terminal pager [lines] <lines:int 0-2147483647>",
    run: silently(({ session, args }) => {
      session.pageLength = Number(args.lines);
    }),
  },
  { syntax: "write [memory]", run: saving(SAVED) },
];

const config: readonly Command[] = [
  ...leaving("privileged"),
  { syntax: "access-list <name:word> <rule:line>", ...several },
  { syntax: "domain-name <name:word>" },
  { syntax: "hostname <name:word>" },
  { syntax: "interface <interface:interface>", opens: "config-if" },
  { syntax: "mtu <name:word> <bytes:int 64-9198>", slot: 2 },
  { syntax: "ntp server <server:ip>", ...several },
  { syntax: "object network <name:word>", opens: "config-network-object" },
  { syntax: "route <name:word> <network:ip> <mask:ip> <hop:ip> [<metric:int 1-255>]", slot: 5 },
  { syntax: "snmp-server location <text:line>" },
  { syntax: "terminal width <columns:int 0-511>" },
];

const onInterface: readonly Command[] = [
  ...leaving("config"),
  { syntax: "description <text:line>" },
  { syntax: "ip address <address:ip> <mask:ip>", no: "kept" },
  { syntax: "nameif <name:word>" },
  { syntax: "security-level <level:int 0-100>" },
  { syntax: "shutdown" },
];

function refuse(problem: Problem): string {
  if (problem.kind === "ambiguous") return `ERROR: % Ambiguous command:  "${problem.line.trim()}"`;
  if (problem.kind === "incomplete") return "ERROR: % Incomplete command";
  return `${caret(problem)}\nERROR: % Invalid input detected at '^' marker.`;
}

/** Cisco ASA 9.8 on an ASAv. A CR stands before its prompts. */
export const ciscoAsa: CliDefinition = iosLike({
  name: "cisco_asa",
  ident: "Cisco-1.25",
  refuse,
  pager: { text: "<--- More --->", erase: "\r              \r" },
  dialect: { defaultHostname: "ciscoasa", borrows: /^\s*(?:do\s+(?=\S)|(?=(?:show|write|copy)\s))/i },
  promptName: (hostname) => `\r${hostname}`,
  promptEnd: " ",
  types: {
    interface: interfaceType({
      GigabitEthernet: /^0\/\d$/,
      Management: /^0\/0$/,
      "Port-channel": /^\d{1,2}$/,
    }),
  },
  user: everywhere,
  privileged,
  config,
  below: {
    "config-if": { commands: onInterface },
    "config-network-object": {
      commands: [
        ...leaving("config"),
        { syntax: "description <text:line>" },
        { syntax: "host <address:ip>", slot: 1 },
        { syntax: "subnet <address:ip> <mask:ip>", slot: 1 },
      ],
    },
  },
  look: configLook,
  factory: factoryConfig,
  greeting: ({ seed }) =>
    `User ${seed.username} logged in to ${seed.hostname}\nType help or '?' for a list of available commands.\n`,
  showConfig: configText,
});
