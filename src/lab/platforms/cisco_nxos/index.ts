import { settingOf } from "../../cli/config-tree.ts";
import { type CliDefinition, type Command, type Problem, silently } from "../../cli/model.ts";
import { tailCommand } from "../../cli/tail.ts";
import {
  leaving,
  leavingSession,
  saving,
  several,
  showingSection,
  silentTerminal,
} from "../shared/commands.ts";
import { interfaceType } from "../shared/interface-type.ts";
import { caret, iosLike } from "../shared/ios-like.ts";
import { configLook, factoryConfig } from "./factory.ts";
import { configText, showInterfaceBrief, showVersion } from "./show.ts";

const COPIED = `[########################################] 100%
Copy complete, now saving to disk (please wait)...
Copy complete.`;

const exec: readonly Command[] = [
  ...leavingSession,
  ...silentTerminal,
  {
    syntax: "configure [terminal]",
    run: ({ session }) => {
      session.enter("config");
      return "Enter configuration commands, one per line. End with CNTL/Z.";
    },
  },
  { syntax: "copy running-config startup-config", run: saving(COPIED) },
  { syntax: "end", run: silently(() => {}) },
  { syntax: "show clock", run: ({ state }) => new Date(state.chassis.clock.now()).toUTCString() },
  { syntax: "show hostname", run: ({ state }) => `${settingOf(state.running, "hostname") ?? "switch"} ` },
  { syntax: "show interface brief", run: showInterfaceBrief },
  { syntax: "show running-config", run: ({ state }) => configText(state, state.running) },
  {
    syntax: "show running-config interface <interface:interface>",
    run: showingSection(configLook, "% Invalid interface"),
  },
  { syntax: "show startup-config", run: ({ state }) => configText(state, state.startup) },
  { syntax: "show version", run: showVersion },
  tailCommand,
];

const config: readonly Command[] = [
  ...leaving("privileged"),
  { syntax: "feature <name:word>", ...several },
  { syntax: "hostname <name:word>" },
  { syntax: "interface <interface:interface>", opens: "config-if" },
  { syntax: "ip domain-lookup", no: "kept" },
  { syntax: "ip route <prefix:prefix> <hop:ip>", ...several },
  { syntax: "ntp server <server:ip>", ...several },
  { syntax: "snmp-server location <text:line>" },
  { syntax: "snmp-server contact <text:line>" },
  { syntax: "vlan <id:int 1-4094>", opens: "config-vlan" },
];

const onInterface: readonly Command[] = [
  ...leaving("config"),
  { syntax: "description <text:line>" },
  { syntax: "ip address <address:prefix>" },
  { syntax: "mtu <bytes:int 576-9216>" },
  { syntax: "shutdown", no: "kept" },
  { syntax: "switchport", no: "kept" },
  { syntax: "switchport access vlan <vlan:int 1-4094>" },
  { syntax: "vrf member <name:word>" },
];

function refuse(problem: Problem): string {
  switch (problem.kind) {
    case "ambiguous":
      return `${caret(problem)}\n% Ambiguous command at '^' marker.`;
    case "incomplete":
      return `${caret(problem)}\n% Incomplete command at '^' marker.`;
    default:
      return `${caret(problem)}\n% Invalid command at '^' marker.`;
  }
}

/** Cisco NX-OS 9.2 on a Nexus 9000v: privileged at once. */
export const ciscoNxos: CliDefinition = iosLike({
  name: "cisco_nxos",
  ident: "OpenSSH_6.2 PKIX FIPS",
  refuse,
  pager: { text: "--More--", erase: "\r        \r" },
  dialect: { borrows: /^\s*(?:do\s+(?=\S)|(?=(?:show|copy|terminal)\s))/i },
  promptEnd: " ",
  types: {
    interface: interfaceType({
      Ethernet: /^1\/\d{1,3}$/,
      loopback: /^\d{1,4}$/,
      mgmt: /^0$/,
      Vlan: /^\d{1,4}$/,
    }),
  },
  user: null,
  privileged: exec,
  config,
  below: {
    "config-if": { commands: onInterface },
    "config-vlan": { commands: [...leaving("config"), { syntax: "name <name:word>" }] },
  },
  look: configLook,
  factory: factoryConfig,
  greeting: () => "\nCisco Nexus Operating System (NX-OS) Software\nTAC support: http://www.cisco.com/tac\n",
  showConfig: configText,
});
