/** A state in one word, its colour by what the word means. */
export function Badge({ of, children }: { of: string; children?: string }) {
  return (
    <span class="badge" data-state={of}>
      {children ?? of.replaceAll("_", " ")}
    </span>
  );
}
