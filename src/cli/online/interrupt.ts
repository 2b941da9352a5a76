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

/** Says what was queued, from when on Ctrl-C may be meant to cancel it. Throws where it was pressed before. */
export type IsQueued = (pending: Pending) => void;

/**
 * Waits until Ctrl-C. People are then asked whether what is queued is to be cancelled; programs are told how
 * it can be. What is being submitted is let finish first, as nobody would know of it otherwise; a second Ctrl-C ends at once.
 */
export async function untilInterrupt<T>(
  terminal: Terminal,
  note: (text: string) => void,
  work: (signal: AbortSignal, isQueued: IsQueued) => Promise<T>,
): Promise<T> {
  const once = new AbortController();
  const twice = Promise.withResolvers<never>();
  const interrupted = Symbol("interrupted");
  let pending: Pending | null = null;
  const forget = terminal.onInterrupt(() => {
    if (once.signal.aborted)
      twice.reject(new CommandError(EXIT.interrupted, "interrupted; what was sent goes on"));
    once.abort(interrupted);
  });
  try {
    const done = work(once.signal, (queued) => {
      pending = queued;
      once.signal.throwIfAborted();
    });
    done.catch(() => {}); // after a second Ctrl-C nobody waits for it
    return await Promise.race([done, twice.promise]);
  } catch (error) {
    if (error !== interrupted) throw error;
  } finally {
    forget();
  }
  note("");
  throw new CommandError(
    EXIT.interrupted,
    pending === null ? "interrupted" : await afterwards(terminal, pending),
  );
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
