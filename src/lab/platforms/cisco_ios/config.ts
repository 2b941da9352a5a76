import type { ConfigLook } from "../../cli/config-tree.ts";
import { type Command, silently } from "../../cli/model.ts";
import { banner } from "./banner.ts";
import {
  badAddress,
  badHostname,
  badRoute,
  hashedEnable,
  hashedUser,
  removesPort,
  upperAccess,
} from "./config-rules.ts";
import { CONFIG_ORDER } from "./factory.ts";

export const configLook: ConfigLook = {
  order: CONFIG_ORDER,
  opens: /^(interface|router|line|vlan|control-plane|ip access-list) ?/,
  sectionEnd: null,
  joined: /^line /,
  separator: "!",
  indent: " ",
};

const several = { slot: "line" } as const;

/** `exit` and `end` of every configuration mode. */
export function leaving(parent: string): readonly Command[] {
  return [
    { syntax: "exit", run: silently(({ session }) => session.enter(parent)) },
    { syntax: "end", run: silently(({ session }) => session.enter("privileged")) },
  ];
}

export const globalCommands: readonly Command[] = [
  ...leaving("privileged"),
  { syntax: "hostname <name:word>", check: badHostname },
  {
    syntax: "interface <interface:interface>",
    opens: "config-if",
    born: ["no ip address"],
    check: removesPort,
  },
  { syntax: "router bgp <as:int 1-4294967295>", opens: "config-router", born: ["bgp log-neighbor-changes"] },
  { syntax: "router ospf <process:int 1-65535>", opens: "config-router" },
  { syntax: "router eigrp <as:int 1-65535>", opens: "config-router" },
  { syntax: "router rip", opens: "config-router" },
  { syntax: "line con <number:int 0-0>", opens: "config-line" },
  { syntax: "line aux <number:int 0-0>", opens: "config-line" },
  { syntax: "line vty <first:int 0-1113> [<last:int 1-1113>]", opens: "config-line" },
  { syntax: "vlan <id:int 1-4094>", opens: "config-vlan" },
  { syntax: "ip access-list {standard|extended} <name:word>", opens: "config-nacl" },
  {
    syntax: "ip route <prefix:ip> <mask:ip> <hop:hop> [<distance:int 1-255>]",
    ...several,
    check: badRoute,
    absent: "%No matching route to delete",
  },
  {
    syntax: "ip route <prefix:ip> <mask:ip> <hop:hop> name <name:word>",
    ...several,
    check: badRoute,
    absent: "%No matching route to delete",
  },
  { syntax: "ip domain name <name:word>" },
  { syntax: "ip domain-name <name:word>", slot: 3, keep: ({ args }) => `ip domain name ${args.name}` },
  { syntax: "ip domain lookup", no: "kept", implied: true },
  { syntax: "ip domain-lookup", no: "kept", implied: true },
  { syntax: "ip name-server <server:ip>", ...several },
  { syntax: "ip cef" },
  { syntax: "ip http server", no: "kept" },
  { syntax: "ip http secure-server", no: "kept" },
  { syntax: "ip ssh version <version:int 1-2>" },
  { syntax: "ip ssh time-out <seconds:int 1-120>" },
  { syntax: "ip routing", no: "kept", implied: true },
  { syntax: "ip default-gateway <gateway:ip>" },
  { syntax: "ipv6 unicast-routing" },
  { syntax: "access-list <number:int 1-199> {permit|deny|remark} <rule:line>", ...several },
  { syntax: "access-list <number:int 1-199>", no: "only", ...several },
  { syntax: "aaa new-model", no: "kept" },
  { syntax: "banner motd <text:line>", run: banner },
  { syntax: "banner login <text:line>", run: banner },
  { syntax: "banner exec <text:line>", run: banner },
  { syntax: "banner {motd|login|exec}", no: "only", slot: 2 },
  { syntax: "clock timezone <zone:word> <hours:int 0-23>" },
  { syntax: "enable secret <secret:word>", keep: hashedEnable },
  { syntax: "enable secret {0|5} <secret:word>", slot: 2, keep: hashedEnable },
  { syntax: "enable secret", no: "only" },
  { syntax: "enable password <password:word>" },
  { syntax: "lldp run" },
  { syntax: "cdp run", no: "kept", implied: true },
  { syntax: "logging host <host:ip>", ...several },
  { syntax: "logging <host:ip>", ...several, keep: ({ args }) => `logging host ${args.host}` },
  { syntax: "logging buffered <bytes:int 4096-2147483647> [<level:word>]", slot: 2 },
  { syntax: "logging {trap|console|monitor} <level:word>", slot: 2 },
  { syntax: "logging source-interface <interface:interface>" },
  { syntax: "ntp server <server:ip> [prefer]", slot: 3 },
  { syntax: "service timestamps {debug|log} datetime [msec]", slot: 3 },
  { syntax: "service password-encryption" },
  { syntax: "snmp-server community <name:word> [{ro|rw}]", slot: 3, keep: upperAccess },
  { syntax: "snmp-server contact <text:line>" },
  { syntax: "snmp-server location <text:line>" },
  { syntax: "snmp-server host <host:ip> <community:word>", slot: 3 },
  { syntax: "spanning-tree mode {pvst|rapid-pvst|mst}" },
  {
    syntax: "username <name:word> [privilege <level:int 0-15>] {secret|password} [0] <secret:word>",
    slot: 2,
    keep: hashedUser,
  },
  { syntax: "username <name:word>", no: "only", slot: 2 },
];

