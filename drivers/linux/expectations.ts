/** Finds prompts in what a stream prints, each where it ends first, in one pass over the text. */
export class Expectations {
  readonly #prompts: readonly [prompt: string, answer: string][];
  readonly #answer: (answer: string) => void;
  readonly #longest: number;
  /** End of the text so far, in which no prompt has been found: the next may begin in it. */
  #tail = "";

  constructor(map: Readonly<Record<string, string>>, answer: (answer: string) => void) {
    // Of two that begin at one place the longer one is meant.
    this.#prompts = Object.entries(map).sort(([a], [b]) => b.length - a.length);
    this.#answer = answer;
    this.#longest = this.#prompts[0]?.[0].length ?? 0;
  }

  heard(text: string): void {
    if (this.#longest === 0) return;
    let rest = this.#tail + text;
    for (let found = this.#first(rest); found !== null; found = this.#first(rest)) {
      rest = rest.slice(found.end);
      this.#answer(found.answer);
    }
    this.#tail = rest.slice(-this.#longest + 1 || rest.length);
  }

  #first(text: string): { end: number; answer: string } | null {
    let first: { start: number; end: number; answer: string } | null = null;
    for (const [prompt, answer] of this.#prompts) {
      const start = text.indexOf(prompt);
      if (start < 0 || (first !== null && start >= first.start)) continue;
      first = { start, end: start + prompt.length, answer };
    }
    return first;
  }
}
