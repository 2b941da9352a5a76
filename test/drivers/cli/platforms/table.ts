/** What a platform's device prints, line by line, and what it means: the proof of its patterns. */
export interface PlatformTable {
  /** Where the lines are from. */
  source: string;
  /** A line (with the one above it, where that tells the mode), the mode whose prompt it is, and the name of the device in it. */
  prompts: readonly (readonly [line: string, mode: string, host: string])[];
  /** Lines that are no prompt. */
  notPrompts: readonly string[];
  /** Lines that look like a prompt, though not like one of the device of the first prompt. */
  otherDevices: readonly string[];
  /** What is printed for a line that is refused, whatever it is, and the device's words in it. */
  refusals: readonly (readonly [output: string, words: string])[];
  /** The same for what is a refusal of a line of configuration only. */
  configRefusals: readonly (readonly [output: string, words: string])[];
  /** Printed for a command that was not refused. */
  answers: readonly string[];
  /** Printed for a line of configuration that was taken. */
  notices: readonly string[];
}
