import { type Command, silently } from "../../cli/model.ts";
import { tailCommand } from "../../cli/tail.ts";
import * as actions from "./actions.ts";
import { showInterfaces, showInterfacesDescription, showIpInterfaceBrief } from "./interfaces.ts";
import * as show from "./show.ts";

/** Commands of both exec modes. */
const everywhere: readonly Command[] = [
  { syntax: "enable", run: actions.enable },
  { syntax: "exit", run: silently(({ session }) => session.leave()) },
  { syntax: "quit", run: silently(({ session }) => session.leave()) },
  { syntax: "logout", run: silently(({ session }) => session.leave()) },
  { syntax: "ping [ip] <host:word> [repeat <count:int 1-1000>]", run: actions.ping },
  { syntax: "show", run: () => '% Type "show ?" for a list of subcommands' },
  { syntax: "show arp", run: show.showArp },
  { syntax: "show clock", run: show.showClock },
  { syntax: "show history", run: show.showHistory },
  {
    syntax: "show interfaces [<interface:interface>]",
    run: ({ state, args }) => showInterfaces(state, args.interface) ?? "% Interface is not configured",
  },
  { syntax: "show interfaces description", run: ({ state }) => showInterfacesDescription(state) },
  { syntax: "show inventory", run: show.showInventory },
  { syntax: "show ip arp", run: show.showArp },
  { syntax: "show ip interface brief", run: ({ state }) => showIpInterfaceBrief(state) },
  { syntax: "show ip route", run: show.showIpRoute },
  {
    syntax: "show privilege",
    run: ({ session }) => `Current privilege level is ${session.mode === "user" ? 1 : 15}`,
  },
  { syntax: "show terminal", run: show.showTerminal },
  { syntax: "show users", run: show.showUsers },
  { syntax: "show version", run: show.showVersion },
  {
    syntax: "terminal length <lines:int 0-512>",
    run: silently(({ session, args }) => {
      session.pageLength = Number(args.lines);
    }),
  },
  {
    syntax: "terminal width <columns:int 0-512>",
    run: silently(({ session, args }) => {
      session.width = Number(args.columns);
    }),
  },
  { syntax: "terminal [no] monitor", run: () => null },
  tailCommand,
];

export const userCommands: readonly Command[] = everywhere;

export const privilegedCommands: readonly Command[] = [
  ...everywhere,
  { syntax: "clear counters", run: actions.clearCounters },
  { syntax: "configure", run: actions.configureFrom },
  { syntax: "configure terminal", run: actions.configureTerminal },
  { syntax: "copy running-config startup-config", run: actions.copyRunningStartup },
  { syntax: "disable", run: silently(({ session }) => session.enter("user")) },
  { syntax: "erase startup-config", run: actions.eraseStartup },
  { syntax: "reload", run: actions.reload },
  { syntax: "show running-config", run: ({ state }) => show.configText(state, state.running) },
  { syntax: "show running-config interface <interface:interface>", run: show.showSection },
  { syntax: "show startup-config", run: show.showStartup },
  { syntax: "undebug all", run: () => "All possible debugging has been turned off" },
  { syntax: "write", run: actions.writeMemory },
  { syntax: "write memory", run: actions.writeMemory },
  { syntax: "write terminal", run: ({ state }) => show.configText(state, state.running) },
  { syntax: "write erase", run: actions.eraseStartup },
];

/** One line on each keyword, as `?` shows it. */
export const keywordHelp: Readonly<Record<string, string>> = {
  brief: "Brief summary of IP status and configuration",
  clear: "Reset functions",
  clock: "Display the system clock",
  configure: "Enter configuration mode",
  copy: "Copy from one file to another",
  description: "Interface specific description",
  disable: "Turn off privileged commands",
  enable: "Turn on privileged commands",
  end: "Exit from configure mode",
  erase: "Erase a filesystem",
  exit: "Exit from the EXEC",
  history: "Display the session command history",
  hostname: "Set system's network name",
  interface: "Select an interface to configure",
  interfaces: "Interface status and configuration",
  inventory: "Show the physical inventory",
  ip: "IP information",
  length: "Set number of lines on a screen",
  line: "Configure a terminal line",
  logout: "Exit from the EXEC",
  memory: "Write to NV memory",
  monitor: "Copy debug output to the current terminal line",
  no: "Negate a command or set its defaults",
  ping: "Send echo messages",
  privilege: "Show current privilege level",
  quit: "Exit from the EXEC",
  reload: "Halt and perform a cold restart",
  route: "IP routing table",
  router: "Enable a routing process",
  "running-config": "Current operating configuration",
  show: "Show running system information",
  shutdown: "Shutdown the selected interface",
  "startup-config": "Contents of startup configuration",
  terminal: "Set terminal line parameters",
  test: "Test subsystems, memory, and interfaces",
  undebug: "Disable debugging functions (see also 'debug')",
  users: "Display information about terminal lines",
  version: "System hardware and software status",
  width: "Set width of the display terminal",
  write: "Write running configuration to memory, network, or terminal",
};
