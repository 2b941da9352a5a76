/**
 * The output log: what a run printed, as it came, append-only and read by byte offset. It is the one
 * record of output: `outputs`, `retval` and the event stream are all derived from it, so a job whose
 * worker died shows exactly what had been flushed, without code of its own.
 *
 * Encoding: one JSON array a line, UTF-8. A reader that starts at a line's beginning needs no more.
 */
export type OutputFrame =
  | { kind: "start"; index: number; at: number; command: string }
  | { kind: "data"; index: number; stream: "stdout" | "stderr"; text: string }
  | { kind: "end"; index: number; ok: boolean; exitStatus: number | null; durationMs: number }
  /** A piece of what a parser has made of the command's output, as JSON. */
  | { kind: "parsed"; index: number; json: string }
  /** That was the last of so many characters; `error`: the parser has failed. */
  | { kind: "parsed_end"; index: number; size: number; error: string | null };

/** One command's part of a job's result, as the API shows it. */
export interface CommandOutput {
  command: string;
  stdout: string;
  stderr: string;
  exitStatus: number | null;
  /** null while it has not ended (it was interrupted). */
  ok: boolean | null;
  startedAt: number;
  durationMs: number | null;
  /** What JSON can say; null where nothing was parsed. */
  parsed: unknown;
  parseError: string | null;
}

/** Characters of a piece: lines of the log are read whole, so none may be long. */
const PIECE = 8192;

/** What a parser has made of a command's output. */
export function encodeParsed(index: number, json: string): string {
  const frames: OutputFrame[] = [];
  for (let at = 0; at < json.length; at += PIECE)
    frames.push({ kind: "parsed", index, json: json.slice(at, at + PIECE) });
  frames.push({ kind: "parsed_end", index, size: json.length, error: null });
  return frames.map(encodeFrame).join("");
}

export function encodeFrame(frame: OutputFrame): string {
  return `${JSON.stringify(toTuple(frame))}\n`;
}

function toTuple(frame: OutputFrame): unknown[] {
  switch (frame.kind) {
    case "start":
      return ["s", frame.index, frame.at, frame.command];
    case "data":
      return [frame.stream === "stdout" ? "o" : "e", frame.index, frame.text];
    case "end":
      return ["d", frame.index, frame.ok, frame.exitStatus, frame.durationMs];
    case "parsed":
      return ["p", frame.index, frame.json];
    case "parsed_end":
      return ["q", frame.index, frame.size, frame.error];
  }
}

/** Decodes whole lines; an unfinished last line (a reader in the middle of an append) is left out. */
export function decodeFrames(log: string): OutputFrame[] {
  const frames: OutputFrame[] = [];
  let from = 0;
  for (let end = log.indexOf("\n"); end >= 0; end = log.indexOf("\n", from)) {
    frames.push(fromTuple(JSON.parse(log.slice(from, end))));
    from = end + 1;
  }
  return frames;
}

type Tuple =
  | ["s", number, number, string]
  | ["o" | "e", number, string]
  | ["d", number, boolean, number | null, number]
  | ["p", number, string]
  | ["q", number, number, string | null];

function fromTuple(tuple: Tuple): OutputFrame {
  switch (tuple[0]) {
    case "s":
      return { kind: "start", index: tuple[1], at: tuple[2], command: tuple[3] };
    case "d":
      return { kind: "end", index: tuple[1], ok: tuple[2], exitStatus: tuple[3], durationMs: tuple[4] };
    case "p":
      return { kind: "parsed", index: tuple[1], json: tuple[2] };
    case "q":
      return { kind: "parsed_end", index: tuple[1], size: tuple[2], error: tuple[3] };
    default:
      return {
        kind: "data",
        index: tuple[1],
        stream: tuple[0] === "o" ? "stdout" : "stderr",
        text: tuple[2],
      };
  }
}

/** Folds a log into one entry per command, in the order they were sent. */
export function collectOutputs(log: string): CommandOutput[] {
  const outputs: (CommandOutput & { out: string[]; err: string[]; json: string[] })[] = [];
  for (const frame of decodeFrames(log)) {
    if (frame.kind === "start") {
      outputs[frame.index] = {
        command: frame.command,
        stdout: "",
        stderr: "",
        exitStatus: null,
        ok: null,
        startedAt: frame.at,
        durationMs: null,
        parsed: null,
        parseError: null,
        out: [],
        err: [],
        json: [],
      };
      continue;
    }
    const output = outputs[frame.index];
    if (!output) continue;
    if (frame.kind === "data") (frame.stream === "stdout" ? output.out : output.err).push(frame.text);
    else if (frame.kind === "parsed") output.json.push(frame.json);
    else if (frame.kind === "parsed_end") Object.assign(output, parsedOf(output.json.join(""), frame));
    else {
      output.ok = frame.ok;
      output.exitStatus = frame.exitStatus;
      output.durationMs = frame.durationMs;
    }
  }
  return outputs.map(({ out, err, json: _json, ...output }) => ({
    ...output,
    stdout: out.join(""),
    stderr: err.join(""),
  }));
}

/** Of a log that is not shown whole, pieces may be missing. */
function parsedOf(json: string, { size, error }: OutputFrame & { kind: "parsed_end" }) {
  if (error !== null) return { parsed: null, parseError: error };
  if (json.length === size) return { parsed: JSON.parse(json), parseError: null };
  return { parsed: null, parseError: "the records are not shown here; GET /job/{id}/output has them" };
}
