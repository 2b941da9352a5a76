import type { Dice } from "./dice.ts";

/** What terminals act upon instead of showing it; all of it is complete. */
const CONTROLS = [
  "\x07",
  "\x00",
  "\x08\x08\x08",
  "\x7f",
  "\x0b\x0c",
  "\x1b[2J\x1b[H",
  "\x1b[31;1m",
  "\x1b]0;title\x07",
  "\x1bM",
  "\x0e\x0f",
] as const;

/** A byte that never occurs, a sequence that breaks off, one that is too long, half a surrogate. */
const BROKEN_UTF8: [number[], ...number[][]] = [[0xff], [0xe2, 0x82], [0xc0, 0xaf], [0xed, 0xa0, 0x80]];

/**
 * Lines of output with dirt in them. The last line break is left alone, so that the prompt behind it can be
 * told from what came before.
 */
export function garble(lines: readonly string[], hostname: string, newline: string, dice: Dice): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const line of lines) {
    if (dice.below(4) === 0) parts.push(Buffer.from(falsePrompt(hostname, dice) + newline));
    const middle = dice.below(line.length + 1);
    parts.push(Buffer.from(line.slice(0, middle)));
    if (dice.below(2) === 0) parts.push(dirt(dice));
    parts.push(Buffer.from(line.slice(middle) + newline));
  }
  return Buffer.concat(parts);
}

function dirt(dice: Dice): Uint8Array {
  return dice.below(2) === 0 ? Buffer.from(dice.pick(CONTROLS)) : Uint8Array.from(dice.pick(BROKEN_UTF8));
}

function falsePrompt(hostname: string, dice: Dice): string {
  return dice.pick([
    `${hostname}#`,
    `${hostname}>`,
    `${hostname}(config)#`,
    "other#",
    " --More-- ",
    "Password: ",
    "Proceed? [confirm]",
    "$ ",
  ]);
}
