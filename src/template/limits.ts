/** How much a template and what it is given may ask for. */
export interface Limits {
  /** Characters of a template, or of an index. */
  template: number;
  /** Characters of all its rules' regexes once the values' are put in. */
  regexes: number;
  /** Characters of the text to parse. */
  text: number;
  records: number;
  /** Characters and list elements of all records together: filled down, little text becomes much. */
  result: number;
  /** Steps of the regex engine for one text; 100 million take a second or two. */
  steps: number;
}

const Mi = 1024 ** 2;

/** `text` is what one job may print at most by default; the rest is ten times what real templates need. */
export const DEFAULT_LIMITS: Limits = {
  template: Mi / 4,
  regexes: Mi / 2,
  text: 16 * Mi,
  records: 100_000,
  result: 32 * Mi,
  steps: 500_000_000,
};
