import type { Answer, Call, Command } from "./model.ts";

const MAX_LINES = 1_000_000;
const DEFAULT_INTERVAL_MS = 1000;

/**
 * `test tail [lines] [interval-ms]`: prints a line at a time until there were that many or Ctrl-C comes.
 * No device has it; it is there to try out long output, stopping and streaming.
 */
export const tailCommand: Command = {
  syntax: `test tail [<lines:int 1-${MAX_LINES}> [<interval:int 0-3600000>]]`,
  run: tail,
};

async function tail({ session, args }: Call): Promise<Answer> {
  const lines = Number(args.lines ?? MAX_LINES);
  const interval = Number(args.interval ?? DEFAULT_INTERVAL_MS);
  for (let n = 1; n <= lines; n++) {
    session.write(`line ${n} of ${lines}\n`);
    const goesOn = interval === 0 ? await session.flushed() : n === lines || (await session.sleep(interval));
    if (!goesOn) return null;
  }
  return null;
}
