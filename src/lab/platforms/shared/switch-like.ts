import {
  type ConfigEntry,
  type ConfigLook,
  configLines,
  parseConfig,
  settingOf,
} from "../../cli/config-tree.ts";
import { type CliState, type Command, type Handler, silently } from "../../cli/model.ts";
import { tailCommand } from "../../cli/tail.ts";
import type { Seed } from "../../platform.ts";
import { leavingSession } from "./commands.ts";

/** A configuration as text, under a head. */
export function headed(
  head: readonly string[],
  look: ConfigLook,
): (state: CliState, config: ConfigEntry) => string {
  return (_state, config) => [...head, ...configLines(config, look)].join("\n");
}

/** The device's name where it stands in quotation marks. */
export function quotedName(config: ConfigEntry): string | undefined {
  return settingOf(config, "hostname")?.replaceAll('"', "");
}

/** The configuration of an access switch fresh from the box: its ports, and an address to reach it. */
export function accessSwitch(
  ports: number,
  lines: (seed: Seed, net: string) => { before: string; port: (number: number) => string; after: string },
): (seed: Seed) => ConfigEntry {
  return (seed) => {
    const net = `${((seed.index + 1) >> 8) & 255}.${(seed.index + 1) & 255}`;
    const { before, port, after } = lines(seed, net);
    const middle = Array.from({ length: ports }, (_, index) => port(index + 1));
    return parseConfig([before, ...middle, after].join("\n"));
  };
}

/** What administrators of all such switches type. */
export function switchCommands(style: {
  configure: string;
  version: string;
  showConfig(state: CliState, config: ConfigEntry): string;
  save: { syntax: string; run: Handler };
}): readonly Command[] {
  const { configure, version, showConfig, save } = style;
  return [
    ...leavingSession,
    { syntax: configure, run: silently(({ session }) => session.enter("config")) },
    { syntax: "show clock", run: ({ state }) => new Date(state.chassis.clock.now()).toUTCString() },
    { syntax: "show running-config", run: ({ state }) => showConfig(state, state.running) },
    { syntax: "show startup-config", run: ({ state }) => showConfig(state, state.startup) },
    { syntax: "show version", run: () => version },
    save,
    tailCommand,
  ];
}

/** `no page`, and what turns it on again. */
export const noPage: readonly Command[] = [
  {
    syntax: "no page",
    run: silently(({ session }) => {
      session.pageLength = 0;
    }),
  },
  {
    syntax: "page",
    run: silently(({ session }) => {
      session.pageLength = 24;
    }),
  },
];
