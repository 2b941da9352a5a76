import { BadAnswer } from "./errors.ts";

/** One event of a stream, as the HTML standard has them. */
export interface ServerSentEvent {
  type: string;
  id: string;
  data: string;
}

/** Longest line and event, characters: a server that never ends one must not fill the memory. */
const MOST = 32 * 1024 * 1024;

/** Makes events of the pieces of a stream's text, wherever they were cut. */
export class EventParser {
  /** How soon the server wants to be asked again after a break, ms; null if it has not said. */
  retryMs: number | null = null;
  #rest = "";
  #begun = false;
  #type = "";
  #data: string[] = [];
  #size = 0;
  #id = "";

  *push(piece: string): Generator<ServerSentEvent, void> {
    const text = this.#rest + (this.#begun ? piece : piece.replace(/^\uFEFF/, ""));
    this.#begun ||= piece !== "";
    let from = 0;
    for (;;) {
      const end = lineEnd(text, from);
      if (end === null) break;
      const event = this.#line(text.slice(from, end.at));
      if (event !== null) yield event;
      from = end.next;
    }
    this.#rest = text.slice(from);
    if (this.#rest.length > MOST) throw endless();
  }

  /** An empty line ends an event; without data there was none. */
  #line(line: string): ServerSentEvent | null {
    if (line !== "") {
      this.#field(line);
      return null;
    }
    const event =
      this.#data.length === 0
        ? null
        : { type: this.#type || "message", id: this.#id, data: this.#data.join("\n") };
    this.#type = "";
    this.#data = [];
    this.#size = 0;
    return event;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line.startsWith(" ", colon + 1) ? colon + 2 : colon + 1);
    if (name === "event") this.#type = value;
    else if (name === "data") this.#add(value);
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && /^\d{1,9}$/.test(value)) this.retryMs = Number(value);
  }

  #add(value: string): void {
    this.#size += value.length;
    if (this.#size > MOST) throw endless();
    this.#data.push(value);
  }
}

/** CR, LF, or both. A CR at the very end waits for what follows: its LF may be in the next piece. */
function lineEnd(text: string, from: number): { at: number; next: number } | null {
  for (let at = from; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x0a) return { at, next: at + 1 };
    if (char !== 0x0d) continue;
    if (at + 1 === text.length) return null;
    return { at, next: text.charCodeAt(at + 1) === 0x0a ? at + 2 : at + 1 };
  }
  return null;
}

function endless(): BadAnswer {
  return new BadAnswer(200, "the event stream has an event without end");
}
