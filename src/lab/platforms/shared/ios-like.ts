import type { ConfigEntry, ConfigLook } from "../../cli/config-tree.ts";
import type { CliDefinition, CliState, Command, Dialect, Mode, Problem, Where } from "../../cli/model.ts";
import { commonTypes, type ParamTypes } from "../../cli/params.ts";
import type { Seed } from "../../platform.ts";
import type { PagerLook } from "../../terminal/pager.ts";
import { acceptsSeed } from "./account.ts";
import { CISCO_LIKE } from "./cisco-like.ts";

/** A configuration mode below the global one. */
export interface SubMode {
  commands: readonly Command[];
  /** What stands in the brackets of its prompt; by default the mode's name. */
  shown?: (section: ConfigEntry) => string;
}

/** What a vendor whose command line follows IOS does in its own way. */
export interface IosLike {
  name: string;
  ident: string;
  refuse(problem: Problem): string;
  pager: PagerLook;
  dialect?: Partial<Dialect>;
  /** The prompt before what tells the modes apart. */
  promptName?: (hostname: string) => string;
  /** What stands in the brackets of the global configuration mode's prompt; by default `config`. */
  configShown?: string;
  /** What stands in the brackets while lines change a candidate that has a name. */
  inCandidate?: (shown: string, name: string) => string;
  /** Stands behind `#` and `>`. */
  promptEnd: "" | " ";
  types?: ParamTypes;
  /** Commands of the mode at login, where that is not privileged; null: there is no other. */
  user: readonly Command[] | null;
  privileged: readonly Command[];
  config: readonly Command[];
  below: Readonly<Record<string, SubMode>>;
  firstMode?: CliDefinition["firstMode"];
  help?: Readonly<Record<string, string>>;
  look: ConfigLook;
  factory(seed: Seed): ConfigEntry;
  greeting(state: CliState): string;
  pressKey?: string;
  showConfig(state: CliState, config: ConfigEntry): string;
}

/** A definition with modes `user`, `privileged`, `config` and those below it. */
export function iosLike(style: IosLike): CliDefinition {
  return {
    name: style.name,
    ident: style.ident,
    channels: 1,
    hangsUp: true,
    plainNewline: "\r\n",
    dialect: {
      refuse: style.refuse,
      pager: style.pager,
      filters: ["include", "exclude", "begin", "section", "count"],
      interruptLeavesConfig: false,
      showsControl: true,
      eofEnds: false,
      defaultHostname: "switch",
      pagesByDefault: true,
      execLead: "\n",
      execFailure: 0,
      ...CISCO_LIKE,
      ...style.dialect,
    },
    types: { ...commonTypes, ...style.types },
    modes: modesOf(style),
    firstMode:
      style.firstMode ??
      (({ seed }) => (style.user === null || seed.privilege === 15 ? "privileged" : "user")),
    execMode: "privileged",
    help: style.help ?? {},
    look: style.look,
    factory: style.factory,
    accepts: acceptsSeed,
    greeting: style.greeting,
    ...(style.pressKey === undefined ? {} : { pressKey: style.pressKey }),
    showConfig: style.showConfig,
  };
}

function modesOf(style: IosLike): Record<string, Mode> {
  const { promptEnd, promptName = (hostname) => hostname, inCandidate = (shown) => shown } = style;
  const exec = (sign: string, commands: readonly Command[]): Mode => ({
    kind: "exec",
    prompt: (hostname) => `${promptName(hostname)}${sign}${promptEnd}`,
    parent: null,
    commands,
  });
  const config = (shown: (section: ConfigEntry) => string, more: Omit<Mode, "kind" | "prompt">): Mode => ({
    kind: "config",
    prompt: (hostname: string, { section, candidate }: Where) => {
      const where = candidate === null ? shown(section) : inCandidate(shown(section), candidate);
      return `${promptName(hostname)}(${where})#${promptEnd}`;
    },
    ...more,
  });
  const below = Object.entries(style.below).map(
    ([name, { commands, shown = () => name }]) =>
      [name, config(shown, { parent: "config", fallback: "config", commands })] as const,
  );
  return {
    ...(style.user === null ? {} : { user: exec(">", style.user) }),
    privileged: exec("#", style.privileged),
    config: config(() => style.configShown ?? "config", { parent: "privileged", commands: style.config }),
    ...Object.fromEntries(below),
  };
}

/** Spaces up to the mistake, and the caret under it. */
export function caret({ promptLength, at }: Problem): string {
  return `${" ".repeat(promptLength + at)}^`;
}
