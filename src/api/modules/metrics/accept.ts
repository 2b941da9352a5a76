/** Texts in which scrapers take metrics; plain text is what Prometheus' own format is called. */
const METRICS = ["text/plain", "application/openmetrics-text"];

interface Range {
  type: string;
  quality: number;
}

/**
 * Whether a client would rather have metrics than JSON. Only where it names one of their types, and gives it more
 * weight: browsers, and clients such as axios that take both alike, get JSON.
 */
export function prefersMetrics(accept: string | null): boolean {
  if (accept === null) return false;
  const ranges = accept.split(",").map(toRange);
  const metrics = Math.max(
    0,
    ...ranges.filter(({ type }) => METRICS.includes(type)).map(({ quality }) => quality),
  );
  return metrics > qualityOfJson(ranges);
}

/** Of the most specific range that covers it. */
function qualityOfJson(ranges: readonly Range[]): number {
  for (const covering of ["application/json", "application/*", "*/*"]) {
    const found = ranges.find(({ type }) => type === covering);
    if (found) return found.quality;
  }
  return 0;
}

function toRange(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}
