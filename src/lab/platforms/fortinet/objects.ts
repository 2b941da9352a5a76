import { type ConfigEntry, newConfig } from "../../cli/config-tree.ts";
import type { CliState } from "../../cli/model.ts";
import type { Seed } from "../../platform.ts";

/** What `config PATH` opens. */
export interface Table {
  /** It holds objects, opened by `edit`; else settings only. */
  edits: boolean;
  /** What `set` takes, each with what its value looks like. */
  fields: Readonly<Record<string, RegExp>>;
  /** A field that every object needs. */
  needs?: string;
}

const TEXT = /^(?:"[^"]*"|\S+)$/;
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const NET = /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2}| \d{1,3}(?:\.\d{1,3}){3})$/;

export const TABLES: Readonly<Record<string, Table>> = {
  "firewall address": { edits: true, fields: { subnet: NET, comment: TEXT } },
  "router static": { edits: true, fields: { dst: NET, gateway: ADDRESS, device: TEXT }, needs: "gateway" },
  "system console": { edits: false, fields: { output: /^(?:standard|more)$/ } },
  "system global": { edits: false, fields: { hostname: TEXT, timezone: TEXT } },
  "system interface": { edits: true, fields: { ip: NET, alias: TEXT, description: TEXT } },
};

/** The entry that begins with these words, made where there is none. */
export function opened(section: ConfigEntry, text: string): { entry: ConfigEntry; isNew: boolean } {
  const found = section.children.find((child) => child.text === text);
  if (found !== undefined) return { entry: found, isNew: false };
  const entry = { text, children: [] };
  section.children.push(entry);
  return { entry, isNew: true };
}

/** A setting of a table without objects. */
export function settingIn(config: ConfigEntry, table: string, field: string): string | undefined {
  const lines = config.children.find(({ text }) => text === `config ${table}`)?.children ?? [];
  return lines.find(({ text }) => text.startsWith(`set ${field} `))?.text.slice(field.length + 5);
}

/** The configuration a lab device starts with: a small firewall. */
export function factoryConfig({ hostname, index }: Seed): ConfigEntry {
  const net = `${((index + 1) >> 8) & 255}.${(index + 1) & 255}`;
  const config = newConfig();
  const set = (path: string, object: string | null, ...lines: string[]) => {
    const table = opened(config, `config ${path}`).entry;
    const section = object === null ? table : opened(table, `edit ${object}`).entry;
    section.children.push(...lines.map((line) => ({ text: `set ${line}`, children: [] })));
  };
  set("system global", null, `hostname ${hostname}`, "timezone 04");
  set("system interface", "port1", `ip 10.${net}.1 255.255.255.0`);
  for (let port = 2; port <= 12; port++) set("system interface", `port${port}`, `alias "port ${port}"`);
  set("router static", "1", `gateway 10.${net}.254`, "device port1");
  return config;
}

export function showConfig(_state: CliState, config: ConfigEntry): string {
  return [
    "#config-version=FGT100F-7.2.5-FW-build1517-230606",
    ...config.children.flatMap((each) => shown(each, "")),
  ].join("\n");
}

/** A section with what ends it. */
export function shown({ text, children }: ConfigEntry, indent: string): string[] {
  if (text.startsWith("set ")) return [indent + text];
  const end = text.startsWith("edit ") ? "next" : "end";
  return [indent + text, ...children.flatMap((child) => shown(child, `${indent}    `)), indent + end];
}
