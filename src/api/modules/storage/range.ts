/** What of a file is asked for, by the header `Range`: all of it, one part, or a part that it does not have. */
export type Wanted = { start: number; end: number; part: boolean } | null;

/** `end` is the first byte that is not wanted. Several ranges, and what is no range, count as all: servers may. */
export function wantedRange(header: string | null, size: number): Wanted {
  const all = { start: 0, end: size, part: false };
  const [, from = "", to = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "") ?? [];
  if (from === "" && to === "") return all;
  if (from === "") {
    const length = Math.min(Number(to), size);
    return length === 0 ? null : { start: size - length, end: size, part: true };
  }
  if (to !== "" && Number(to) < Number(from)) return all;
  if (Number(from) >= size) return null;
  const end = to === "" ? size : Math.min(Number(to) + 1, size);
  return { start: Number(from), end, part: true };
}
