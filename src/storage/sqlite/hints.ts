import type { Hint } from "../storage.ts";
import { HintPeers, type HintPeersOptions } from "./hint-peers.ts";

/** Carries hints from those that caused them to those that wait. */
export interface HintBus {
  emit(hints: Hint[]): void;
  subscribe(onHint: (hint: Hint) => void): () => void;
  close(): void;
}

export interface SharedHintsOptions extends Omit<HintPeersOptions, "hear"> {
  /** Told before the hints of another process are passed on: what they tell of must be seen. */
  beforeHeard?: () => void;
}

/** To everybody in this process and in the others that have the same database file open. */
export function sharedHints({ beforeHeard, ...options }: SharedHintsOptions): HintBus {
  const local = localHints();
  const hear = (hints: Hint[]) => {
    beforeHeard?.();
    local.emit(hints);
  };
  const peers = new HintPeers({ ...options, hear });
  return {
    emit(hints) {
      local.emit(hints);
      if (hints.length === 0) return;
      peers.join();
      peers.send(hints);
    },
    subscribe(onHint) {
      peers.watch();
      return local.subscribe(onHint);
    },
    close: () => peers.close(),
  };
}

function localHints(): Omit<HintBus, "close"> {
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
