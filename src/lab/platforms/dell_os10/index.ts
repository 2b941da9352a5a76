import { type ConfigEntry, type ConfigLook, lineOrder } from "../../cli/config-tree.ts";
import type { CliDefinition, Command, Problem } from "../../cli/model.ts";
import { leaving, saving, several, silentTerminal } from "../shared/commands.ts";
import { iosLike } from "../shared/ios-like.ts";
import { accessSwitch, headed, switchCommands } from "../shared/switch-like.ts";

const look: ConfigLook = {
  order: lineOrder(["hostname", "interface", "ip route", "ntp|snmp"]),
  opens: /^interface /,
  sectionEnd: null,
  joined: null,
  separator: "!",
  indent: " ",
};

const factory = accessSwitch(24, ({ hostname }, net) => ({
  before: `hostname ${hostname}`,
  port: (number) => `interface ethernet1/1/${number}\n no shutdown`,
  after: `interface mgmt1/1/1\n ip address 10.${net}.1/24\nip route 0.0.0.0/0 10.${net}.254`,
}));

const showConfig = headed(
  ["! Version 10.5.2.0", "! Last configuration change at May  28 22:43:56 2021", "!"],
  look,
);

const VERSION = `Dell EMC Networking OS10-Enterprise
Copyright (c) 1999-2020 by Dell Inc. All Rights Reserved.
OS Version: 10.5.2.0
Build Version: 10.5.2.0.229
System Type: S4148F-ON
Architecture: x86_64`;

const privileged: readonly Command[] = [
  ...switchCommands({
    configure: "configure terminal",
    version: VERSION,
    showConfig,
    save: {
      syntax: "copy running-configuration startup-configuration",
      run: saving("Copy completed"),
    },
  }),
  ...silentTerminal,
  { syntax: "show running-configuration", run: ({ state }) => showConfig(state, state.running) },
  {
    syntax: "show running-configuration interface <port:word>",
    run: ({ state, args }) => sectionOf(state.running, `interface ${args.port}`),
  },
];

function sectionOf(config: ConfigEntry, header: string): string {
  const section = config.children.find(({ text }) => text === header);
  return [header, ...(section?.children ?? []).map(({ text }) => ` ${text}`)].join("\n");
}

const config: readonly Command[] = [
  ...leaving("privileged"),
  { syntax: "hostname <name:word>" },
  { syntax: "interface <port:word>", opens: "port" },
  { syntax: "ip route <prefix:prefix> <hop:ip>", ...several },
  { syntax: "ntp server <server:word>", ...several },
];

/** It points at nothing. */
function refuse({ kind }: Problem): string {
  if (kind === "incomplete") return "% Error: Incomplete command.";
  return kind === "ambiguous" ? "% Error: Ambiguous command." : "% Error: Unrecognized command.";
}

/** Dell OS10 10.5 on an S4148F. */
export const dellOs10: CliDefinition = iosLike({
  name: "dell_os10",
  ident: "OpenSSH_7.9p1 Debian-10",
  refuse,
  pager: { text: "--More--", erase: "\r\x1b[K" },
  promptEnd: " ",
  user: null,
  privileged,
  config,
  below: {
    port: {
      commands: [
        ...leaving("config"),
        { syntax: "description <text:line>" },
        { syntax: "ip address <address:prefix>" },
        { syntax: "shutdown", no: "kept" },
      ],
      shown: ({ text }) => text.replace("interface ethernet", "conf-if-eth"),
    },
  },
  look,
  factory,
  greeting: () => "Dell EMC Networking Operating System (OS10)\n\n",
  showConfig,
});