export const interfaceCommands: readonly Command[] = [
  ...leaving("config"),
  { syntax: "bandwidth <kilobits:int 1-10000000>" },
  { syntax: "cdp enable", no: "kept", implied: true },
  { syntax: "channel-group <number:int 1-64> mode {active|passive|on}", slot: 1 },
  { syntax: "description <text:line>" },
  { syntax: "duplex {auto|full|half}" },
  {
    syntax: "encapsulation dot1q <vlan:int 1-4094> [native]",
    slot: 1,
    keep: ({ line }) => line.replace("dot1q", "dot1Q"),
  },
  { syntax: "ip access-group <list:word> {in|out}", slot: "line" },
  { syntax: "ip address <address:ip> <mask:ip>", no: "kept", check: badAddress },
  { syntax: "ip address <address:ip> <mask:ip> secondary", ...several, check: badAddress },
  { syntax: "ip address dhcp", slot: 2, no: "kept" },
  { syntax: "ip helper-address <server:ip>", ...several },
  { syntax: "ip mtu <bytes:int 68-9216>" },
  { syntax: "ip nat {inside|outside}", slot: 2 },
  { syntax: "ip ospf <process:int 1-65535> area <area:word>", slot: 3 },
  { syntax: "ip ospf cost <cost:int 1-65535>" },
  { syntax: "load-interval <seconds:int 30-600>" },
  { syntax: "mtu <bytes:int 64-9216>" },
  { syntax: "negotiation auto" },
  { syntax: "shutdown" },
  { syntax: "speed {10|100|1000|auto}" },
  { syntax: "standby <group:int 0-255> {ip|priority} <value:word>", slot: 3 },
  { syntax: "standby <group:int 0-255> preempt", slot: 3 },
  { syntax: "switchport", no: "kept" },
  { syntax: "switchport access vlan <vlan:int 1-4094>" },
  { syntax: "switchport mode {access|trunk}" },
  { syntax: "switchport trunk allowed vlan <list:word>" },
];

export const routerCommands: readonly Command[] = [
  ...leaving("config"),
  { syntax: "auto-summary", no: "kept", implied: true },
  { syntax: "bgp log-neighbor-changes", no: "kept" },
  { syntax: "bgp router-id <id:ip>" },
  { syntax: "default-information originate" },
  { syntax: "neighbor <peer:ip>", no: "only", ...several },
  { syntax: "neighbor <peer:ip> description <text:line>" },
  { syntax: "neighbor <peer:ip> remote-as <as:int 1-4294967295>" },
  { syntax: "neighbor <peer:ip> shutdown" },
  { syntax: "neighbor <peer:ip> update-source <interface:interface>" },
  { syntax: "network <network:ip> [mask <mask:ip>]", ...several },
  { syntax: "network <network:ip> <wildcard:ip> [area <area:word>]", ...several },
  { syntax: "passive-interface {default}", ...several },
  { syntax: "passive-interface <interface:interface>", ...several },
  { syntax: "redistribute {connected|static}", ...several },
  { syntax: "router-id <id:ip>" },
  { syntax: "version <version:int 1-2>" },
];

export const lineCommands: readonly Command[] = [
  ...leaving("config"),
  { syntax: "access-class <list:word> {in|out}", ...several },
  { syntax: "exec-timeout <minutes:int 0-35791> [<seconds:int 0-2147483>]", slot: 1 },
  { syntax: "logging synchronous" },
  { syntax: "login [local]", slot: 1 },
  { syntax: "password <password:word>" },
  { syntax: "privilege level <level:int 0-15>" },
  { syntax: "transport input {all|none|ssh|telnet}" },
  { syntax: "transport preferred {none|ssh|telnet}" },
];

export const vlanCommands: readonly Command[] = [
  ...leaving("config"),
  { syntax: "name <name:word>" },
  { syntax: "state {active|suspend}" },
];

export const accessListCommands: readonly Command[] = [
  ...leaving("config"),
  { syntax: "{permit|deny|remark} <rule:line>", ...several },
  { syntax: "<sequence:int 1-2147483647> {permit|deny} <rule:line>", slot: 1 },
];
