/** What a network engineer does with a device of each platform, in its own words. */
export interface LabSession {
  deviceType: string;
  /** What the login may not do without the enable password; null: everyone may everything. */
  needsEnable: string | null;
  show: [command: string, output: RegExp];
  /** Turns a page of ten lines on, and a command that prints several; null: it does not page by default. */
  paging: [string, string] | null;
  /** Lines of configuration that are all taken, and what the configuration shows of them. */
  config: string[];
  shown: string;
  /** Lines of which the second is refused, the device's words, and what the configuration shows of the first; `dropped`
   * where it is in force only with its last line. */
  refused: { lines: [string, string, string]; words: string; first: string; dropped?: true };
  /** Names the device anew. */
  rename: string | string[];
}
