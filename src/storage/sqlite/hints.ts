import type { Hint } from "../storage.ts";

/**
 * Carries hints from the process that caused them to those that wait. `local` reaches this process only; one that
 * reaches others on the same file would be another implementation.
 */
export interface HintBus {
  emit(hints: Hint[]): void;
  subscribe(onHint: (hint: Hint) => void): () => void;
}

export function localHints(): HintBus {
  const listeners = new Set<(hint: Hint) => void>();
  return {
    emit(hints) {
      for (const hint of hints) for (const listener of listeners) tell(listener, hint);
    },
    subscribe(onHint) {
      const listener = (hint: Hint) => onHint(hint);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A listener's fault is its own: it must not undo what the store has done, nor keep others from hearing. */
function tell(listener: (hint: Hint) => void, hint: Hint): void {
  try {
    listener(hint);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
