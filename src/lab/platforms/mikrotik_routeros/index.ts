import { type ConfigEntry, lineOrder } from "../../cli/config-tree.ts";
import type { Answer, Call, CliDefinition, Command, Mode, Where } from "../../cli/model.ts";
import { commonTypes } from "../../cli/params.ts";
import { acceptsSeed } from "../shared/account.ts";
import { factoryConfig, IN, place, showConfig } from "./config.ts";
import { MENUS, type Menu } from "./menus.ts";

/** A command line: `/menu/path command rest` from the root, or from the menu one is in. */
function routeros(call: Call): Answer {
  const { session } = call;
  const text = call.line.trim();
  const words = text.split(/[ ]+/);
  let path = text.startsWith("/") ? "" : session.section.text;
  for (const [index, word] of words.entries()) {
    const [inner, command] = walk(path, word);
    path = inner;
    if (command === null) continue;
    const menu = MENUS[path];
    if (menu?.commands.includes(command) !== true)
      return `bad command name ${command} (line 1 column ${text.indexOf(command) + 1})`;
    return run({ call, menu, path, command, rest: words.slice(index + 1).join(" ") });
  }
  session.enter(path === "" ? "root" : "menu", { text: path, children: [] });
  return null;
}

/** As far as a word names menus, and what of it is none: a command. */
function walk(from: string, word: string): [path: string, command: string | null] {
  let path = from;
  for (const part of word.split("/").filter((each) => each !== "")) {
    const inner = path === "" ? part : `${path} ${part}`;
    if (part === "..") path = path.replace(/ ?\S*$/, "");
    else if (MENUS[inner] === undefined) return [path, part];
    else path = inner;
  }
  return [path, null];
}

interface Running {
  call: Call;
  menu: Menu;
  path: string;
  command: string;
  rest: string;
}

function run({ call, menu, path, command, rest }: Running): Answer {
  const { session, state } = call;
  if (command === "quit") {
    session.leave();
    return "interrupted";
  }
  if (command === "export") return showConfig(state, state.running);
  if (command === "print") return menu.prints?.(state) ?? placed(state.running, path);
  const problem = place(state.running, { path, command, rest, menu });
  if (problem === null) state.changed = { at: state.chassis.clock.now(), by: session.user };
  return problem;
}

function placed(config: ConfigEntry, path: string): string {
  const lines = config.children.filter(({ text }) => text.startsWith(path + IN));
  return lines.map(({ text }, index) => ` ${index}   ${text.replace(/^.* \/ \S+ /, "")}`).join("\n");
}

/** A login without options gets colours. */
function prompt(hostname: string, { user, section }: Where): string {
  const [name, options] = user.split("+", 2);
  const path = section.text === "" ? "" : `/${section.text.replaceAll(" ", "/")}`;
  const plain = `[${name}@${hostname}] ${path}>`;
  const painted = `[\x1b[32m${name}\x1b[m@\x1b[32m${hostname}\x1b[m] \x1b[36m${path}\x1b[m>`;
  const shown = options?.includes("c") === true ? plain : painted;
  return `\r\r${shown} \x1b[K\r${shown} `;
}

const commands: readonly Command[] = [{ syntax: "<line:line>", run: routeros }];

const mode: Mode = { kind: "exec", prompt, parent: null, commands };

/** MikroTik RouterOS 7.10 on an RB4011. */
export const mikrotikRouteros: CliDefinition = {
  name: "mikrotik_routeros",
  ident: "ROSSSH",
  channels: 1,
  hangsUp: true,
  plainNewline: "\r\n",
  dialect: {
    refuse: ({ word }) => `bad command name ${word} (line 1 column 1)`,
    pager: { text: "-- [Q quit|D dump|down]", erase: `\r${" ".repeat(23)}\r` },
    filters: [],
    interruptLeavesConfig: false,
    showsControl: false,
    repaints: true,
    eofEnds: true,
    defaultHostname: "MikroTik",
    hostnameSetting: "system identity / set name",
    negation: "no",
    comment: "#",
    shows: /^(?!)/,
    borrows: /^(?!)/,
    pagesByDefault: false,
    execLead: "",
    execFailure: 1,
  },
  types: commonTypes,
  modes: { root: mode, menu: mode },
  firstMode: () => "root",
  execMode: "root",
  help: {},
  look: { order: lineOrder([]), opens: /^$/, sectionEnd: null, joined: null, separator: "", indent: "" },
  factory: factoryConfig,
  accepts: (state, username, password) => acceptsSeed(state, username.split("+", 1)[0] ?? "", password),
  greeting: () =>
    `\n${" ".repeat(2)}MikroTik RouterOS 7.10 (c) 1999-2023       https://www.mikrotik.com/\n\n`,
  showConfig,
};
