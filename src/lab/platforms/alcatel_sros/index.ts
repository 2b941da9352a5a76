import { type ConfigEntry, type ConfigLook, lineOrder, settingOf } from "../../cli/config-tree.ts";
import { type CliDefinition, type Command, type Mode, silently } from "../../cli/model.ts";
import { commonTypes } from "../../cli/params.ts";
import { tailCommand } from "../../cli/tail.ts";
import { acceptsSeed } from "../shared/account.ts";
import { leavingSession, saving, several } from "../shared/commands.ts";
import { accessSwitch, headed } from "../shared/switch-like.ts";

const look: ConfigLook = {
  order: lineOrder(["system", "port", "router"]),
  opens: /^port /,
  sectionEnd: "    exit",
  joined: null,
  separator: "#--------------------------------------------------",
  indent: "        ",
};

const factory = accessSwitch(16, ({ hostname }, net) => ({
  before: `system name "${hostname}"\nsystem location "lab"`,
  port: (number) => `port 1/1/${number}\n no shutdown`,
  after: `router static-route-entry 0.0.0.0/0 next-hop 10.${net}.254`,
}));

const showConfig = headed(["# TiMOS-C-16.0.R5 cpm/hops64 Nokia 7750 SR", "exit all", "configure"], look);

const SAVED = "Writing configuration to cf3:\\config.cfg\nSaving configuration .... OK\nCompleted.";

const root: readonly Command[] = [
  ...leavingSession,
  { syntax: "admin display-config", run: ({ state }) => showConfig(state, state.running) },
  { syntax: "admin save", run: saving(SAVED) },
  { syntax: "configure", run: silently(({ session }) => session.enter("config")) },
  { syntax: "enable-admin", run: () => "MINOR: CLI Already in admin mode." },
  {
    syntax: "environment more",
    run: silently(({ session }) => {
      session.pageLength = 24;
    }),
  },
  {
    syntax: "environment no more",
    run: silently(({ session }) => {
      session.pageLength = 0;
    }),
  },
  { syntax: "exit all", run: silently(() => {}) },
  { syntax: "show time", run: ({ state }) => new Date(state.chassis.clock.now()).toISOString() },
  {
    syntax: "show version",
    run: () =>
      "TiMOS-C-16.0.R5 cpm/hops64 Nokia 7750 SR Copyright (c) 2000-2018 Nokia.\nAll rights reserved.",
  },
  tailCommand,
];

const out: Command = { syntax: "exit all", run: silently(({ session }) => session.enter("root")) };

const config: readonly Command[] = [
  out,
  { syntax: "exit", run: silently(({ session }) => session.enter("root")) },
  { syntax: "port <name:word>", opens: "port" },
  { syntax: "router static-route-entry <prefix:prefix> next-hop <hop:ip>", ...several },
  { syntax: "system location <place:line>" },
  { syntax: "system name <name:word>" },
];

const port: readonly Command[] = [
  out,
  { syntax: "exit", run: silently(({ session }) => session.enter("config")) },
  { syntax: "description <text:line>" },
  { syntax: "shutdown", no: "kept" },
];

function mode(kind: Mode["kind"], path: string, commands: readonly Command[], fallback?: string): Mode {
  return {
    kind,
    prompt: (hostname, { unsaved }) => `${unsaved ? "*" : ""}A:${hostname}${path}# `,
    parent: null,
    ...(fallback === undefined ? {} : { fallback }),
    commands,
  };
}

/** Nokia SR OS 16.0 on a 7750 SR, classic. */
export const alcatelSros: CliDefinition = {
  name: "alcatel_sros",
  ident: "OpenSSH_6.6",
  channels: 1,
  hangsUp: true,
  plainNewline: "\r\n",
  dialect: {
    refuse: ({ kind, promptLength, at }) =>
      `${" ".repeat(promptLength + at)}^\nError: ${kind === "incomplete" ? "Missing parameter" : "Bad command."}`,
    pager: { text: "Press any key to continue (Q to quit)", erase: `\r${" ".repeat(37)}\r` },
    filters: [],
    interruptLeavesConfig: false,
    showsControl: true,
    eofEnds: false,
    defaultHostname: "SR",
    hostnameSetting: "system name",
    hostnameIn: (running: ConfigEntry) => settingOf(running, "system name")?.replaceAll('"', ""),
    negation: "no",
    comment: "#",
    shows: /^(?!)/,
    borrows: /^(?!)/,
    pagesByDefault: true,
    execLead: "",
    execFailure: 1,
  },
  types: commonTypes,
  modes: {
    root: mode("exec", "", root),
    config: mode("config", ">config", config),
    port: mode("config", ">config>port", port, "config"),
  },
  firstMode: () => "root",
  execMode: "root",
  help: {},
  look,
  factory,
  accepts: acceptsSeed,
  greeting: () => "\n",
  showConfig,
};
