/** A line of a configuration, with the lines below it where it opens a section. */
export interface ConfigEntry {
  text: string;
  children: ConfigEntry[];
}

export function newConfig(): ConfigEntry {
  return { text: "", children: [] };
}

export function copyConfig(entry: ConfigEntry): ConfigEntry {
  return { text: entry.text, children: entry.children.map(copyConfig) };
}

/** Whether a line is the setting `name`, whatever its value. */
function isSetting(entry: ConfigEntry, name: string): boolean {
  return entry.text === name || entry.text.startsWith(`${name} `);
}

/** The line that sets `name` in a section. */
export function findSetting(section: ConfigEntry, name: string): ConfigEntry | undefined {
  return section.children.find((entry) => isSetting(entry, name));
}

/** The value of the setting `name`: what follows it, undefined if there is no such line. */
export function settingOf(section: ConfigEntry, name: string): string | undefined {
  return findSetting(section, name)?.text.slice(name.length + 1);
}

/** Where lines stand among each other; lines of one rank keep the order in which they were given. */
export type LineOrder = readonly RegExp[];

/** Each group is what the lines of a rank begin with, alternatives set apart by `|`. */
export function lineOrder(groups: readonly string[]): LineOrder {
  return groups.map((group) => new RegExp(`^(?:(?:no|undo) )?(?:${group})`));
}

function rankOf(order: LineOrder, text: string): number {
  const rank = order.findIndex((begins) => begins.test(text));
  return rank < 0 ? order.length : rank;
}

/** Puts a line into a section in the place of the one that set `slot` so far, or where it belongs. */
export function putLine(section: ConfigEntry, text: string, slot: string, order: LineOrder): ConfigEntry {
  const present = findSetting(section, slot);
  if (present) {
    present.text = text;
    return present;
  }
  const added = { text, children: [] };
  const rank = rankOf(order, text);
  const after = section.children.findLastIndex((entry) => rankOf(order, entry.text) <= rank);
  section.children.splice(after + 1, 0, added);
  return added;
}

/** Takes every line out that sets `name`; returns how many there were. */
export function removeLines(section: ConfigEntry, name: string): number {
  const before = section.children.length;
  section.children = section.children.filter((entry) => !isSetting(entry, name));
  return before - section.children.length;
}

/** Reads a configuration as a device prints it: sections by indentation, lines of `!` and `#` are nothing. */
export function parseConfig(text: string): ConfigEntry {
  const root = newConfig();
  let open = root;
  let banner: ConfigEntry | null = null;
  for (const line of text.split("\n")) {
    if (banner) {
      banner.text += `\n${line}`;
      if (line.endsWith("^C")) banner = null;
      continue;
    }
    if (line.trim() === "" || /^[!#]/.test(line)) continue;
    const entry: ConfigEntry = { text: line.trim(), children: [] };
    if (line.startsWith(" ")) open.children.push(entry);
    else {
      root.children.push(entry);
      open = entry;
    }
    if (/^banner \S+ \^C(?!.*\^C$)/.test(entry.text)) banner = entry;
  }
  return root;
}

/** How a platform sets its configuration off. */
export interface ConfigLook {
  order: LineOrder;
  /** Lines that open a section also while it is empty. */
  opens: RegExp;
  /** Printed after a section's lines, e.g. `exit`; null: nothing. */
  sectionEnd: string | null;
  /** Sections that follow each other with nothing between them. */
  joined: RegExp | null;
  /** Stands between sections: `!`, `#`, a blank line. */
  separator: string;
  /** Stands before the lines of a section. */
  indent: string;
}

/** The lines of a configuration, with the separator after sections and between lines of different rank. */
export function configLines(root: ConfigEntry, look: ConfigLook): string[] {
  const lines: string[] = [];
  let last: ConfigEntry | null = null;
  for (const entry of root.children) {
    if (last && isApart(last, entry, look)) lines.push(look.separator);
    lines.push(...sectionLines(entry, look));
    last = entry;
  }
  lines.push(look.separator);
  return lines;
}

function isApart(before: ConfigEntry, entry: ConfigEntry, look: ConfigLook): boolean {
  if (rankOf(look.order, before.text) !== rankOf(look.order, entry.text)) return true;
  return isSection(before, look) && !look.joined?.test(entry.text);
}

/** A line with the lines below it. */
export function sectionLines(entry: ConfigEntry, look: ConfigLook): string[] {
  const lines = entry.text.split("\n");
  for (const child of entry.children) lines.push(look.indent + child.text);
  if (look.sectionEnd !== null && isSection(entry, look)) lines.push(look.sectionEnd);
  return lines;
}

function isSection(entry: ConfigEntry, look: ConfigLook): boolean {
  return entry.children.length > 0 || look.opens.test(entry.text);
}
