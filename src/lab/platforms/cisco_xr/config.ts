import {
  type ConfigEntry,
  type ConfigLook,
  configLines,
  lineOrder,
  parseConfig,
} from "../../cli/config-tree.ts";
import { type Answer, type Call, type Command, silently } from "../../cli/model.ts";
import type { Seed } from "../../platform.ts";
import { commit } from "../shared/candidate.ts";
import { changedLines } from "../shared/changes.ts";
import { several } from "../shared/commands.ts";

export const configLook: ConfigLook = {
  order: lineOrder([
    "hostname|logging|telnet|username|ntp|cdp|snmp-server|domain",
    "interface",
    "router static",
    "router",
    "xml|netconf|ssh",
  ]),
  opens: /^(interface|router) /,
  sectionEnd: "!",
  joined: /./,
  separator: "!",
  indent: " ",
};

/** The configuration a lab device starts with: a small core router. */
export function factoryConfig({ hostname, index, username }: Seed): ConfigEntry {
  const net = `${((index + 1) >> 8) & 255}.${(index + 1) & 255}`;
  const ports = Array.from({ length: 16 }, (_, port) => `interface GigabitEthernet0/0/0/${port}\n shutdown`);
  return parseConfig(`hostname ${hostname}
telnet vrf default ipv4 server max-servers 10
username ${username}
 group root-lr
 secret 5 $1$LAB$labonlyhash
interface MgmtEth0/RP0/CPU0/0
 ipv4 address 10.${net}.1 255.255.255.0
${ports.join("\n")}
router bgp 65000
 bgp router-id 10.255.${net}
xml agent tty
ssh server v2
ssh server netconf vrf default`);
}

const UNCOMMITTED = "Uncommitted changes found, commit them before exiting(yes/no/cancel)? [cancel]:";
const FAILED = `
% Failed to commit one or more configuration items during a pseudo-atomic operation. All changes made have been reverted. Please issue 'show configuration failed [inheritance]' from this session to view the errors`;
const CONFLICT = `
One or more commits have occurred from other
configuration sessions since this session started
or since the last commit was made from this session.
You can use the 'show configuration commit changes'
command to browse the changes.
`;

function secondBgp(config: ConfigEntry): ConfigEntry | undefined {
  return config.children.filter(({ text }) => text.startsWith("router bgp "))[1];
}

/** `commit`, `commit confirmed SECONDS`. */
async function commitCommand(call: Call): Promise<Answer> {
  const { session, state, args } = call;
  const seconds = args.seconds === undefined ? null : Number(args.seconds);
  const confirms = state.trial !== null && seconds === null && !session.dirty;
  if (!session.dirty && !confirms) return "% No configuration changes to commit.";
  if (session.outdated) {
    session.write(CONFLICT);
    const answer = await session.ask("Do you wish to proceed with this commit anyway? [no]: ");
    if (!/^y/i.test(answer ?? "")) return null;
  }
  if (secondBgp(session.root) !== undefined) return FAILED;
  commit(call, seconds);
  return confirms ? "\n% Confirming commit for trial session." : null;
}

function showFailed({ session }: Call): Answer {
  const bad = secondBgp(session.root);
  if (bad === undefined) return null;
  return `!! SEMANTIC ERRORS: This configuration was rejected by
!! the system due to semantic errors. The individual
!! errors with each failed configuration command can be
!! found below.


${bad.text}
!!% The process 'bpm' rejected the operation: BGP is already running
!
end
`;
}

function showChanges({ session, state }: Call): Answer {
  const [before, after] = [configLines(state.running, configLook), configLines(session.root, configLook)];
  return [
    "Building configuration...",
    "!! IOS XR Configuration 7.5.2",
    ...changedLines(before, after, "  "),
    "end",
    "",
  ].join("\n");
}

async function end(call: Call): Promise<Answer> {
  const { session } = call;
  if (session.dirty) {
    const answer = (await session.ask(UNCOMMITTED)) ?? "";
    if (/^y/i.test(answer)) {
      if (secondBgp(session.root) !== undefined) return FAILED;
      commit(call, null);
    } else if (!/^n/i.test(answer)) return null;
  }
  leave(call);
  return null;
}

function leave({ session }: Call): void {
  session.dropCandidate();
  session.enter("privileged");
}

/** What works in every mode, and does not leave the one below the global one. */
const everywhere: readonly Command[] = [
  { syntax: "abort", run: silently(leave) },
  { syntax: "commit", run: commitCommand },
  { syntax: "commit confirmed <seconds:int 30-65535>", run: commitCommand },
  { syntax: "end", run: end },
  { syntax: "show commit changes diff", run: showChanges },
  { syntax: "show configuration failed", run: showFailed },
];

export const globalCommands: readonly Command[] = [
  ...everywhere,
  { syntax: "exit", run: end },
  { syntax: "cdp" },
  { syntax: "domain name <name:word>" },
  { syntax: "hostname <name:word>" },
  { syntax: "interface <interface:interface>", opens: "config-if" },
  { syntax: "ntp server <server:ip>", ...several },
  { syntax: "router bgp <as:int 1-4294967295>", opens: "config-bgp" },
  { syntax: "snmp-server location <text:line>" },
];

export const interfaceCommands: readonly Command[] = [
  ...everywhere,
  { syntax: "exit", run: silently(({ session }) => session.enter("config")) },
  { syntax: "description <text:line>" },
  { syntax: "ipv4 address <address:prefix>", slot: 2 },
  { syntax: "ipv4 address <address:ip> <mask:ip>", slot: 2 },
  { syntax: "mtu <bytes:int 64-65535>" },
  { syntax: "shutdown" },
];

export const bgpCommands: readonly Command[] = [
  ...everywhere,
  { syntax: "exit", run: silently(({ session }) => session.enter("config")) },
  { syntax: "bgp router-id <id:ip>" },
];
