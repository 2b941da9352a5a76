import type { JobEvent, JobState } from "../../../client/index.ts";

/** A stretch of what a device printed, of one stream. */
export interface Segment {
  stream: "stdout" | "stderr";
  text: string;
}

/** One command and what came of it so far. */
export interface LiveOutput {
  index: number;
  command: string;
  segments: Segment[];
  length: number;
  /** Characters at the beginning that are not shown any more. */
  dropped: number;
  /** undefined: it runs. null: it was interrupted. */
  ok: boolean | undefined;
  exitStatus: number | null;
  duration: number | null;
  parsed: unknown;
  parseError: string | null;
}

/** So much of a command's output stays in the page, its end; the rest is for the download. */
export const MOST_SHOWN = 256 * 1024;

/** Of all commands together; the first ones give way. */
export const MOST_KEPT = 8 * 1024 * 1024;

/** What a job's events add up to. */
export class LiveJob {
  state: JobState | null = null;
  ended = false;
  outputs: LiveOutput[] = [];
  readonly #json = new Map<number, string[]>();
  #kept = 0;

  take(event: JobEvent): void {
    switch (event.type) {
      case "state":
        this.state = event.data;
        break;
      case "end":
        this.state = event.data;
        this.ended = true;
        break;
      case "reset":
        this.outputs = [];
        this.#kept = 0;
        this.#json.clear();
        break;
      case "command":
        this.#at(event.data.index).command = event.data.command;
        break;
      case "output":
        this.#print(this.#at(event.data.index), event.data);
        break;
      case "command_end":
        this.#end(event.data);
        break;
      case "parsed":
        this.#piece(event.data);
        break;
      case "parsed_end":
        this.#parsed(event.data);
        break;
    }
  }

  #at(index: number): LiveOutput {
    const found = this.outputs.findLast((output) => output.index === index);
    if (found !== undefined) return found;
    const made: LiveOutput = {
      index,
      command: "",
      segments: [],
      length: 0,
      dropped: 0,
      ok: undefined,
      exitStatus: null,
      duration: null,
      parsed: null,
      parseError: null,
    };
    this.outputs.push(made);
    return made;
  }

  #print(output: LiveOutput, segment: Segment): void {
    const before = output.length;
    append(output, segment);
    this.#kept += output.length - before;
    for (const other of this.outputs) {
      if (this.#kept <= MOST_KEPT) return;
      if (other === output || other.length === 0) continue;
      this.#kept -= other.length;
      Object.assign(other, { segments: [], dropped: other.dropped + other.length, length: 0 });
    }
  }

  #end({
    index,
    ok,
    exit_status,
    duration,
  }: {
    index: number;
    ok: boolean;
    exit_status: number | null;
    duration: number;
  }) {
    Object.assign(this.#at(index), { ok, exitStatus: exit_status, duration });
  }

  #piece({ index, json }: { index: number; json: string }): void {
    const pieces = this.#json.get(index);
    if (pieces === undefined) this.#json.set(index, [json]);
    else pieces.push(json);
  }

  #parsed({ index, parse_error: parseError }: { index: number; parse_error: string | null }): void {
    const json = this.#json.get(index)?.join("");
    this.#json.delete(index);
    const parsed: unknown = parseError === null && json !== undefined ? JSON.parse(json) : null;
    Object.assign(this.#at(index), { parsed, parseError });
  }
}

/** Neighbours of one stream become one; what is too much goes from the beginning. */
function append(output: LiveOutput, { stream, text }: Segment): void {
  const last = output.segments.at(-1);
  if (last?.stream === stream) last.text += text;
  else output.segments.push({ stream, text });
  output.length += text.length;
  while (output.length > MOST_SHOWN) {
    const [first] = output.segments;
    if (first === undefined) return;
    const excess = Math.min(first.text.length, output.length - MOST_SHOWN);
    first.text = first.text.slice(excess);
    output.length -= excess;
    output.dropped += excess;
    if (first.text === "") output.segments.shift();
  }
}
