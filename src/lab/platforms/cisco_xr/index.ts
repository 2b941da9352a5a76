import { type ConfigEntry, configLines } from "../../cli/config-tree.ts";
import {
  type CliDefinition,
  type CliState,
  type Command,
  type Handler,
  type Problem,
  silently,
} from "../../cli/model.ts";
import { tailCommand } from "../../cli/tail.ts";
import { leavingSession, showingSection, silentTerminal } from "../shared/commands.ts";
import { interfaceType } from "../shared/interface-type.ts";
import { caret, iosLike } from "../shared/ios-like.ts";
import { bgpCommands, configLook, factoryConfig, globalCommands, interfaceCommands } from "./config.ts";

const NO_STAMP = "no time stamp";

function configText(state: CliState, config: ConfigEntry): string {
  const head = ["Building configuration...", "!! IOS XR Configuration version = 6.5.3"];
  if (state.changed !== null) {
    head.push(`!! Last configuration change at ${stamp(state)} by ${state.changed.by}`);
  }
  const lines = configLines(config, configLook).slice(0, -1);
  // A section ends with the same mark that sets lines apart.
  const body = lines.filter((line, index) => line !== "!" || lines[index - 1] !== "!");
  return [...head, ...body, "end", ""].join("\n");
}

/** `Fri May 28 23:21:34.740 UTC`. */
function stamp({ chassis }: CliState): string {
  const time = new Date(chassis.clock.now());
  const [day = "", date = "", month = ""] = time.toUTCString().split(/[ ,]+/);
  return `${day} ${month} ${date} ${time.toISOString().slice(11, 23)} UTC`;
}

/** The time stands above what a command prints, unless the session does not want it. */
function stamped(run: Handler): Handler {
  return (call) => {
    if (!call.session.notes.has(NO_STAMP)) call.session.write(`${stamp(call.state)}\n`);
    return run(call);
  };
}

const VERSION = `Cisco IOS XR Software, Version 6.5.3
Copyright (c) 2013-2019 by Cisco Systems, Inc.

Build Information:
 Built By     : ahoang
 Version      : 6.5.3
 Location     : /opt/cisco/XR/packages/

cisco IOS-XRv 9000 () processor
`;

const commands: readonly Command[] = [
  ...silentTerminal,
  {
    syntax: "configure [terminal]",
    run: silently(({ session }) => {
      session.openCandidate();
      session.enter("config");
    }),
  },
  { syntax: "show clock", run: ({ state }) => stamp(state) },
  { syntax: "show running-config", run: ({ state }) => configText(state, state.running) },
  {
    syntax: "show running-config interface <interface:interface>",
    run: showingSection(configLook, "% No such configuration item(s)"),
  },
  {
    syntax: "terminal exec prompt no-timestamp",
    run: silently(({ session }) => session.notes.add(NO_STAMP)),
  },
  { syntax: "show version", run: () => VERSION },
];

const exec: readonly Command[] = [
  ...leavingSession,
  ...commands.map((each) => ({ ...each, run: stamped(each.run ?? (() => null)) })),
  tailCommand,
];

function refuse(problem: Problem): string {
  if (problem.kind === "ambiguous") return `% Ambiguous command:  "${problem.line.trim()}"`;
  if (problem.kind === "incomplete") return "% Incomplete command.";
  return `${caret(problem)}\n% Invalid input detected at '^' marker.`;
}

/** Cisco IOS XR 6.5 on an XRv 9000: privileged at once; lines are committed. */
export const ciscoXr: CliDefinition = iosLike({
  name: "cisco_xr",
  ident: "Cisco-2.0",
  refuse,
  pager: { text: " --More-- ", erase: `${"\b".repeat(9)}        ${"\b".repeat(9)}` },
  dialect: { defaultHostname: "ios", borrows: /^\s*(?:do\s+(?=\S)|(?=show\s+(?!conf|commit\b)))/i },
  promptName: (hostname) => `RP/0/RP0/CPU0:${hostname}`,
  promptEnd: "",
  types: {
    interface: interfaceType({
      GigabitEthernet: /^0\/0\/0\/\d{1,3}$/,
      Loopback: /^\d{1,5}$/,
      "Bundle-Ether": /^\d{1,5}$/,
      MgmtEth: /^0\/RP0\/CPU0\/0$/,
    }),
  },
  user: null,
  privileged: exec,
  config: globalCommands,
  below: { "config-if": { commands: interfaceCommands }, "config-bgp": { commands: bgpCommands } },
  look: configLook,
  factory: factoryConfig,
  greeting: () => "\n\n",
  showConfig: configText,
});
