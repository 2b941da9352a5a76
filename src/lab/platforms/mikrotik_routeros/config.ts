import { type ConfigEntry, newConfig, putLine, removeLines } from "../../cli/config-tree.ts";
import type { Answer, CliState } from "../../cli/model.ts";
import type { Seed } from "../../platform.ts";
import { MENUS, type Menu } from "./menus.ts";

/** Between a menu's path and a line of it, as lines are kept. */
export const IN = " / ";

/** What follows `add` or `set` in a menu. */
export interface Given {
  path: string;
  command: string;
  rest: string;
  menu: Menu;
}

/** Puts a line into the configuration; returns why it cannot be, as the device says it. */
export function place(config: ConfigEntry, { path, command, rest, menu }: Given): Answer {
  const words = rest.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  for (const word of words.filter((each) => each.includes("="))) {
    const [name = "", ...value] = word.split("=");
    const form = menu.takes[name];
    if (form === undefined)
      return `expected end of command (line 1 column ${path.length + command.length + 3})`;
    if (!form.test(value.join("="))) return `invalid value for argument ${name}`;
  }
  if (path === "system identity") {
    putLine(config, `${path}${IN}set name ${rest.replace("name=", "")}`, `${path}${IN}set name`, []);
    return null;
  }
  const line = `${path}${IN}${command} ${rest}`;
  if (command === "add" && config.children.some(({ text }) => text === line))
    return "failure: already have such address";
  const slot =
    command === "add" ? line : `${path}${IN}${command} ${words.find((word) => !word.includes("=")) ?? ""}`;
  if (command === "set") removeLines(config, slot.trimEnd());
  putLine(config, line, line, []);
  return null;
}

/** The configuration a lab device starts with: a small router. */
export function factoryConfig({ hostname, index }: Seed): ConfigEntry {
  const net = `${((index + 1) >> 8) & 255}.${(index + 1) & 255}`;
  const config = newConfig();
  const given: [path: string, command: string, rest: string][] = [
    ["interface ethernet", "set", "ether1 comment=management"],
    ["ip address", "add", `address=10.${net}.1/24 interface=ether1`],
    ["ip dns", "set", "servers=10.0.0.53"],
    ["ip route", "add", `dst-address=0.0.0.0/0 gateway=10.${net}.254`],
    ["system identity", "set", `name=${hostname}`],
  ];
  for (const [path, command, rest] of given) {
    const menu = MENUS[path];
    const problem = menu === undefined ? "no such menu" : place(config, { path, command, rest, menu });
    if (problem !== null) throw new Error(`the factory configuration has ${rest}: ${problem}`);
  }
  return config;
}

/** As `/export` prints it: lines under their menus. */
export function showConfig(_state: CliState, config: ConfigEntry): string {
  const lines = ["# 2023-06-15 05:17:29 by RouterOS 7.10", "# model = RB4011iGS+"];
  let menu = "";
  for (const { text } of config.children) {
    const [path = "", ...rest] = text.split(IN);
    if (path !== menu) lines.push(`/${path}`);
    menu = path;
    lines.push(rest.join(IN).replace(/^set name /, "set name="));
  }
  return lines.join("\n");
}
