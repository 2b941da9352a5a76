/** Of the head of an answer, and of all of it: nobody reads more. */
const MOST_HEAD = 16 * 1024;
const MOST = 64 * 1024;
const STATUS = /^HTTP\/1\.[01] (\d{3})(?: [^\r\n]*)?\r\n/;

/** `none`: its status is not known yet. `over`: nothing of it is to come, or nobody wants it. */
export type AnswerState = "none" | "known" | "over" | "wrong";

/** Takes the status from an answer of HTTP/1.1 as it comes, and its end where that is told. */
export class AnswerReader {
  #head = "";
  #rest: number | null = null;
  #size = 0;
  status = 0;

  take(piece: Uint8Array): AnswerState {
    this.#size += piece.length;
    if (this.status !== 0) return this.#body(piece.length);
    this.#head += Buffer.from(piece).toString("latin1");
    return this.#read();
  }

  /** Interim answers (100 to 199) come before the one that counts. */
  #read(): AnswerState {
    for (;;) {
      const end = this.#head.indexOf("\r\n\r\n");
      if (end < 0) return this.#head.length > MOST_HEAD || !couldBe(this.#head) ? "wrong" : "none";
      const head = this.#head.slice(0, end + 2);
      const rest = this.#head.length - end - 4;
      const status = Number(STATUS.exec(head)?.[1] ?? 0);
      if (status < 100) return "wrong";
      if (status >= 200) {
        this.status = status;
        this.#rest = lengthOf(head, status);
        return this.#body(rest);
      }
      this.#head = this.#head.slice(end + 4);
    }
  }

  #body(length: number): AnswerState {
    if (this.#rest !== null) this.#rest -= length;
    return (this.#rest !== null && this.#rest <= 0) || this.#size > MOST ? "over" : "known";
  }
}

/** Whether a head that is not whole begins as one. */
function couldBe(head: string): boolean {
  return "HTTP/1.".startsWith(head.slice(0, 7));
}

/** Null: it ends with the connection. */
function lengthOf(head: string, status: number): number | null {
  if (status === 204 || status === 304) return 0;
  const length = /\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n/i.exec(head)?.[1];
  return length === undefined ? null : Number(length);
}
