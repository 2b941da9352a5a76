import type { Job, JobOutput } from "../client/index.ts";
import { beginning, Room } from "./cutting.ts";

const MAX_COMMANDS = 20;
const MAX_COMMAND = 400;
const MAX_MESSAGE = 4_000;
/** What an output takes beside its texts. */
const OVERHEAD = 200;

/** A job without what it printed. */
export function jobHead(job: Job): Record<string, unknown> {
  const { id, status, queue, driver, host, created_at, started_at, ended_at, duration, waiting_on } = job;
  const commands = job.command.slice(0, MAX_COMMANDS).map((command) => beginning(command, MAX_COMMAND));
  const left = job.command.length - commands.length;
  return {
    ...{ id, status, queue, driver, host },
    command: commands,
    ...(left > 0 && { commands_left_out: left }),
    ...{ created_at, started_at, ended_at, duration, waiting_on },
  };
}

/** A job with what there is room for of its output, and the way to the rest. */
export function jobWhole(job: Job): Record<string, unknown> {
  const { result } = job;
  if (result === null || result === undefined) return jobHead(job);
  const error = result.error && { ...result.error, message: beginning(result.error.message, MAX_MESSAGE) };
  return {
    ...jobHead(job),
    result: { type: result.type, error, ...outputsOf(job.id, result.outputs, result.truncated) },
  };
}

function outputsOf(id: string, outputs: readonly JobOutput[], truncated: boolean) {
  const room = new Room();
  const shown: Record<string, unknown>[] = [];
  for (const [index, output] of outputs.entries()) {
    if (room.left < OVERHEAD) break;
    room.left -= OVERHEAD;
    shown.push(outputOf(id, index, output, room));
  }
  const left = outputs.length - shown.length;
  return {
    outputs: shown,
    ...(left > 0 && { outputs_left_out: left, read_on: readOn({ id, index: shown.length }) }),
    ...(left === 0 && truncated && { truncated: true, read_on: readOn({ id }) }),
  };
}

function outputOf(id: string, index: number, output: JobOutput, room: Room): Record<string, unknown> {
  const { ok, exit_status, duration, parse_error } = output;
  const stdout = room.take(output.stdout);
  const stderr = room.take(output.stderr);
  const hasParsed = output.parsed !== null && output.parsed !== undefined;
  const parsedFits = hasParsed && room.fits(output.parsed);
  const rest = [
    ...(stdout.length < output.stdout.length ? [readOn({ id, index, cursor: `0.${stdout.length}` })] : []),
    ...(stderr.length < output.stderr.length
      ? [readOn({ id, index, stream: "stderr", cursor: `0.${stderr.length}` })]
      : []),
    ...(hasParsed && !parsedFits ? [readOn({ id, index, stream: "parsed" })] : []),
  ];
  return {
    index,
    command: beginning(output.command, MAX_COMMAND),
    ...{ ok, exit_status, duration, stdout },
    ...(output.stderr !== "" && { stderr }),
    ...(parsedFits && { parsed: output.parsed }),
    ...(parse_error !== null && { parse_error: beginning(parse_error, MAX_MESSAGE) }),
    ...(rest.length > 0 && { cut: true, read_on: rest }),
  };
}

function readOn(args: Record<string, unknown>) {
  return { tool: "job_output", arguments: args };
}
