/** How letters are compared where case does not count. */
export type Fold = "ascii" | "unicode";

/** The lower case of one character, where that is one character again. */
export function lower(code: number, fold: Fold): number {
  if (code < 128) return code >= 65 && code <= 90 ? code + 32 : code;
  if (fold === "ascii") return code;
  // The one letter whose simple lower case is not its full one: İ.
  if (code === 0x130) return 0x69;
  return single(String.fromCodePoint(code).toLowerCase()) ?? code;
}

/** Characters beyond ASCII that Python takes for an ASCII letter where case does not count. */
const BESIDE_ASCII: Readonly<Record<number, readonly number[]>> = {
  105: [0x130, 0x131],
  107: [0x212a],
  115: [0x17f],
};

/**
 * Every character that counts as `code`, itself included. ASCII is answered from a small table: the whole
 * one takes some 30 ms to make, and device output seldom asks for it.
 */
export function variants(code: number, fold: Fold): readonly number[] {
  const folded = lower(code, fold);
  if (folded < 128) {
    const upper = folded >= 97 && folded <= 122 ? [folded - 32] : [];
    return [folded, ...upper, ...(fold === "unicode" ? (BESIDE_ASCII[folded] ?? []) : [])];
  }
  if (fold === "ascii") return [code];
  table ??= makeTable();
  return table.get(folded) ?? [folded];
}

let table: Map<number, number[]> | undefined;

/** Beyond it no letter has case. */
const LAST_CASED = 0x1ffff;

/** Python's rule: equal in lower case, or different in lower case and equal in upper case. */
function makeTable(): Map<number, number[]> {
  const byUpper = new Map<string, Set<number>>();
  const byLower = new Map<number, number[]>();
  for (let code = 0; code <= LAST_CASED; code++) {
    const folded = lower(code, "unicode");
    const upper = String.fromCodePoint(folded).toUpperCase();
    if (folded === code && upper === String.fromCodePoint(code)) continue;
    add(byLower, folded, code);
    const alike = byUpper.get(upper);
    if (alike) alike.add(folded);
    else byUpper.set(upper, new Set([folded]));
  }
  const all = new Map<number, number[]>();
  for (const alike of byUpper.values()) {
    const members = [...alike].flatMap((folded) => [folded, ...(byLower.get(folded) ?? [])]);
    for (const folded of alike) all.set(folded, [...new Set(members)]);
  }
  return all;
}

function add(map: Map<number, number[]>, key: number, value: number): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

function single(text: string): number | undefined {
  const code = text.codePointAt(0);
  return code !== undefined && text.length === (code > 0xffff ? 2 : 1) ? code : undefined;
}
