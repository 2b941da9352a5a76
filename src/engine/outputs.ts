import { RequestError } from "../core/errors.ts";
import { isFinal, type Job } from "../core/job.ts";
import { type CommandOutput, collectOutputs, decodeFrames, type OutputFrame } from "../core/output-log.ts";
import type { Storage } from "../storage/storage.ts";

/** What an ended job printed, as far as its result shows it. */
export interface ShownOutputs {
  outputs: CommandOutput[];
  /** There is more in the log. */
  truncated: boolean;
}

/** A part of a job's output log. */
export interface OutputPart {
  frames: OutputFrame[];
  /** Where the next part begins. */
  next: number;
  /** The job has ended, and nothing is behind this part. */
  ended: boolean;
}

/** Of the end of a long log, where it says how its last commands ended. */
const TAIL = 128 * 1024;
const NEWLINE = 10;
const utf8 = new TextDecoder();

/** By id, of those jobs that have ended; `max` bytes of each log at most. */
export async function shownOutputs(
  storage: Storage,
  jobs: readonly Job[],
  max: number,
): Promise<Map<string, ShownOutputs>> {
  const ids = jobs.filter((job) => isFinal(job.status)).map((job) => job.id);
  // One byte more tells whether there is more.
  const logs = await storage.outputs({ ids, max: max + 1 });
  const shown = ids.map(async (id, n): Promise<[string, ShownOutputs]> => {
    const log = logs[n] ?? "";
    if (!isLonger(log, max)) return [id, { outputs: collectOutputs(log), truncated: false }];
    const whole = log.slice(0, log.lastIndexOf("\n") + 1);
    return [id, { outputs: collectOutputs(whole + (await endsOf(storage, id))), truncated: true }];
  });
  return new Map(await Promise.all(shown));
}

function isLonger(log: string, bytes: number): boolean {
  return log.length * 3 > bytes && Buffer.byteLength(log) > bytes;
}

/** How the commands ended whose output was cut, so that they do not look interrupted, and what was parsed of it. */
async function endsOf(storage: Storage, id: string): Promise<string> {
  const { offset: size } = await storage.readOutput({ id, offset: Number.MAX_SAFE_INTEGER, max: 1 });
  const { bytes } = await storage.readOutput({ id, offset: Math.max(0, size - TAIL), max: TAIL });
  const tail = utf8.decode(bytes.subarray(bytes.indexOf(NEWLINE) + 1));
  const ends = tail.split("\n").filter((line) => /^\["[dpq]"/.test(line));
  return ends.map((line) => `${line}\n`).join("");
}

/**
 * A part of the log of a job that runs or has ended, from the beginning of a line. Throws `RequestError` when there is
 * no such job, or no line begins there.
 */
export async function readOutput(
  storage: Storage,
  { id, offset, max }: { id: string; offset: number; max: number },
): Promise<OutputPart> {
  const [job] = await storage.get({ ids: [id] });
  if (!job) throw new RequestError("not_found", "no such job; ended jobs are forgotten after result_ttl");
  // From the byte before: it must end a line.
  const from = Math.max(0, offset - 1);
  const slice = await storage.readOutput({ id, offset: from, max: max + offset - from });
  const bytes = slice.bytes.subarray(offset - from);
  if (slice.offset !== from || (offset > 0 && slice.bytes[0] !== NEWLINE)) {
    const msg = "is not where a part of this job's output begins; give the next_offset of the part before";
    throw new RequestError("invalid", `offset ${msg}`, [{ loc: ["query", "offset"], msg }]);
  }
  const whole = bytes.lastIndexOf(NEWLINE) + 1;
  const frames = decodeFrames(utf8.decode(bytes.subarray(0, whole)));
  return { frames, next: offset + whole, ended: slice.ended };
}
