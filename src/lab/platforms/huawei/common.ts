import { type ConfigEntry, copyConfig, lineOrder, parseConfig } from "../../cli/config-tree.ts";
import { type Answer, type Call, type Command, type Problem, silently } from "../../cli/model.ts";
import type { Seed } from "../../platform.ts";
import { several } from "../shared/commands.ts";
import { interfaceType } from "../shared/interface-type.ts";
import { caret } from "../shared/ios-like.ts";

export const types = {
  interface: interfaceType({
    GigabitEthernet: /^\d\/\d\/\d{1,2}$/,
    LoopBack: /^\d{1,4}$/,
    MEth: /^0\/0\/1$/,
    Vlanif: /^\d{1,4}$/,
  }),
};

export const order = lineOrder([
  "sysname",
  "dns|ntp-service|snmp-agent|stelnet",
  "vlan batch",
  "vlan",
  "aaa",
  "interface",
  "bgp",
  "ip route-static",
  "user-interface",
]);

/** The configuration a lab device starts with: a small access switch. */
export function factoryConfig({ hostname, index, username }: Seed): ConfigEntry {
  const net = `${((index + 1) >> 8) & 255}.${(index + 1) & 255}`;
  const ports = Array.from(
    { length: 24 },
    (_, port) => `interface GigabitEthernet0/0/${port + 1}\n port link-type access`,
  );
  return parseConfig(`sysname ${hostname}
stelnet server enable
snmp-agent sys-info version v3
aaa
 local-user ${username} password irreversible-cipher labonlyhash
 local-user ${username} service-type ssh
interface MEth0/0/1
 ip address 10.${net}.1 255.255.255.0
${ports.join("\n")}
ip route-static 0.0.0.0 0.0.0.0 10.${net}.254
user-interface vty 0 4
 authentication-mode aaa`);
}

export function refuse(problem: Problem): string {
  if (problem.kind === "ambiguous")
    return `${caret(problem)}\nError:Ambiguous command found at '^' position.`;
  if (problem.kind === "incomplete")
    return `${caret(problem)}\nError:Incomplete command found at '^' position.`;
  return `${caret(problem)}\nError: Unrecognized command found at '^' position.`;
}

export const pager = { text: "  ---- More ----", erase: `\x1b[42D${" ".repeat(42)}\x1b[42D` };

export const screenLength: readonly Command[] = [
  {
    syntax: "screen-length <lines:int 0-512> temporary",
    run: ({ session, args }) => {
      session.pageLength = Number(args.lines);
      return "Info: The configuration takes effect on the current user terminal interface only.";
    },
  },
  {
    syntax: "screen-width <columns:int 60-512>",
    run: silently(({ session, args }) => {
      session.width = Number(args.columns);
    }),
  },
];

/** `save`: asks whether and where to. */
export async function save({ session, state }: Call): Promise<Answer> {
  session.write("The current configuration will be written to the device.\n");
  const sure = await session.ask("Are you sure to continue?[Y/N]");
  if (!/^y/i.test(sure ?? "")) return null;
  const name = await session.ask("Info: Please input the file name ( *.cfg, *.zip ) [vrpcfg.zip]:");
  if (name === null) return null;
  state.startup = copyConfig(state.running);
  state.saved = { at: state.chassis.clock.now(), by: session.user };
  return "Now saving the current configuration to the slot 0.\nSave the configuration successfully.";
}

export const system: readonly Command[] = [
  { syntax: "bgp <as:int 1-4294967295>", opens: "bgp" },
  { syntax: "interface <interface:interface>", opens: "port" },
  { syntax: "ip route-static <prefix:ip> <mask:ip> <hop:ip>", ...several },
  { syntax: "ntp-service unicast-server <server:ip>", ...several },
  { syntax: "snmp-agent sys-info location <text:line>" },
  { syntax: "sysname <name:word>" },
  { syntax: "vlan <id:int 1-4094>", opens: "vlan" },
];

export const port: readonly Command[] = [
  { syntax: "description <text:line>" },
  { syntax: "ip address <address:ip> <mask:ip>" },
  { syntax: "mtu <bytes:int 46-9600>" },
  { syntax: "port default vlan <vlan:int 1-4094>" },
  { syntax: "port link-type {access|trunk|hybrid}" },
  { syntax: "shutdown" },
];
