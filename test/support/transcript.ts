import type { Operation } from "../../src/device/driver.ts";
import { prints, reads, type Step } from "./replay.ts";

/**
 * A session with a device as a text file, with what is expected of each job in it. The head says
 * where it is from; each line after it begins with a sign:
 *
 *     == login                      a part: the login, or a job with its driver_args
 *     == config {"save": true}
 *     < text                        a line the device prints that is nobody's output
 *     _ text                        the same, not ended: a prompt, a question, a pager
 *     | text                        a line that is output of the last line of the job
 *     $ text                        a line of the job: typed, and repeated by the device
 *     $! text                       a line of the job that must not be typed
 *     = text                        typed by the engine, and shown by the job like one of its lines
 *     > text                        typed by the engine, and repeated
 *     * text                        typed by the engine, not repeated: a password
 *     ~ text                        keys without Enter, not repeated: an answer to a pager
 *     ! Type: words                 the job fails with this
 *     # text                        a remark
 *
 * The head may also say `newline`, with which the device ends its lines; `enter`, with which we end ours; `echo`, what
 * stands behind a repeated line; and `repaints: yes`, where that is painted a second time, behind its prompt.
 *
 * `\e`, `\b`, `\r`, `\s` (a space) and `\xHH` stand for characters.
 */
export interface Transcript {
  /** Vendor page, test data of others, or `measured`. */
  source: string;
  deviceType: string;
  secret: string | undefined;
  steps: Step[];
  jobs: TranscriptJob[];
}

export interface TranscriptJob {
  operation: Operation;
  driverArgs: Record<string, unknown>;
  /** What each line printed that was typed. */
  outputs: string[];
  ok: boolean[];
  /** Type, and part of the message. */
  error: [string, string] | null;
}

interface Open {
  kind: Operation["kind"];
  lines: string[];
  job: Omit<TranscriptJob, "operation">;
}

const ESCAPES: Record<string, string> = { "\\e": "\x1b", "\\b": "\b", "\\r": "\r", "\\s": " ", "\\\\": "\\" };

/** Throws an error that names the line that is not understood. */
export function parseTranscript(text: string): Transcript {
  const lines = text.split("\n");
  const body = lines.indexOf("");
  const head = headOf(lines.slice(0, body));
  const reader = new Reader({
    newline: lineEnd(head.newline ?? "\r\n"),
    enter: lineEnd(head.enter ?? "\n"),
    echoEnd: unescaped(head.echo ?? ""),
    repaints: head.repaints === "yes",
  });
  for (const [index, line] of lines.entries()) {
    if (index <= body || line === "" || line.startsWith("#")) continue;
    if (!reader.take(line)) throw new Error(`line ${index + 1} of the transcript: ${line}`);
  }
  const { source = "", device_type: deviceType = "", secret } = head;
  if (source === "" || deviceType === "") throw new Error("a transcript's head names source and device_type");
  return { source, deviceType, secret, steps: reader.steps, jobs: reader.jobs() };
}

function lineEnd(text: string): string {
  return unescaped(text).replaceAll("\\n", "\n");
}

function headOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(": ");
      return [line.slice(0, at), line.slice(at + 2)];
    }),
  );
}

class Reader {
  readonly steps: Step[] = [];
  readonly #newline: string;
  readonly #enter: string;
  readonly #echoEnd: string;
  readonly #repaints: boolean;
  #prompt = "";
  readonly #open: Open[] = [];

  constructor(look: { newline: string; enter: string; echoEnd: string; repaints: boolean }) {
    this.#newline = look.newline;
    this.#enter = look.enter;
    this.#echoEnd = look.echoEnd + look.newline;
    this.#repaints = look.repaints;
  }

  jobs(): TranscriptJob[] {
    return this.#open.map(({ kind, lines, job }) => ({
      ...job,
      operation: kind === "command" ? { kind, commands: lines } : { kind, lines },
    }));
  }

  /** False: the line is not understood. */
  take(line: string): boolean {
    const [, sign = "", rest = ""] = /^(==|\$!|[<_|$=>*~!])(?: (.*))?$/.exec(line) ?? [];
    const text = unescaped(rest);
    const job = this.#open.at(-1);
    switch (sign) {
      case "==":
        return this.#begin(rest);
      case "<":
        return this.#add(prints(text + this.#newline));
      case "_":
        this.#prompt = text.slice(text.lastIndexOf("\r") + 1);
        return this.#add(prints(text));
      case ">":
        return this.#add(reads(text + this.#enter), prints(this.#echoOf(text)));
      case "*":
        return this.#add(reads(text + this.#enter));
      case "~":
        return this.#add(reads(text));
    }
    if (job === undefined) return false;
    switch (sign) {
      case "$":
        job.lines.push(text);
        job.job.outputs.push("");
        job.job.ok.push(true);
        return this.#add(reads(text + this.#enter), prints(this.#echoOf(text)));
      case "=":
        job.job.outputs.push("");
        job.job.ok.push(true);
        return this.#add(reads(text + this.#enter), prints(this.#echoOf(text)));
      case "$!":
        job.lines.push(text);
        return true;
      case "|":
        job.job.outputs.push(`${job.job.outputs.pop()}${text}\n`);
        return this.#add(prints(text + this.#newline));
      case "!":
        return fail(job, text);
    }
    return false;
  }

  #echoOf(text: string): string {
    return `${text}${this.#repaints ? `\r${this.#prompt}${text}` : ""}${this.#echoEnd}`;
  }

  #begin(part: string): boolean {
    const [, kind, args = "{}"] = /^(login|command|config)(?: (\{.*\}))?$/.exec(part) ?? [];
    if (kind === "command" || kind === "config") {
      const job = { driverArgs: JSON.parse(args), outputs: [], ok: [], error: null };
      this.#open.push({ kind, lines: [], job });
    }
    return kind !== undefined;
  }

  #add(...steps: Step[]): true {
    this.steps.push(...steps);
    return true;
  }
}

function fail({ job }: Open, text: string): boolean {
  const [, type = "", words = ""] = /^(\w+): (.*)$/s.exec(text) ?? [];
  job.error = [type, words];
  if (/was refused/.test(words)) job.ok[job.ok.length - 1] = false;
  return type !== "";
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:x[\da-f]{2}|.)/gi, (found) => {
    if (found[1] === "x") return String.fromCharCode(Number.parseInt(found.slice(2), 16));
    return ESCAPES[found] ?? found;
  });
}
