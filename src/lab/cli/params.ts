import { isIPv4 } from "node:net";

export interface Token {
  text: string;
  /** Position of its first character in the line. */
  start: number;
}

/** What a parameter's type accepts, starting at a token; null when it does not fit. */
export interface ParamType {
  /** As `?` lists it: `A.B.C.D`, `WORD`, … */
  label: string;
  help: string;
  /** `used` counts the tokens it took; `rest` takes everything up to the line's end. */
  take(tokens: readonly Token[], at: number, line: string): { value: string; used: number } | null;
}

export type ParamTypes = Readonly<Record<string, ParamType>>;

/** Splits a line at white space. */
export function tokenize(line: string, from = 0): Token[] {
  const tokens: Token[] = [];
  for (const found of line.slice(from).matchAll(/\S+/g)) {
    tokens.push({ text: found[0], start: from + found.index });
  }
  return tokens;
}

/** A type that looks at one token alone. */
export function oneToken(
  label: string,
  help: string,
  accept: (text: string) => string | null | boolean,
): ParamType {
  return {
    label,
    help,
    take(tokens, at) {
      const text = tokens[at]?.text ?? "";
      const accepted = accept(text);
      if (accepted === false || accepted === null) return null;
      return { value: accepted === true ? text : accepted, used: 1 };
    },
  };
}

/** A type that takes whatever the first fitting one of several takes. */
export function anyOf(label: string, help: string, types: readonly ParamType[]): ParamType {
  return {
    label,
    help,
    take(tokens, at, line) {
      for (const type of types) {
        const taken = type.take(tokens, at, line);
        if (taken) return taken;
      }
      return null;
    },
  };
}

const rest: ParamType = {
  label: "LINE",
  help: "Text up to the end of the line",
  take(tokens, at, line) {
    const first = tokens[at];
    return first ? { value: line.slice(first.start).trimEnd(), used: tokens.length - at } : null;
  },
};

/** Types every Cisco-like CLI has. */
export const ipType = oneToken("A.B.C.D", "IP address", isIPv4);
export const commonTypes: ParamTypes = {
  word: oneToken("WORD", "A word", (text) => text !== ""),
  line: rest,
  ip: ipType,
  prefix: oneToken("A.B.C.D/M", "IP address and prefix length", isPrefix),
};

/** `int 1-4094`: a whole number within the bounds, both included. */
export function intType(type: string): ParamType | null {
  const [, low, high] = /^int (\d+)-(\d+)$/.exec(type) ?? [];
  if (low === undefined || high === undefined) return null;
  return oneToken(`<${low}-${high}>`, "A number", (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    return value >= Number(low) && value <= Number(high) ? String(value) : null;
  });
}

function isPrefix(text: string): boolean {
  const [address = "", length = ""] = text.split("/", 2);
  return isIPv4(address) && /^\d{1,2}$/.test(length) && Number(length) <= 32;
}
