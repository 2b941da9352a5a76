import type { Outcome } from "./measure.ts";
import type { ScenarioName } from "./scenarios/index.ts";

/** A figure over the rounds. */
export interface Cell {
  median: number;
  /** Largest less smallest, of the median; 0 with one round. */
  spread: number;
}

/** All outcomes of a run. */
export class Results {
  readonly #outcomes = new Map<string, Outcome[]>();

  add(contestant: string, scenario: ScenarioName, outcome: Outcome): void {
    const key = keyOf(contestant, scenario);
    this.#outcomes.set(key, [...(this.#outcomes.get(key) ?? []), outcome]);
  }

  /** Null when it was not measured, or failed in a round. */
  cell(contestant: string, scenario: ScenarioName, figure: string): Cell | null {
    const outcomes = this.#outcomes.get(keyOf(contestant, scenario)) ?? [];
    const values = outcomes.flatMap((one) => ("figures" in one ? [one.figures[figure] ?? Number.NaN] : []));
    if (values.length === 0 || values.length < outcomes.length) return null;
    return toCell(values);
  }

  /** Why there is no figure; null when there is, or when it was not measured. */
  error(contestant: string, scenario: ScenarioName): string | null {
    const outcomes = this.#outcomes.get(keyOf(contestant, scenario)) ?? [];
    return outcomes.flatMap((one) => ("error" in one ? [one.error] : []))[0] ?? null;
  }
}

function keyOf(contestant: string, scenario: ScenarioName): string {
  return `${contestant} ${scenario}`;
}

function toCell(values: number[]): Cell {
  const sorted = values.toSorted((a, b) => a - b);
  const median = middle(sorted);
  return { median, spread: ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) / median };
}

export function middle(sorted: number[]): number {
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (lower + upper) / 2;
}
