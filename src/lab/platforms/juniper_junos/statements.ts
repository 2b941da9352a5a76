import {
  type ConfigEntry,
  type LineOrder,
  lineOrder,
  newConfig,
  putLine,
  removeLines,
} from "../../cli/config-tree.ts";
import { Grammar, type Match } from "../../cli/grammar.ts";
import { commonTypes, type ParamType } from "../../cli/params.ts";
import type { Seed } from "../../platform.ts";

/** Between the levels of a statement, as it is kept. */
const LEVEL = " / ";

/** `"several words"` or one. */
const text: ParamType = {
  label: "<text>",
  help: "A word, or several in quotation marks",
  take(tokens, at) {
    const words = tokens.slice(at).map((token) => token.text);
    if (words[0]?.startsWith('"') !== true)
      return words[0] === undefined ? null : { value: words[0], used: 1 };
    const used = words.findIndex((word, index) => word.endsWith('"') && (index > 0 || word.length > 1)) + 1;
    return used === 0 ? null : { value: words.slice(0, used).join(" "), used };
  },
};

interface Statement {
  syntax: string;
  /** Words of each level. */
  levels: number[];
  /** Words that say which statement it replaces; none: several stand side by side. */
  slot: number | null;
}

/** Levels are set apart by ` / `; `*` marks what may stand several times. */
const STATEMENTS: readonly Statement[] = [
  "system / host-name <name:word>",
  "system / domain-name <name:word>",
  "system / location / building <name:text>",
  "* system / name-server <server:ip>",
  "* system / ntp / server <server:ip>",
  "system / services / ssh / protocol-version v2",
  "* system / login / user <name:word> / class <class:word>",
  "* system / syslog / file <name:word> / <facility:word> <level:word>",
  "interfaces / <name:word> / description <text:text>",
  "interfaces / <name:word> / disable",
  "interfaces / <name:word> / mtu <bytes:int 256-9192>",
  "* interfaces / <name:word> / unit <number:int 0-16385> / family inet / address <address:prefix>",
  "* protocols / bgp / group <name:word> / type external",
  "* protocols / bgp / group <name:word> / peer-as <as:int 1-4294967295>",
  "* protocols / bgp / group <name:word> / neighbor <peer:ip>",
  "* routing-options / static / route <prefix:prefix> / next-hop <hop:ip>",
].map((written) => {
  const several = written.startsWith("* ");
  const levels = written.replace("* ", "").split(LEVEL);
  const counts = levels.map((level) => level.match(/<[^>]*>|\S+/g)?.length ?? 0);
  const words = counts.reduce((sum, count) => sum + count, 0);
  const isFlag = !/>$/.test(written);
  return { syntax: levels.join(" "), levels: counts, slot: several ? null : isFlag ? words : words - 1 };
});

const grammar = new Grammar<Statement>(STATEMENTS, { ...commonTypes, text });
const ORDER: LineOrder = lineOrder(["system", "interfaces", "routing-options", "protocols"]);

type Refused = Exclude<Match<Statement>, { kind: "ok" }>;

/** Adds a statement or replaces the one like it; returns why it cannot be. */
export function setStatement(root: ConfigEntry, line: string): Refused | null {
  const match = grammar.match(line);
  if (match.kind !== "ok") return match;
  const { entry, words } = match;
  const whole = leveled(words, entry.levels);
  const slot = entry.slot === null ? whole : leveled(words.slice(0, entry.slot), entry.levels);
  putLine(root, whole, slot, ORDER);
  return null;
}

/** Takes statements away; false when there is none. */
export function deleteStatement(root: ConfigEntry, line: string): Refused | boolean {
  const match = grammar.match(line, 0, true);
  if (match.kind !== "ok") return match;
  return removeLines(root, leveled(match.words, match.entry.levels)) > 0;
}

function leveled(words: readonly string[], levels: readonly number[]): string {
  let from = 0;
  const parts = levels.map((count) => {
    from += count;
    return words.slice(from - count, from).join(" ");
  });
  return parts.filter((part) => part !== "").join(LEVEL);
}

/** The configuration in braces; of `path` only, where one is given. */
export function braces(root: ConfigEntry, path = ""): string[] {
  const wanted = path.split(" ").filter((word) => word !== "");
  const lines: string[] = [];
  let open: string[] = [];
  for (const { text: statement } of root.children) {
    const levels = statement.split(LEVEL);
    const depth = depthOf(levels, wanted);
    if (depth === null) continue;
    const shown = levels.slice(depth);
    const containers = shown.slice(0, -1);
    const common = commonLength(open, containers);
    for (let level = open.length - 1; level >= common; level--) lines.push(`${indent(level)}}`);
    for (let level = common; level < containers.length; level++) {
      lines.push(`${indent(level)}${containers[level]} {`);
    }
    lines.push(`${indent(containers.length)}${shown.at(-1)};`);
    open = containers;
  }
  for (let level = open.length - 1; level >= 0; level--) lines.push(`${indent(level)}}`);
  return lines;
}

/** How many levels of a statement are the path's; null: it lies elsewhere. */
function depthOf(levels: readonly string[], path: readonly string[]): number | null {
  let words = 0;
  for (const [depth, level] of levels.entries()) {
    if (words === path.length) return depth;
    const own = level.split(" ");
    if (own.some((word, index) => path[words + index] !== word)) return null;
    words += own.length;
  }
  return null;
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

function indent(level: number): string {
  return "    ".repeat(level);
}

/** Why the configuration cannot be committed, as the device says it. */
export function commitProblem(root: ConfigEntry): string | null {
  for (const { text: statement } of root.children) {
    const [, group = "", peer = ""] =
      /^protocols \/ bgp \/ (group \S+) \/ (neighbor \S+)$/.exec(statement) ?? [];
    const hasPeer = root.children.some(({ text }) =>
      text.startsWith(`protocols / bgp / ${group} / peer-as `),
    );
    if (group === "" || hasPeer) continue;
    return `[edit protocols bgp ${group}]
  '${peer}'
    Error in ${peer} of ${group}:
    peer AS number must be configured for an external peer
error: configuration check-out failed`;
  }
  return null;
}

/** The configuration a lab device starts with: a small edge router. */
export function factoryConfig({ hostname, index, username }: Seed): ConfigEntry {
  const net = `${((index + 1) >> 8) & 255}.${(index + 1) & 255}`;
  const root = newConfig();
  const ports = Array.from(
    { length: 12 },
    (_, port) => `interfaces ge-0/0/${port} unit 0 family inet address 172.16.${port}.1/24`,
  );
  for (const line of [
    `system host-name ${hostname}`,
    "system services ssh protocol-version v2",
    `system login user ${username} class super-user`,
    "system syslog file messages any any",
    "system syslog file interactive-commands interactive-commands any",
    ...ports,
    `interfaces fxp0 unit 0 family inet address 10.${net}.1/24`,
    `routing-options static route 0.0.0.0/0 next-hop 10.${net}.254`,
  ]) {
    if (setStatement(root, line) !== null) throw new Error(`the factory configuration has ${line}`);
  }
  return root;
}
