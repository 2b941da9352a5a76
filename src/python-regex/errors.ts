/** A pattern that Python's `re` refuses, or that is beyond our bounds. `reason` is fit for a template's author. */
export class RegexSyntaxError extends Error {
  readonly reason: string;
  /** In characters, from 0. */
  readonly position: number;
  constructor(reason: string, position: number) {
    super(`${reason} at position ${position}`);
    this.name = "RegexSyntaxError";
    this.reason = reason;
    this.position = position;
  }
}

/** A match that would take more steps or memory than it may. */
export class RegexBudgetError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RegexBudgetError";
  }
}
