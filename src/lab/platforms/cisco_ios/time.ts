const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const UNITS: readonly [string, number][] = [
  ["year", 365 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** `14:02:11 UTC Mon Nov 24 2025`, with milliseconds where asked for. */
export function deviceTime(at: number, milliseconds = false): string {
  const date = new Date(at);
  const time = date.toISOString().slice(11, milliseconds ? 23 : 19);
  const day = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}`;
  return `${time} UTC ${day} ${date.getUTCFullYear()}`;
}

/** `5 weeks, 6 days, 2 minutes`. */
export function uptime(ms: number): string {
  let rest = Math.floor(ms / 1000);
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? "" : "s"}`);
  }
  return parts.length > 0 ? parts.join(", ") : "0 minutes";
}

/** `00:05:11`. */
export function hoursMinutesSeconds(ms: number): string {
  return new Date(Math.min(ms, 86_399_000)).toISOString().slice(11, 19);
}
