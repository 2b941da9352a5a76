/** Lines around a change that are shown with it. */
const CONTEXT = 3;

interface Line {
  sign: " " | "-" | "+";
  text: string;
  /** Lines of each text before it. */
  old: number;
  fresh: number;
}

/** What differs, as unified diffs show it, without their head. */
export function hunks(old: readonly string[], fresh: readonly string[]): string[] {
  const lines = compared(old, fresh);
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ sign }) => sign !== " "),
  );
  const shown: string[] = [];
  for (let from = near.indexOf(true); from >= 0; ) {
    const end = near.indexOf(false, from);
    const hunk = lines.slice(from, end < 0 ? lines.length : end);
    shown.push(headOf(hunk), ...hunk.map(({ sign, text }) => sign + text));
    from = end < 0 ? -1 : near.indexOf(true, end);
  }
  return shown;
}

function headOf(hunk: readonly Line[]): string {
  const [first] = hunk;
  if (first === undefined) throw new Error("an empty hunk");
  const [gone, added] = ["+", "-"].map((other) => hunk.filter(({ sign }) => sign !== other).length);
  return `@@ -${first.old + 1},${gone} +${first.fresh + 1},${added} @@`;
}

/** All lines of both; `shared[i][j]`: how many the rest of one has in common with the rest of the other. */
function compared(old: readonly string[], fresh: readonly string[]): Line[] {
  const shared = Array.from({ length: old.length + 1 }, () => new Uint32Array(fresh.length + 1));
  const common = (i: number, j: number) => shared[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    const row = shared[i] as Uint32Array;
    for (let j = fresh.length - 1; j >= 0; j--)
      row[j] = old[i] === fresh[j] ? common(i + 1, j + 1) + 1 : Math.max(common(i + 1, j), common(i, j + 1));
  }
  const lines: Line[] = [];
  for (let i = 0, j = 0; i < old.length || j < fresh.length; ) {
    const [gone, added] = [old[i], fresh[j]];
    const place = { old: i, fresh: j };
    if (gone !== undefined && gone === added) {
      lines.push({ sign: " ", text: gone, ...place });
      i += 1;
      j += 1;
    } else if (gone !== undefined && (added === undefined || common(i + 1, j) >= common(i, j + 1))) {
      lines.push({ sign: "-", text: gone, ...place });
      i += 1;
    } else {
      lines.push({ sign: "+", text: added ?? "", ...place });
      j += 1;
    }
  }
  return lines;
}
