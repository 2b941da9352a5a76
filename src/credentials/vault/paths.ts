/** Whether a path is among patterns in which `*` stands for any characters; null: any path is. */
export function pathJudge(patterns: readonly string[] | null): (path: string) => boolean {
  if (patterns === null) return () => true;
  const fits = patterns.map(matcher);
  return (path) => fits.some((each) => each(path));
}

/** By pieces from left to right: linear, whatever the pattern. */
function matcher(pattern: string): (path: string) => boolean {
  const [head = "", ...pieces] = pattern.replace(/^\/+/, "").split("*");
  const tail = pieces.pop();
  if (tail === undefined) return (path) => path === head;
  return (path) => {
    const end = path.length - tail.length;
    if (!path.startsWith(head) || !path.endsWith(tail) || end < head.length) return false;
    let at = head.length;
    for (const piece of pieces) {
      const found = path.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}
