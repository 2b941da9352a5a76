import { type ConfigLook, lineOrder } from "../../cli/config-tree.ts";
import { type CliDefinition, type Command, type Problem, silently } from "../../cli/model.ts";
import { askEnable } from "../shared/account.ts";
import { leaving, leavingSession, saving } from "../shared/commands.ts";
import { iosLike } from "../shared/ios-like.ts";
import { accessSwitch, headed, noPage, quotedName, switchCommands } from "../shared/switch-like.ts";

const look: ConfigLook = {
  order: lineOrder(["hostname", "interface", "ip default-gateway|snmp", "vlan"]),
  opens: /^(interface|vlan) /,
  sectionEnd: "   exit",
  joined: null,
  separator: "",
  indent: "   ",
};

const factory = accessSwitch(24, ({ hostname }, net) => ({
  before: `hostname "${hostname}"`,
  port: (number) => `interface ${number}`,
  after: `ip default-gateway 10.${net}.254
snmp-server community "public"
vlan 1
 name "DEFAULT_VLAN"
 ip address 10.${net}.1 255.255.255.0`,
}));

const showConfig = headed(["; J9779A Configuration Editor; Created on release #YA.15.10", ""], look);

const VERSION = `Image stamp:    /ws/swbuildm/rel_mobile_qaoff/code/build/lakes(swbuildm)
                Jul 19 2013 14:12:31
                YA.15.10.0003
                1234
Boot Image:     Primary`;

const width: Command = { syntax: "terminal width <columns:int 61-1920>", run: silently(() => {}) };

const user: readonly Command[] = [
  ...leavingSession,
  { syntax: "enable", run: askEnable(3, "Invalid password") },
  { syntax: "show version", run: () => VERSION },
  ...noPage,
  width,
];

const privileged: readonly Command[] = [
  ...switchCommands({
    configure: "configure [terminal]",
    version: VERSION,
    showConfig,
    save: { syntax: "write memory", run: saving("") },
  }),
  ...noPage,
  width,
];

const config: readonly Command[] = [
  ...leaving("privileged"),
  { syntax: "hostname <name:word>" },
  { syntax: "interface <port:int 1-24>", opens: "port" },
  { syntax: "ip default-gateway <hop:ip>" },
  { syntax: "snmp-server location <text:line>" },
  { syntax: "vlan <id:int 1-4094>", opens: "vlan" },
];

function refuse({ kind, line, at }: Problem): string {
  if (kind === "ambiguous") return `Ambiguous input: ${line.slice(at).split(" ")[0]}`;
  if (kind === "incomplete") return `Incomplete input: ${line.trim().split(" ").at(-1)}`;
  return `Invalid input: ${line.slice(line.lastIndexOf(" ", at) + 1).split(" ")[0]}`;
}

/** HP ProCurve 2530 with YA.15.10. It puts the cursor into the last line before its prompts. */
export const hpProcurve: CliDefinition = iosLike({
  name: "hp_procurve",
  ident: "Mocana SSH 5.8",
  refuse,
  pager: {
    text: "-- MORE --, next page: Space, next line: Enter, quit: Control-C",
    erase: `\r${" ".repeat(64)}\r`,
  },
  dialect: { defaultHostname: "HP-2530", hostnameIn: quotedName },
  promptName: (hostname) => `\x1b[24;1H\x1b[2K\x1b[24;1H\x1b[?25h${hostname}`,
  promptEnd: " ",
  user,
  privileged,
  config,
  below: {
    port: {
      commands: [...leaving("config"), { syntax: "name <text:line>" }, { syntax: "disable" }],
      shown: ({ text }) => text.replace("interface ", "eth-"),
    },
    vlan: {
      commands: [...leaving("config"), { syntax: "name <text:line>" }, { syntax: "untagged <ports:word>" }],
      shown: ({ text }) => text.replace(" ", "-"),
    },
  },
  look,
  factory,
  greeting: () => "HP J9779A 2530-24-PoE+ Switch\nSoftware revision YA.15.10.0003\n\n",
  pressKey: "Press any key to continue",
  showConfig,
});
