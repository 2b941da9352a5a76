/** How times are written and read at the edge. */
export interface TimeFormat {
  /** ISO-8601 with milliseconds and the zone's offset: `2024-01-01T12:00:00.123+08:00`. */
  format(ms: number): string;
  /** ISO-8601 to milliseconds since the epoch; without an offset it is in the zone. `null`: not a time. */
  parse(text: string): number | null;
}

/** Milliseconds as the API's seconds, to the microsecond: clocks give more digits than they know. */
export function seconds(ms: number): number {
  return Math.round(ms * 1000) / 1_000_000;
}

const MINUTE = 60_000;
/** Offsets change at whole quarters of an hour only. */
const QUARTER = 15 * MINUTE;
const MAX_CACHED = 4096;

export function timeFormat(zone: string): TimeFormat {
  const offsetAt = offsets(zone);
  const textOf = new Map<number, string>();

  function offsetSuffix(offset: number): string {
    const known = textOf.get(offset);
    if (known !== undefined) return known;
    textOf.set(offset, offsetText(offset));
    return offsetText(offset);
  }

  return {
    format(ms) {
      const offset = offsetAt(ms);
      return `${new Date(ms + offset).toISOString().slice(0, -1)}${offsetSuffix(offset)}`;
    },
    parse(text) {
      const [, date = "", time = "00:00:00", fraction = "", zoneText] = ISO.exec(text) ?? [];
      const local = localTime(date, time, fraction);
      if (local === null) return null;
      if (zoneText !== undefined) return local - writtenOffset(zoneText);
      // The offset at the local time taken as UTC is at most a day off; the second look is exact.
      return local - offsetAt(local - offsetAt(local));
    },
  };
}

/** A `+` that was not escaped in a query arrives as a space. */
const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?(Z|[+\- ]\d\d(?::?\d\d)?)?)?$/i;

function localTime(date: string, time: string, fraction: string): number | null {
  const clock = time.length === 5 ? `${time}:00` : time;
  const written = `${date}T${clock}`;
  const ms = Date.parse(`${written}Z`);
  // Date.parse takes 30 February for a day in March.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(written)) return null;
  return ms + Math.floor(Number(`0.${fraction || "0"}`) * 1000);
}

function writtenOffset(text: string): number {
  if (text.toUpperCase() === "Z") return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(3).replace(":", "") || "0");
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * MINUTE;
}

function offsetText(offset: number): string {
  const minutes = Math.abs(offset) / MINUTE;
  const two = (value: number) => String(value).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The zone's offset from UTC at a moment, ms. Asking Intl takes microseconds, so answers are kept. */
function offsets(zone: string): (ms: number) => number {
  if (zone === "UTC") return () => 0;
  const intl = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  const cache = new Map<number, number>();
  return (ms) => {
    const quarter = Math.floor(ms / QUARTER);
    const known = cache.get(quarter);
    if (known !== undefined) return known;
    const offset = intlOffset(intl, quarter * QUARTER);
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(quarter, offset);
    return offset;
  };
}

function intlOffset(intl: Intl.DateTimeFormat, ms: number): number {
  const name = intl.formatToParts(ms).find((part) => part.type === "timeZoneName")?.value ?? "";
  const [, sign, hours = "0", minutes = "0"] = /^GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE;
}
