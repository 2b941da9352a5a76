import { Conflict, type Netpulse } from "../../client/index.ts";
import { CommandError, EXIT } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

/** What Ctrl-C may be meant to end, beside the waiting. */
export interface Pending {
  /** Completes "…: cancel it?" */
  what: string;
  cancel(): Promise<string>;
  /** How it is cancelled or looked at later. */
  later: string;
}

/**
 * Waits until Ctrl-C. People are then asked whether what is queued is to be cancelled; programs are told how
 * it can be. A second Ctrl-C ends at once.
 */
export async function untilInterrupt<T>(
  terminal: Terminal,
  note: (text: string) => void,
  pending: Pending,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stopped = new AbortController();
  const interrupted = Symbol("interrupted");
  const forget = terminal.onInterrupt(() => stopped.abort(interrupted));
  try {
    return await wait(stopped.signal);
  } catch (error) {
    if (error !== interrupted) throw error;
  } finally {
    forget();
  }
  note("");
  throw new CommandError(EXIT.interrupted, await afterwards(terminal, pending));
}

async function afterwards(terminal: Terminal, { what, cancel, later }: Pending): Promise<string> {
  const answer = terminal.asks ? await terminal.ask(`${what}: cancel it? [y/N] `) : null;
  if (answer === null || !/^y(es)?$/i.test(answer.trim())) return `interrupted; it goes on: ${later}`;
  return `interrupted; ${await cancel()}`;
}

/** A job that somebody waits for. */
export function pendingJob(client: Netpulse, id: string): Pending {
  return {
    what: id,
    later: `netpulse jobs wait ${id}, netpulse jobs cancel ${id}`,
    async cancel() {
      try {
        await client.jobs.cancel(id);
        return `${id} is cancelled`;
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
        return `${id} has started: netpulse jobs cancel --abort ${id} interrupts it`;
      }
    },
  };
}
