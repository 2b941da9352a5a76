import { type ConfigEntry, copyConfig } from "./config-tree.ts";
import type { CliState } from "./model.ts";

/** A session's copy of the configuration, where lines are committed. */
export class CandidateConfig {
  readonly #state: CliState;
  #open: { config: ConfigEntry; base: ConfigEntry; before: string; name: string | null } | null = null;

  constructor(state: CliState) {
    this.#state = state;
  }

  /** What lines change: the copy, or what runs where there is none. */
  get root(): ConfigEntry {
    return this.#open?.config ?? this.#state.running;
  }
  get name(): string | null {
    return this.#open?.name ?? null;
  }
  get dirty(): boolean {
    return this.#open !== null && JSON.stringify(this.#open.config) !== this.#open.before;
  }
  get outdated(): boolean {
    return this.#open !== null && this.#open.base !== this.#state.running;
  }

  open(name: string | null = null): void {
    const { running: base, pending } = this.#state;
    const config = (name === null ? undefined : pending.get(name)) ?? copyConfig(base);
    if (name !== null) pending.set(name, config);
    this.#open = { config, base, before: JSON.stringify(base), name };
  }

  commit(): void {
    if (this.#open === null) return;
    const base = copyConfig(this.#open.config);
    this.#state.running = base;
    this.#open = { ...this.#open, base, before: JSON.stringify(base) };
  }

  drop(): void {
    this.#open = null;
  }
}
