/**
 * Everything the document prints in place of something real. A block runs as printed but for these; the
 * longer come first where one holds another.
 */
export const PLACEHOLDERS = [
  "your-api-key-here",
  "your_key",
  "localhost:9000",
  "grep 9000",
  "job_123456",
  "job_123457",
  "job_123458",
  "pinned_192.168.1.1",
  "192.168.1.1",
  "worker_001",
  "/var/log/netpulse-workers.log",
] as const;

export type Placeholder = (typeof PLACEHOLDERS)[number];

export type Values = Partial<Record<Placeholder, string>>;

/** What can stand in a URL, a shell word and a Python string without being read as anything else. */
const PLAIN = /^[\w.:/@ -]+$/;

/** A block with real values in the places of its placeholders. Throws when one it prints has no value. */
export function fillIn(text: string, values: Values): string {
  return text.replace(new RegExp(PLACEHOLDERS.map(RegExp.escape).join("|"), "g"), (printed) => {
    const value = values[printed as Placeholder];
    if (value === undefined) throw new Error(`the block prints ${printed} and the test gives nothing for it`);
    if (!PLAIN.test(value)) throw new Error(`${value} for ${printed} would change the code it is put into`);
    return value;
  });
}
