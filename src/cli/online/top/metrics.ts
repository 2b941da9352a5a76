/** A line of what Prometheus reads. */
export interface Metric {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/gm;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** What is no number is left out. */
export function readMetrics(text: string): Metric[] {
  return [...text.matchAll(LINE)]
    .map(([, name = "", labels = "", value = ""]) => ({
      name,
      labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key = "", text = ""]) => [key, text])),
      value: Number(value),
    }))
    .filter(({ value }) => Number.isFinite(value));
}

/** Of all series of that name whose labels are these. */
export function sumOf(metrics: readonly Metric[], name: string, labels: Record<string, string> = {}): number {
  return metrics
    .filter((metric) => metric.name === name)
    .filter((metric) => Object.entries(labels).every(([key, value]) => metric.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
