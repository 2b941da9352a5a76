import { settingOf } from "../../cli/config-tree.ts";
import type { CliDefinition, Dialect, Mode, Problem } from "../../cli/model.ts";
import { anyOf, commonTypes, ipType, oneToken } from "../../cli/params.ts";
import { CISCO_LIKE } from "../shared/cisco-like.ts";
import * as config from "./config.ts";
import { keywordHelp, privilegedCommands, userCommands } from "./exec.ts";
import { factoryConfig, INTERFACE_ORDER } from "./factory.ts";
import { interfaceType } from "./hardware.ts";
import { acceptsLogin, privilegeOf } from "./secrets.ts";
import { configText } from "./show.ts";

/** Configuration prompts show no more of the hostname. */
const CONFIG_PROMPT_NAME = 20;

const dialect: Dialect = {
  refuse,
  pager: { text: " --More-- ", erase: `${"\b".repeat(9)}        ${"\b".repeat(9)}` },
  filters: ["include", "exclude", "begin", "section", "count"],
  interruptLeavesConfig: true,
  showsControl: true,
  eofEnds: false,
  defaultHostname: "Router",
  ...CISCO_LIKE,
  pagesByDefault: true,
  execLead: "\n",
  execFailure: 0,
};

function refuse({ kind, line, at, promptLength }: Problem): string {
  switch (kind) {
    case "ambiguous":
      return `% Ambiguous command:  "${line.trim()}"\n`;
    case "incomplete":
      return "% Incomplete command.\n\n";
    case "pattern":
      return "% Failed to compile regular expression.\n\n";
    default:
      return `${" ".repeat(promptLength + at)}^\n% Invalid input detected at '^' marker.\n\n`;
  }
}

const nullInterface = oneToken("Null0", "Null interface", (text) =>
  /^nu(ll)?0$/i.test(text) ? "Null0" : null,
);

function configMode(name: string, mode: Omit<Mode, "kind" | "prompt">): Mode {
  return {
    kind: "config",
    prompt: (hostname) => `${hostname.slice(0, CONFIG_PROMPT_NAME)}(${name})#`,
    fallback: "config",
    ...mode,
  };
}

const { fallback: _none, ...globalMode } = configMode("config", {
  parent: "privileged",
  commands: config.globalCommands,
});

const modes: Record<string, Mode> = {
  user: { kind: "exec", prompt: (hostname) => `${hostname}>`, parent: null, commands: userCommands },
  privileged: {
    kind: "exec",
    prompt: (hostname) => `${hostname}#`,
    parent: null,
    commands: privilegedCommands,
  },
  config: globalMode,
  "config-if": configMode("config-if", {
    parent: "config",
    commands: config.interfaceCommands,
    order: INTERFACE_ORDER,
  }),
  "config-router": configMode("config-router", { parent: "config", commands: config.routerCommands }),
  "config-line": configMode("config-line", { parent: "config", commands: config.lineCommands }),
  "config-vlan": configMode("config-vlan", { parent: "config", commands: config.vlanCommands }),
  "config-nacl": configMode("config-nacl", { parent: "config", commands: config.accessListCommands }),
};

/** Cisco IOS 15.7 on a CISCO2911/K9. */
export const ciscoIos: CliDefinition = {
  name: "cisco_ios",
  ident: "Cisco-1.25",
  channels: 1,
  hangsUp: true,
  plainNewline: "\r\n",
  dialect,
  types: {
    ...commonTypes,
    interface: interfaceType,
    hop: anyOf("A.B.C.D", "Forwarding router's address or interface", [ipType, nullInterface, interfaceType]),
  },
  modes,
  firstMode: (state, user) => (privilegeOf(state, user) >= 15 ? "privileged" : "user"),
  execMode: "privileged",
  help: keywordHelp,
  look: config.configLook,
  factory: factoryConfig,
  accepts: acceptsLogin,
  greeting(state) {
    const banner = settingOf(state.running, "banner motd");
    return `\n${banner?.replaceAll("^C", "") ?? ""}${banner ? "\n" : ""}`;
  },
  showConfig: configText,
};
