export type IpVersion = 4 | 6;

export interface Address {
  version: IpVersion;
  value: bigint;
  /** With its `%`; empty: none. */
  scope: string;
}

/** Null where the text is no address that Python's `ipaddress` knows. */
export function parseAddress(text: string): Address | null {
  const four = parseFour(text);
  if (four !== null) return { version: 4, value: four, scope: "" };
  const [, address = "", scope = ""] = /^([^%]*)(%[^%]+)?$/.exec(text) ?? [];
  const six = parseSix(address);
  return six === null ? null : { version: 6, value: six, scope };
}

function parseFour(text: string): bigint | null {
  const parts = text.split(".");
  if (
    parts.length !== 4 ||
    !parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)
  ) {
    return null;
  }
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseSix(text: string): bigint | null {
  const [, front, four] = /^(.*:)([0-9.]*\.[0-9.]*)$/.exec(text) ?? [];
  if (front !== undefined && four !== undefined) {
    const value = parseFour(four);
    if (value === null) return null;
    return parseSix(`${front}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`);
  }
  const [before = "", after, more] = text.split("::");
  if (more !== undefined) return null;
  const head = groupsOf(before);
  const tail = after === undefined ? [] : groupsOf(after);
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array<bigint>(after === undefined ? 0 : missing).fill(0n), ...tail];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

function groupsOf(text: string): bigint[] | null {
  if (text === "") return [];
  const groups = text.split(":");
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return null;
  return groups.map((group) => BigInt(`0x${group}`));
}

/** As Python writes it: the longest run of zeros as `::`, unless all digits are asked for. */
export function writeAddress(version: IpVersion, value: bigint, exploded = false): string {
  if (version === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => ((value >> shift) & 0xffn).toString()).join(".");
  }
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((value >> BigInt(16 * (7 - at))) & 0xffffn).toString(16),
  );
  return exploded ? groups.map((group) => group.padStart(4, "0")).join(":") : compressed(groups);
}

function compressed(groups: readonly string[]): string {
  let best = { from: 0, length: 1 };
  for (let from = 0; from < groups.length; from++) {
    let length = 0;
    while (groups[from + length] === "0") length++;
    if (length > best.length) best = { from, length };
  }
  if (best.length === 1) return groups.join(":");
  return `${groups.slice(0, best.from).join(":")}::${groups.slice(best.from + best.length).join(":")}`;
}
