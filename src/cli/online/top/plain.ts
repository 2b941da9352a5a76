import { NetpulseError } from "../../../client/index.ts";
import { EXIT } from "../exit.ts";
import type { Work } from "../online.ts";
import { oneLine } from "../text.ts";
import { type Look, Looks, type Run } from "./looks.ts";

const COLUMNS = [
  ...["time", "queued", "running", "finished_per_second", "failed_per_second"],
  ...["busy", "idle", "suspended", "dead", "sessions", "breakers"],
] as const;

type Line = Record<(typeof COLUMNS)[number], string | number | null>;

/** A line each time, until it is interrupted or has been told often enough. */
export async function plainTop(work: Work, { intervalMs, count }: Run): Promise<number> {
  const { clock, screen, io } = work;
  const looks = new Looks(work);
  if (screen.format === "csv") screen.csvRow(COLUMNS);
  for (let left = count; left > 0; left--) {
    const look = await looks.take(new AbortController().signal);
    if (look instanceof NetpulseError) screen.note(`netpulse: ${oneLine(look.message)}`);
    else {
      const line = lineOf(look, clock.now());
      const cells = COLUMNS.map((name) => line[name]);
      if (screen.format === "json") screen.jsonLine(line);
      else if (screen.format === "csv") screen.csvRow(cells);
      else io.out(`${cells.map((cell) => cell ?? "").join("\t")}\n`);
    }
    if (left > 1) await new Promise<void>((resolve) => void clock.after(intervalMs, resolve));
  }
  return EXIT.done;
}

function lineOf({ sample, rate }: Look, now: number): Line {
  const { health, sessions, breakers } = sample;
  const { busy, idle, suspended, dead } = health.workers;
  return {
    time: new Date(now).toISOString(),
    queued: health.jobs.queued ?? 0,
    running: health.jobs.started ?? 0,
    finished_per_second: rounded(rate?.finished),
    failed_per_second: rounded(rate?.failed),
    ...{ busy, idle, suspended, dead },
    sessions: sessions.connected,
    breakers,
  };
}

function rounded(rate: number | undefined): number | null {
  return rate === undefined ? null : Number(rate.toFixed(2));
}
