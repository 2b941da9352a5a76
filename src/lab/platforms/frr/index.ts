import type { CliDefinition, Dialect, Mode, Problem } from "../../cli/model.ts";
import { commonTypes } from "../../cli/params.ts";
import { CISCO_LIKE } from "../shared/cisco-like.ts";
import * as commands from "./commands.ts";
import { factoryConfig } from "./factory.ts";
import { configLook, configText, GREETING } from "./show.ts";

const dialect: Dialect = {
  refuse,
  pager: { text: "--More--", erase: "\r        \r" },
  filters: ["include"],
  interruptLeavesConfig: false,
  showsControl: false,
  eofEnds: true,
  defaultHostname: "(null)",
  ...CISCO_LIKE,
  pagesByDefault: false,
  execLead: "",
  execFailure: 1,
};

/** It quotes the whole line and points at nothing. */
function refuse({ kind, line, word }: Problem): string {
  const text = line.trim();
  switch (kind) {
    case "ambiguous":
      return `% Ambiguous command: ${text}`;
    case "incomplete":
      return `% Command incomplete: ${text}`;
    case "filter":
      return `% Unknown action '${word}'`;
    case "pattern":
      return `% Failed to compile regexp: ${word}`;
    default:
      return `% Unknown command: ${text}`;
  }
}

function configMode(name: string, mode: Omit<Mode, "kind" | "prompt">): Mode {
  return { kind: "config", prompt: (hostname) => `${hostname}(${name})# `, ...mode };
}

/** FRRouting 8.4 behind `vtysh` as the login shell: privileged at once, and no password asked for it. */
export const frr: CliDefinition = {
  name: "frr",
  ident: "OpenSSH_9.2p1",
  channels: 10,
  hangsUp: false,
  plainNewline: "\n",
  dialect,
  types: commonTypes,
  modes: {
    view: { kind: "exec", prompt: (name) => `${name}> `, parent: null, commands: commands.viewCommands },
    enable: { kind: "exec", prompt: (name) => `${name}# `, parent: null, commands: commands.enableCommands },
    config: configMode("config", { parent: "enable", commands: commands.globalCommands }),
    "config-if": configMode("config-if", {
      parent: "config",
      fallback: "config",
      commands: commands.interfaceCommands,
    }),
    "config-router": configMode("config-router", {
      parent: "config",
      fallback: "config",
      commands: commands.routerCommands,
    }),
  },
  firstMode: () => "enable",
  execMode: "enable",
  help: {},
  look: configLook,
  factory: factoryConfig,
  accepts: ({ seed }, username, password) => username === seed.username && password === seed.password,
  greeting: () => GREETING,
  showConfig: configText,
};
