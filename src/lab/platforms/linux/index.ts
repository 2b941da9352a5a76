import { type ConfigEntry, lineOrder, parseConfig, putLine } from "../../cli/config-tree.ts";
import {
  type Answer,
  type Call,
  type CliDefinition,
  type CliState,
  type Command,
  type Mode,
  silently,
} from "../../cli/model.ts";
import { commonTypes } from "../../cli/params.ts";
import { tailCommand } from "../../cli/tail.ts";
import type { Seed } from "../../platform.ts";
import { acceptsSeed } from "../shared/account.ts";

/** What is set on a host, a line each. */
function factory({ hostname, index }: Seed): ConfigEntry {
  return parseConfig(`hostname ${hostname}
ip link dev eth0 alias management
ip address 10.${((index + 1) >> 8) & 255}.${(index + 1) & 255}.1/24 dev eth0`);
}

/** Sets what only root may. */
function setting(
  syntax: string,
  line: (args: Call["args"]) => [text: string, slot: string],
  said = "",
): Command {
  const run = ({ session, state, args }: Call): Answer => {
    if (session.mode !== "root")
      return `${syntax.split(" ")[0]}: ${syntax.split(" ").at(-1)}: Permission denied`;
    const [text, slot] = line(args);
    putLine(state.running, text, slot, []);
    return said.replace("%", text.replace("sysctl ", "")) || null;
  };
  return { syntax, run };
}

function shownLinks({ running }: CliState): string {
  return running.children
    .filter(({ text }) => text.startsWith("ip link dev "))
    .map(({ text }, index) =>
      text.replace(/ip link dev (\S+) alias (.*)/, `${index + 1}: $1: <UP>\n    alias $2`),
    )
    .join("\n");
}

async function becomeRoot({ session, state }: Call): Promise<Answer> {
  if (session.mode === "root") return null;
  for (let tries = 0; tries < 3; tries++) {
    if (tries > 0) session.write("Sorry, try again.\n");
    const given = await session.ask(`[sudo] password for ${session.user}: `, { hidden: true });
    if (given === null) return null;
    if (given !== state.seed.enable) continue;
    session.enter("root");
    return null;
  }
  return "sudo: 3 incorrect password attempts";
}

const commands: readonly Command[] = [
  {
    syntax: "cat /etc/shadow",
    run: ({ session }) =>
      session.mode === "root" ? "root:*:19492::::::" : "cat: /etc/shadow: Permission denied",
  },
  { syntax: "date", run: ({ state }) => new Date(state.chassis.clock.now()).toUTCString() },
  { syntax: "exit", run: leave },
  { syntax: "export <what:line>", run: silently(() => {}) },
  setting("hostnamectl set-hostname <name:word>", ({ name }) => [`hostname ${name}`, "hostname"]),
  setting("ip link set dev <device:word> alias <text:line>", ({ device, text }) => [
    `ip link dev ${device} alias ${text}`,
    `ip link dev ${device}`,
  ]),
  { syntax: "ip link show", run: ({ state }) => shownLinks(state) },
  { syntax: "sudo {-s|su}", run: becomeRoot },
  setting(
    "sysctl -w <setting:word>",
    ({ setting: given = "" }) => [`sysctl ${given}`, `sysctl ${given}`],
    "%",
  ),
  {
    syntax: "uname -a",
    run: ({ state }) => `Linux ${state.seed.hostname} 6.1.0-9-amd64 #1 SMP Debian 6.1.27-1 x86_64 GNU/Linux`,
  },
  tailCommand,
];

/** Out of root's shell, then out. */
function leave({ session }: Call): Answer {
  if (session.mode === "root") session.enter("user");
  else session.leave();
  return "exit";
}

function shell(prompt: Mode["prompt"]): Mode {
  return {
    kind: "exec",
    prompt: (hostname, where) => `\x1b[?2004h${prompt(hostname, where)}`,
    parent: null,
    commands,
  };
}

/** Debian 12 with bash. */
export const linux: CliDefinition = {
  name: "linux",
  ident: "OpenSSH_9.2p1 Debian-2",
  channels: 10,
  hangsUp: true,
  plainNewline: "\n",
  dialect: {
    refuse: ({ line }) => `bash: ${line.trim().split(" ")[0]}: command not found`,
    pager: { text: ":", erase: "\r\x1b[K" },
    filters: [],
    interruptLeavesConfig: false,
    showsControl: true,
    eofEnds: true,
    defaultHostname: "debian",
    hostnameSetting: "hostname",
    negation: "no",
    comment: "#",
    shows: /^(?!)/,
    borrows: /^(?!)/,
    pagesByDefault: false,
    execLead: "",
    execFailure: 127,
  },
  types: commonTypes,
  modes: {
    user: shell((hostname, { user }) => `${user}@${hostname}:~$ `),
    root: shell((hostname, { user }) => `root@${hostname}:/home/${user}# `),
  },
  firstMode: () => "user",
  execMode: "user",
  help: {},
  look: { order: lineOrder([]), opens: /^$/, sectionEnd: null, joined: null, separator: "", indent: "" },
  factory,
  accepts: acceptsSeed,
  greeting: ({ seed }) => `Linux ${seed.hostname} 6.1.0-9-amd64 #1 SMP Debian 6.1.27-1 x86_64\n\n`,
  showConfig: (_state, config) => config.children.map(({ text }) => text).join("\n"),
};
