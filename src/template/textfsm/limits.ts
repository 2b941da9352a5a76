/** How much a template and what it is given may ask for. */
export interface Limits {
  /** Characters of a template, or of an index. */
  template: number;
  /** Characters of the text to parse. */
  text: number;
  records: number;
  /** Characters and list elements of all records together: filled down, little text becomes much. */
  result: number;
  /** Steps of the regex engine for one text; some 10 million take a second. */
  steps: number;
}

const Mi = 1024 ** 2;

/** `text` is what one job may print at most by default; the rest is ten times what real templates need. */
export const DEFAULT_LIMITS: Limits = {
  template: Mi / 4,
  text: 16 * Mi,
  records: 100_000,
  result: 32 * Mi,
  steps: 100_000_000,
};
