import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Unauthorized } from "../../client/index.ts";
import { wakefulClock } from "../../core/clock.ts";
import { useSession } from "./session.ts";

export interface Polled<T> {
  /** Null until the first answer; the last one while a new one is on its way, or does not come. */
  data: T | null;
  error: unknown;
  /** An answer to what is asked for now has not come yet. */
  loading: boolean;
  refresh(): void;
}

/**
 * Asks now, whenever `asked` changes, and `everyMs` after each answer (null: no more). A page that nobody sees asks
 * nothing until it is seen again.
 */
export function usePoll<T>(
  load: (signal: AbortSignal) => Promise<T>,
  everyMs: number | null,
  asked: string,
): Polled<T> {
  const { end } = useSession();
  const [state, setState] = useState<Omit<Polled<T>, "refresh">>({ data: null, error: null, loading: true });
  const latest = useRef(load);
  latest.current = load;
  const [round, setRound] = useState(0);

  // `asked` stands for what `load` asks for, `round` for once more.
  useEffect(() => {
    const leaving = new AbortController();
    let timer = { cancel: () => {} };
    setState((before) => ({ ...before, loading: true }));
    const ask = async () => {
      if (document.hidden) return document.addEventListener("visibilitychange", ask, { once: true });
      try {
        const data = await latest.current(leaving.signal);
        if (!leaving.signal.aborted) setState({ data, error: null, loading: false });
      } catch (error) {
        if (leaving.signal.aborted) return;
        if (error instanceof Unauthorized) return end("The API does not take this key any more.");
        setState((before) => ({ ...before, error, loading: false }));
      }
      if (everyMs !== null && !leaving.signal.aborted) timer = wakefulClock.after(everyMs, ask);
    };
    ask();
    return () => {
      leaving.abort();
      timer.cancel();
      document.removeEventListener("visibilitychange", ask);
    };
  }, [asked, everyMs, round]);

  const refresh = useCallback(() => setRound((before) => before + 1), []);
  return { ...state, refresh };
}
