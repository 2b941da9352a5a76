/**
 * The word most like `word`, for "did you mean": null when nothing is within a third of its length
 * (at least 2; of up to four letters 1) edits. Insertions, deletions, replacements and swaps of neighbours count one edit each.
 */
export function nearest(word: string, words: Iterable<string>): string | null {
  const wanted = normalize(word);
  let best: string | null = null;
  let bestDistance = allowance(wanted) + 1;
  for (const candidate of words) {
    const distance = editDistance(wanted, normalize(candidate));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Two edits turn any short word into any other. */
function allowance(word: string): number {
  return word.length <= 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
}

/** Longer words than any real name would only cost time. */
const MAX_LENGTH = 64;

function normalize(word: string): string {
  return word.slice(0, MAX_LENGTH).toLowerCase().replaceAll("-", "_");
}

/** Damerau-Levenshtein distance, optimal string alignment: three rows are enough. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
