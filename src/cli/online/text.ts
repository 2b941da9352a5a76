/** Codes of the terminal that we use. */
const CODES = { bold: "1", dim: "2", red: "31", green: "32", yellow: "33", cyan: "36" } as const;
export type Paint = keyof typeof CODES;

export function painted(text: string, paint: Paint | null, color: boolean): string {
  return color && paint !== null && text !== "" ? `\x1b[${CODES[paint]}m${text}\x1b[0m` : text;
}

/**
 * Text of a device or of a request as it may go to a terminal: what is no character is shown, not obeyed. Line
 * ends and tabs stay.
 */
export function harmless(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, shown);
}

/** In one line. */
export function oneLine(text: string): string {
  return harmless(text)
    .replace(/\s*\n\s*/g, " ")
    .replaceAll("\t", " ");
}

function shown(char: string): string {
  const code = char.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\uFFFD";
}

/** Cut to so many columns of the terminal. */
export function fit(text: string, width: number): string {
  if (Bun.stringWidth(text) <= width) return text;
  let cut = "";
  for (const char of text) {
    if (Bun.stringWidth(cut) + Bun.stringWidth(char) > width - 1) break;
    cut += char;
  }
  return `${cut}…`;
}

export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - Bun.stringWidth(text)));
}

/** As people say it: `0.25 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(2))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
  return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** `1 device`, `2 devices`. */
export function counted(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}

/** A time as the API has it, without what a table has no room for. */
export function briefTime(time: string | null): string {
  return time === null ? "" : time.slice(0, 19).replace("T", " ");
}
