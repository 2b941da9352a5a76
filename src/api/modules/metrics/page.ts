import { Counter, Gauge, type Metric, Registry } from "prom-client";

export type Labels = Record<string, string>;

/** A histogram that somebody else has counted. */
export interface CountedHistogram {
  /** Upper bounds, ascending. */
  bounds: readonly number[];
  /** How many are in each bucket, and above the last bound; those at the end that are empty may be left out. */
  counts: readonly number[];
  sum: number;
}

/** One page of metrics, from values as they are at this moment. */
export class Page {
  readonly #registry = new Registry();
  readonly #histograms = new Map<string, Sample[]>();

  /** Once for each set of labels. */
  gauge(name: string, help: string, value: number, labels: Labels = {}): void {
    this.#metric(Gauge, name, help, Object.keys(labels)).inc(labels, value);
  }

  /** One for each value of a label. */
  gauges(name: string, help: string, label: string, values: Record<string, number>): void {
    for (const [value, count] of Object.entries(values)) this.gauge(name, help, count, { [label]: value });
  }

  counter(name: string, help: string, value: number, labels: Labels = {}): void {
    this.#metric(Counter, name, help, Object.keys(labels)).inc(labels, value);
  }

  /** Once for each set of labels. */
  histogram(name: string, help: string, counted: CountedHistogram, labels: Labels): void {
    this.#samplesOf(name, help).push(...samples(name, counted, labels));
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** prom-client's own histogram can only count. */
  #samplesOf(name: string, help: string): Sample[] {
    const known = this.#histograms.get(name);
    if (known) return known;
    const values: Sample[] = [];
    this.#histograms.set(name, values);
    const metric = { name, get: async () => ({ name, help, type: "histogram", values }) };
    // Safe: a registry asks a metric for its name and for `get` only.
    this.#registry.registerMetric(metric as unknown as Metric);
    return values;
  }

  #metric<M extends Counter | Gauge>(
    kind: new (options: { name: string; help: string; labelNames: string[]; registers: Registry[] }) => M,
    name: string,
    help: string,
    labelNames: string[],
  ): M {
    const known = this.#registry.getSingleMetric(name);
    return known instanceof kind ? known : new kind({ name, help, labelNames, registers: [this.#registry] });
  }
}

/** A line, as prom-client writes it. */
interface Sample {
  metricName: string;
  labels: Labels;
  value: number;
}

function samples(name: string, { bounds, counts, sum }: CountedHistogram, labels: Labels): Sample[] {
  let below = 0;
  const buckets = [...bounds.map(String), "+Inf"].map((le, n) => {
    below += counts[n] ?? 0;
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: below },
  ];
}
