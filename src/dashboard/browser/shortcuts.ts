import { useEffect } from "preact/hooks";
import { wakefulClock } from "../../core/clock.ts";

/** What a key, or two one after another, do. */
export interface Shortcut {
  /** As `g j`, or `/`. */
  keys: string;
  does: string;
  run(): void;
}

/** So long the first of two keys waits for the second. */
const PAIR_MS = 1200;

/** Keys that are typed into a field, or with Ctrl or Alt, are none of ours. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  useEffect(() => {
    let [first, typedAt] = ["", 0];
    const heard = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
      const pair = wakefulClock.monotonic() - typedAt < PAIR_MS ? `${first} ${event.key}` : event.key;
      const found =
        shortcuts.find(({ keys }) => keys === pair) ?? shortcuts.find(({ keys }) => keys === event.key);
      [first, typedAt] = [event.key, wakefulClock.monotonic()];
      if (found === undefined) return;
      event.preventDefault();
      first = "";
      found.run();
    };
    addEventListener("keydown", heard);
    return () => removeEventListener("keydown", heard);
  }, [shortcuts]);
}

function isTyping(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]") !== null) return true;
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

/** Moves the focus among the rows of the view. */
export function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[next]?.focus();
}

export function focusSearch(): void {
  document.querySelector<HTMLInputElement>("[data-search]")?.focus();
}
