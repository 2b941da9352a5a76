export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Prometheus' text format, as `/metrics` speaks it. */
export class Metrics {
  readonly #byName = new Map<string, Sample[]>();

  constructor(text: string) {
    for (const line of text.split("\n")) {
      const sample = parse(line);
      if (sample === null) continue;
      const others = this.#byName.get(sample.name);
      if (others === undefined) this.#byName.set(sample.name, [sample]);
      else others.push(sample);
    }
  }

  all(name: string): readonly Sample[] {
    return this.#byName.get(name) ?? [];
  }

  /** Of those whose labels are as given. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const wanted = Object.entries(labels);
    return this.all(name)
      .filter((sample) => wanted.every(([label, value]) => sample.labels[label] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** Sums by the value of one label. */
  by(name: string, label: string): Map<string, number> {
    const sums = new Map<string, number>();
    for (const { labels, value } of this.all(name)) {
      const key = labels[label] ?? "";
      sums.set(key, (sums.get(key) ?? 0) + value);
    }
    return sums;
  }
}

function parse(line: string): Sample | null {
  if (line.startsWith("#")) return null;
  const [, name, labels = "", value] = LINE.exec(line) ?? [];
  if (name === undefined || value === undefined) return null;
  const pairs = [...labels.matchAll(LABEL)].map(([, label = "", text = ""]) => [label, plain(text)]);
  return { name, labels: Object.fromEntries(pairs), value: Number(value) };
}

function plain(text: string): string {
  return text.replace(/\\(.)/g, (_all, char: string) => (char === "n" ? "\n" : char));
}

/** Counts of a histogram by upper bound, added up over its other labels. */
export function buckets(metrics: Metrics, name: string): Map<number, number> {
  const sums = [...metrics.by(`${name}_bucket`, "le")];
  return new Map(sums.map(([le, value]): [number, number] => [le === "+Inf" ? Infinity : Number(le), value]));
}

/** What a share `q` of the observations between two readings stayed below; null without observations. */
export function quantile(
  q: number,
  now: ReadonlyMap<number, number>,
  before: ReadonlyMap<number, number>,
): number | null {
  const bounds = [...now.keys()].sort((a, b) => a - b);
  const grown = bounds.map((bound) => Math.max(0, (now.get(bound) ?? 0) - (before.get(bound) ?? 0)));
  const total = grown.at(-1) ?? 0;
  if (total === 0) return null;
  const wanted = q * total;
  const place = grown.findIndex((below) => below >= wanted);
  const [upper = 0, lower = 0] = [bounds[place], place === 0 ? 0 : bounds[place - 1]];
  if (upper === Infinity) return lower;
  const below = place === 0 ? 0 : (grown[place - 1] ?? 0);
  const within = (grown[place] ?? 0) - below;
  return within === 0 ? upper : lower + ((upper - lower) * (wanted - below)) / within;
}
