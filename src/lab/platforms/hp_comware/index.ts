import { type ConfigEntry, lineOrder, parseConfig } from "../../cli/config-tree.ts";
import { type CliDefinition, type Command, type Problem, silently } from "../../cli/model.ts";
import type { Seed } from "../../platform.ts";
import { saving, several } from "../shared/commands.ts";
import { interfaceType } from "../shared/interface-type.ts";
import { caret } from "../shared/ios-like.ts";
import { vrpLike } from "../shared/vrp-like.ts";

/** The configuration a lab device starts with: a small access switch. */
function factoryConfig({ hostname, index, username }: Seed): ConfigEntry {
  const net = `${((index + 1) >> 8) & 255}.${(index + 1) & 255}`;
  const ports = Array.from({ length: 24 }, (_, port) => `interface GigabitEthernet1/0/${port + 1}`);
  return parseConfig(`sysname ${hostname}
lldp global enable
ssh server enable
vlan 1
interface M-GigabitEthernet0/0/0
 ip address 10.${net}.1 255.255.255.0
${ports.join("\n")}
line vty 0 63
 authentication-mode scheme
ip route-static 0.0.0.0 0 10.${net}.254
local-user ${username} class manage`);
}

const VERSION = `H3C Comware Software, Version 7.1.045, Release 2435P01
Copyright (c) 2004-2017 New H3C Technologies Co., Ltd. All rights reserved.
H3C S6800-54QF uptime is 5 weeks, 6 days, 2 hours, 2 minutes`;

function refuse(problem: Problem): string {
  if (problem.kind === "ambiguous") return `${caret(problem)}\n % Ambiguous command found at '^' position.`;
  if (problem.kind === "incomplete") return `${caret(problem)}\n % Incomplete command found at '^' position.`;
  return `${caret(problem)}\n % Unrecognized command found at '^' position.`;
}

const SAVED = `Validating file. Please wait...
Saved the current configuration to mainboard device successfully.`;

const save: Command = {
  syntax: "save [force]",
  run: saving(SAVED),
};

const user: readonly Command[] = [
  save,
  {
    syntax: "screen-length disable",
    run: ({ session }) => {
      session.pageLength = 0;
      return "% Screen-length configuration is disabled for current user.";
    },
  },
  {
    syntax: "undo screen-length disable",
    run: silently(({ session }) => {
      session.pageLength = 24;
    }),
  },
];

const system: readonly Command[] = [
  { syntax: "interface <interface:interface>", opens: "port" },
  { syntax: "ip route-static <prefix:ip> <length:int 0-32> <hop:ip>", ...several },
  { syntax: "ntp-service unicast-server <server:ip>", ...several },
  { syntax: "snmp-agent sys-info location <text:line>" },
  { syntax: "sysname <name:word>" },
  { syntax: "vlan <id:int 1-4094>", opens: "vlan" },
];

const port: readonly Command[] = [
  { syntax: "description <text:line>" },
  { syntax: "ip address <address:ip> <mask:ip>" },
  { syntax: "port access vlan <vlan:int 1-4094>" },
  { syntax: "port link-type {access|trunk|hybrid}" },
  { syntax: "shutdown" },
];

/** H3C Comware 7.1 on an S6800. */
export const hpComware: CliDefinition = vrpLike({
  name: "hp_comware",
  ident: "Comware-7.1.045",
  refuse,
  pager: { text: "---- More ----", erase: `\x1b[16D${" ".repeat(16)}\x1b[16D` },
  greeting: () => `
${"*".repeat(78)}
* Copyright (c) 2004-2017 New H3C Technologies Co., Ltd. All rights reserved.*
${"*".repeat(78)}

`,
  entering: "System View: return to User View with Ctrl+Z.",
  user,
  version: VERSION,
  header: "#\n version 7.1.045, Release 2435P01",
  system,
  everywhere: [save],
  port,
  types: {
    interface: interfaceType({
      GigabitEthernet: /^1\/0\/\d{1,2}$/,
      "M-GigabitEthernet": /^0\/0\/0$/,
      LoopBack: /^\d{1,4}$/,
      "Vlan-interface": /^\d{1,4}$/,
    }),
  },
  order: lineOrder([
    "sysname",
    "lldp|ssh",
    "vlan",
    "interface",
    "line",
    "ip route-static",
    "snmp|ntp",
    "local-user",
  ]),
  factory: factoryConfig,
  candidate: null,
});
