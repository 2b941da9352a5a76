import { type ConfigEntry, type ConfigLook, configLines, type LineOrder } from "../../cli/config-tree.ts";
import {
  type Answer,
  type Call,
  type CliDefinition,
  type CliState,
  type Command,
  type Handler,
  type Mode,
  type Problem,
  silently,
  type Where,
} from "../../cli/model.ts";
import { commonTypes, type ParamTypes } from "../../cli/params.ts";
import { tailCommand } from "../../cli/tail.ts";
import type { Seed } from "../../platform.ts";
import type { PagerLook } from "../../terminal/pager.ts";
import { acceptsSeed } from "./account.ts";

/** What Huawei's VRP and H3C's Comware, which comes from it, do each in its own way. */
export interface VrpLike {
  name: string;
  ident: string;
  refuse(problem: Problem): string;
  pager: PagerLook;
  greeting(state: CliState): string;
  /** What `system-view` says. */
  entering: string;
  /** Commands of the user view beside `system-view`, `quit`, `display …`. */
  user: readonly Command[];
  /** Shown by `display version`. */
  version: string;
  /** The first line of the configuration. */
  header: string;
  system: readonly Command[];
  /** Commands of every view but the user's. */
  everywhere: readonly Command[];
  /** The view of an interface. */
  port: readonly Command[];
  types: ParamTypes;
  order: LineOrder;
  factory(seed: Seed): ConfigEntry;
  /** Lines are committed: what leaves the configuration; null: each is in force at once. */
  candidate: { leave: Handler } | null;
}

export function vrpLike(style: VrpLike): CliDefinition {
  const look: ConfigLook = {
    order: style.order,
    opens: /^(interface|vlan|aaa|user-interface|line|bgp) ?/,
    sectionEnd: null,
    joined: null,
    separator: "#",
    indent: " ",
  };
  const show = (_state: CliState, config: ConfigEntry) =>
    [style.header, "#", ...configLines(config, look).map(indented), "return"].join("\n");
  return {
    name: style.name,
    ident: style.ident,
    channels: 1,
    hangsUp: true,
    plainNewline: "\r\n",
    dialect: {
      refuse: style.refuse,
      pager: style.pager,
      filters: ["include", "exclude", "begin"],
      interruptLeavesConfig: false,
      showsControl: false,
      eofEnds: false,
      defaultHostname: "HUAWEI",
      hostnameSetting: "sysname",
      negation: "undo",
      comment: "#",
      shows: /^\s*dis\w*\s/i,
      borrows: /^\s*(?=dis\w*\s)/i,
      pagesByDefault: true,
      execLead: "",
      execFailure: 0,
    },
    types: { ...commonTypes, ...style.types },
    modes: modesOf(style, show),
    firstMode: () => "user",
    execMode: "user",
    help: {},
    look,
    factory: style.factory,
    accepts: acceptsSeed,
    greeting: style.greeting,
    showConfig: show,
  };
}

/** Single lines stand one to the right in a configuration; sections and what is between them do not. */
function indented(line: string): string {
  return /^(?:#|interface|vlan|aaa|user-interface|line|bgp| )/.test(line) ? line : ` ${line}`;
}

function modesOf(
  style: VrpLike,
  show: (state: CliState, config: ConfigEntry) => string,
): Record<string, Mode> {
  const leave = style.candidate?.leave ?? silently(({ session }: Call) => session.enter("user"));
  const view = (more: Omit<Mode, "kind" | "prompt">): Mode => ({
    kind: "config",
    prompt: (hostname: string, where: Where) => `[${mark(style, where)}${hostname}${viewName(where)}]`,
    ...more,
  });
  const up: Command = { syntax: "quit", run: silently(({ session }) => session.enter("system")) };
  const out: readonly Command[] = [...style.everywhere, { syntax: "return", run: leave }];
  return {
    user: {
      kind: "exec",
      prompt: (hostname) => `<${hostname}>`,
      parent: null,
      commands: userCommands(style, show),
    },
    system: view({ parent: "user", commands: [...style.system, { syntax: "quit", run: leave }, ...out] }),
    port: view({ parent: "system", fallback: "system", commands: [...style.port, up, ...out] }),
    vlan: view({
      parent: "system",
      fallback: "system",
      commands: [{ syntax: "description <text:line>" }, { syntax: "name <name:word>" }, up, ...out],
    }),
    bgp: view({
      parent: "system",
      fallback: "system",
      commands: [{ syntax: "router-id <id:ip>" }, up, ...out],
    }),
  };
}

function mark({ candidate }: VrpLike, { dirty }: Where): string {
  if (candidate === null) return "";
  return dirty ? "*" : "~";
}

/** `-GigabitEthernet0/0/1`, `-vlan10`. */
function viewName({ section }: Where): string {
  return section.text === "" ? "" : `-${section.text.replace("interface ", "").replaceAll(" ", "")}`;
}

function userCommands(
  style: VrpLike,
  show: (state: CliState, config: ConfigEntry) => string,
): readonly Command[] {
  return [
    { syntax: "display clock", run: ({ state }) => new Date(state.chassis.clock.now()).toUTCString() },
    { syntax: "display current-configuration", run: ({ state }) => show(state, state.running) },
    { syntax: "display saved-configuration", run: ({ state }) => show(state, state.startup) },
    { syntax: "display version", run: () => style.version },
    { syntax: "quit", run: silently(({ session }) => session.leave()) },
    { syntax: "system-view", run: (call) => enterSystem(style, call) },
    ...style.user,
    tailCommand,
  ];
}

function enterSystem({ candidate, entering }: VrpLike, { session }: Call): Answer {
  if (candidate !== null) session.openCandidate();
  session.enter("system");
  return entering;
}
