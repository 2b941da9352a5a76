import { homedir } from "node:os";
import { join } from "node:path";
import { CREDENTIAL_PLACES } from "../core/credential.ts";
import { parseProxies, parseSites } from "../core/device.ts";
import { parseHostPatterns, parseNetworks } from "../core/networks.ts";
import { parseIntervals } from "../core/webhook.ts";

/** How the text of a configuration value is understood. */
export interface Kind<T> {
  /** What may be given, as it ends the sentence "give …". */
  allowed: string;
  unit: "seconds" | "bytes" | null;
  /** A number: a file may give it without quotes. */
  numeric: boolean;
  /** Names with commas between them: a file may give it as a list. */
  list?: boolean;
  /** `undefined` when the text is not allowed. */
  parse(text: string): T | undefined;
}

interface Bounds {
  min: number;
  max: number;
}

const BYTE_UNITS: Record<string, number> = {
  "": 1,
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

export function integer(bounds: Bounds): Kind<number> {
  return {
    allowed: `an integer from ${bounds.min} to ${bounds.max}`,
    unit: null,
    numeric: true,
    parse: (text) => (/^-?\d+$/.test(text) ? within(Number(text), bounds) : undefined),
  };
}

export function seconds(bounds: Bounds): Kind<number> {
  return {
    allowed: `seconds from ${bounds.min} to ${bounds.max}`,
    unit: "seconds",
    numeric: true,
    parse: (text) => (/^\d+(\.\d+)?$/.test(text) ? within(Number(text), bounds) : undefined),
  };
}

export function share(): Kind<number> {
  return {
    allowed: "a share from 0 to 1",
    unit: null,
    numeric: true,
    parse: (text) => (/^\d(\.\d+)?$/.test(text) ? within(Number(text), { min: 0, max: 1 }) : undefined),
  };
}

export function bytes(bounds: Bounds): Kind<number> {
  return {
    allowed: `a size from ${showBytes(bounds.min)} to ${showBytes(bounds.max)}, as 4MiB or in bytes`,
    unit: "bytes",
    numeric: true,
    parse(text) {
      const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? [];
      const factor = BYTE_UNITS[unit.toLowerCase()];
      if (digits === undefined || factor === undefined) return undefined;
      return within(Math.round(Number(digits) * factor), bounds);
    },
  };
}

export function oneOf<const T extends string>(values: readonly T[]): Kind<T> {
  return {
    allowed: values.join(" or "),
    unit: null,
    numeric: false,
    parse: (text) => values.find((value) => value === text),
  };
}

/** Text that fits `pattern`; `allowed` says the pattern in words. */
export function text(pattern: RegExp, allowed: string): Kind<string> {
  return { allowed, unit: null, numeric: false, parse: (given) => (pattern.test(given) ? given : undefined) };
}

/** A path; `~` at its beginning stands for the home folder, which no shell puts in where a file gives it. */
export function folder(): Kind<string> {
  const path = text(/^[^\p{Cc}]{1,1024}$/u, "a folder");
  const expand = (given: string) => (/^~(?:\/|$)/.test(given) ? join(homedir(), given.slice(1)) : given);
  return { ...path, parse: (given) => path.parse(expand(given)) };
}

/** Names of sites, the default one included; kept as they are given. */
export function sites(): Kind<string> {
  return {
    allowed: "names of letters, digits, dot, dash and underscore with commas between them, or a list of them",
    unit: null,
    numeric: false,
    list: true,
    parse: (given) => (parseSites(given) === null ? undefined : given),
  };
}

/** Addresses of proxies, or any; kept as they are given. */
export function proxies(): Kind<string> {
  return {
    allowed: "host:port with commas between them, a list of such, or * for any",
    unit: null,
    numeric: false,
    list: true,
    parse: (given) => (parseProxies(given) === undefined ? undefined : given),
  };
}

/** Which hosts may be named; kept as they are given. */
export function hostPatterns(): Kind<string> {
  return {
    allowed: "host names or *.example.com with commas between them, a list of such, or * for any",
    unit: null,
    numeric: false,
    list: true,
    parse: (given) => (parseHostPatterns(given) === null ? undefined : given),
  };
}

/** Addresses and networks; kept as they are given. */
export function networks(): Kind<string> {
  return {
    allowed: "addresses or networks as 10.0.0.0/8 with commas between them, or a list of such",
    unit: null,
    numeric: false,
    list: true,
    parse: (given) => (parseNetworks(given) === null ? undefined : given),
  };
}

/** Pauses, one after another; kept as they are given. */
export function intervals(): Kind<string> {
  return {
    allowed: "at most 20 durations in seconds with commas between them, or a list of such",
    unit: "seconds",
    numeric: false,
    list: true,
    parse: (given) => (parseIntervals(given) === null ? undefined : given),
  };
}

/** Origins of web pages, as a browser names them, or any; kept as they are given. */
export function origins(): Kind<string> {
  return {
    allowed: "origins, as https://ops.example.net, with commas between them, a list of them, or * for any",
    unit: null,
    numeric: false,
    list: true,
    parse: (given) =>
      given.trim() === "*" || given.split(",").every((each) => isOrigin(each.trim())) ? given : undefined,
  };
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
}

/** Places where credentials are kept, in order. */
export function places(): Kind<string> {
  const known: readonly string[] = CREDENTIAL_PLACES;
  return {
    allowed: `some of ${known.join(", ")} with commas between them, or a list of them`,
    unit: null,
    numeric: false,
    list: true,
    parse: (given) => (listOf(given).every((name) => known.includes(name)) ? given : undefined),
  };
}

/** Paths in Vault, `*` for any characters; kept as they are given. */
export function vaultPaths(): Kind<string> {
  return {
    allowed: "paths as secret/network/* with commas between them, or a list of them",
    unit: null,
    numeric: false,
    list: true,
    parse: (given) =>
      listOf(given).length > 0 && listOf(given).every((path) => /^[\w@+~.*/-]{1,1024}$/.test(path))
        ? given
        : undefined,
  };
}

/** What stands between commas. */
export function listOf(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** A name of the time-zone database; a leading colon, as POSIX allows in `TZ`, is dropped. */
export function timeZone(): Kind<string> {
  return {
    allowed: "the name of a time zone, as Europe/Berlin or UTC",
    unit: null,
    numeric: false,
    parse(given) {
      const name = given.replace(/^:/, "");
      return isTimeZone(name) ? name : undefined;
    },
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function within(value: number, { min, max }: Bounds): number | undefined {
  return value >= min && value <= max ? value : undefined;
}

/** The shortest exact spelling: `4MiB`, `1500`. */
export function showBytes(value: number): string {
  for (const [unit, factor] of [
    ["GiB", 1024 ** 3] as const,
    ["MiB", 1024 ** 2] as const,
    ["KiB", 1024] as const,
  ]) {
    if (value >= factor && value % factor === 0) return `${value / factor}${unit}`;
  }
  return String(value);
}
