import type { Database, Statement } from "bun:sqlite";

/**
 * Reads of one turn of the event loop share a read transaction: to begin and end one costs more than most reads, which
 * without it have one each. What another process commits meanwhile shows in the next turn; nothing that is handled in
 * this one can have followed from it, but for a hint, which ends the transaction.
 */
export class Snapshot {
  readonly #begin: Statement;
  readonly #end: Statement;
  #isOpen = false;

  constructor(db: Database) {
    this.#begin = db.prepare("BEGIN");
    this.#end = db.prepare("COMMIT");
  }

  read<R>(attempt: () => R): R {
    if (!this.#isOpen) {
      this.#begin.run();
      this.#isOpen = true;
      setImmediate(() => this.end());
    }
    try {
      return attempt();
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Before anything that does not merely read. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#end.run();
  }
}
