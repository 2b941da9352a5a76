import { type ConfigLook, lineOrder } from "../../cli/config-tree.ts";
import { type Call, type CliDefinition, type Command, type Problem, silently } from "../../cli/model.ts";
import { askEnable } from "../shared/account.ts";
import { leavingSession, saving, silentTerminal } from "../shared/commands.ts";
import { caret, iosLike } from "../shared/ios-like.ts";
import { accessSwitch, headed, quotedName, switchCommands } from "../shared/switch-like.ts";

const look: ConfigLook = {
  order: lineOrder(["hostname", "network", "snmp|sntp", "interface"]),
  opens: /^interface /,
  sectionEnd: "exit",
  joined: /^interface /,
  separator: "",
  indent: "",
};

const factory = accessSwitch(26, ({ hostname }, net) => ({
  before: `hostname "${hostname}"\nnetwork parms 10.${net}.1 255.255.255.0 10.${net}.254`,
  port: (number) => `interface 0/${number}`,
  after: "",
}));

const showConfig = headed(
  ["!Current Configuration:", "!", '!System Description "EdgeSwitch 24-Port 250W"'],
  look,
);

const VERSION = `Switch: 1

System Description............................. EdgeSwitch 24-Port 250W, 1.9.3, Linux 3.6.5-03329b4a, 1.1.0.5102011
Machine Type................................... EdgeSwitch 24-Port 250W
Machine Model.................................. ES-24-250W
Software Version............................... 1.9.3`;

const saved = saving("\nConfig file 'startup-config' created successfully .\n\n\nConfiguration Saved!");

async function save(call: Call) {
  const warning =
    "\nThis operation may take a few minutes.\nManagement interfaces will not be available during this time.\n";
  call.session.write(warning);
  const yes = await call.session.confirm("\nAre you sure you want to save? (y/n) ");
  return yes ? saved(call) : "\nConfiguration Not Saved!";
}

const enable: Command = { syntax: "enable", run: askEnable(1, "\nIncorrect Password!") };

const user: readonly Command[] = [...leavingSession, enable, { syntax: "show version", run: () => VERSION }];

const privileged: readonly Command[] = [
  ...switchCommands({
    configure: "configure",
    version: VERSION,
    showConfig,
    save: { syntax: "write memory", run: save },
  }),
  ...silentTerminal,
  enable,
];

function up(to: string): Command {
  return { syntax: "exit", run: silently(({ session }) => session.enter(to)) };
}

const config: readonly Command[] = [
  up("privileged"),
  { syntax: "hostname <name:word>" },
  { syntax: "interface <port:word>", opens: "port" },
  { syntax: "snmp-server location <text:line>" },
];

function refuse(problem: Problem): string {
  if (problem.kind === "incomplete") return "Command not found / Incomplete command. Use ? to list commands.";
  if (problem.kind === "ambiguous") return `${caret(problem)}\n% Ambiguous command.`;
  return `${caret(problem)}\n% Invalid input detected at '^' marker.\n`;
}

/** Ubiquiti EdgeSwitch 1.9. */
export const ubiquitiEdgeswitch: CliDefinition = iosLike({
  name: "ubiquiti_edgeswitch",
  ident: "OpenSSH_6.9",
  refuse,
  pager: { text: "--More-- or (q)uit", erase: `\r${" ".repeat(18)}\r` },
  dialect: { defaultHostname: "UBNT EdgeSwitch", hostnameIn: quotedName },
  promptName: (hostname) => `(${hostname}) `,
  promptEnd: "",
  configShown: "Config",
  user,
  privileged,
  config,
  below: {
    port: {
      commands: [
        up("config"),
        { syntax: "description <text:line>" },
        { syntax: "shutdown", no: "kept" },
        { syntax: "vlan pvid <vlan:int 1-4093>" },
      ],
      shown: ({ text }) => text.replace("interface", "Interface"),
    },
  },
  look,
  factory,
  greeting: () => "\n\n",
  showConfig,
});
