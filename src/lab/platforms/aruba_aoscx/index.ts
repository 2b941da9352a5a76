import { type ConfigLook, lineOrder } from "../../cli/config-tree.ts";
import type { CliDefinition, Command, Problem } from "../../cli/model.ts";
import { leaving, saving, several } from "../shared/commands.ts";
import { iosLike } from "../shared/ios-like.ts";
import { accessSwitch, headed, noPage, switchCommands } from "../shared/switch-like.ts";

const look: ConfigLook = {
  order: lineOrder(["hostname", "ntp|ssh", "vlan", "interface", "ip route"]),
  opens: /^(interface|vlan) /,
  sectionEnd: null,
  joined: /^(?:interface|vlan) /,
  separator: "!",
  indent: "    ",
};

const factory = accessSwitch(32, ({ hostname }, net) => ({
  before: `hostname ${hostname}\nssh server vrf mgmt\nvlan 1`,
  port: (number) => `interface 1/1/${number}\n no shutdown`,
  after: `interface mgmt\n ip static 10.${net}.1/24\nip route 0.0.0.0/0 10.${net}.254`,
}));

const showConfig = headed(["Current configuration:", "!", "!Version ArubaOS-CX GL.10.10.1000"], look);

const VERSION = `-----------------------------------------------------------------------------
ArubaOS-CX
(c) Copyright 2017-2022 Hewlett Packard Enterprise Development LP
-----------------------------------------------------------------------------
Version      : GL.10.10.1000
Build Date   : 2022-06-01 12:34:56 UTC
Active Image : primary`;

const privileged: readonly Command[] = [
  ...switchCommands({
    configure: "configure [terminal]",
    version: VERSION,
    showConfig,
    save: { syntax: "write memory", run: saving("Copying configuration: [Success]") },
  }),
  ...noPage,
];

const config: readonly Command[] = [
  ...leaving("privileged"),
  { syntax: "hostname <name:word>" },
  { syntax: "interface <port:word>", opens: "config-if" },
  { syntax: "ip route <prefix:prefix> <hop:ip>", ...several },
  { syntax: "ntp server <server:word>", ...several },
  { syntax: "vlan <id:int 1-4094>", opens: "vlan" },
];

function refuse({ kind, line, at }: Problem): string {
  if (kind === "ambiguous") return "% Ambiguous command.";
  if (kind === "incomplete") return "% Command incomplete.";
  return `Invalid input: ${line.slice(line.lastIndexOf(" ", at) + 1).split(" ")[0]}`;
}

/** Aruba AOS-CX 10.10 on an 8325. */
export const arubaAoscx: CliDefinition = iosLike({
  name: "aruba_aoscx",
  ident: "OpenSSH_8.1",
  refuse,
  pager: {
    text: "-- MORE --, next page: Space, next line: Enter, quit: q",
    erase: `\r${" ".repeat(55)}\r`,
  },
  promptEnd: " ",
  user: null,
  privileged,
  config,
  below: {
    "config-if": {
      commands: [
        ...leaving("config"),
        { syntax: "description <text:line>" },
        { syntax: "ip address <address:prefix>" },
        { syntax: "shutdown", no: "kept" },
      ],
    },
    vlan: {
      commands: [...leaving("config"), { syntax: "name <name:word>" }],
      shown: ({ text }) => text.replace("vlan ", "config-vlan-"),
    },
  },
  look,
  factory,
  greeting: () => "Last login: 2021-05-28 22:40:01 from 10.0.0.9\n",
  showConfig,
});
