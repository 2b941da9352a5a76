import type { NodeReport } from "../core/node-report.ts";

/** What a store keeps of a heartbeat's words as JSON: MiB by pid of a session host, and beside them the report. */
interface NodeWords {
  [pid: number]: number;
  report?: NodeReport;
}

export function encodeNodeWords(hostMemory: Record<number, number>, report?: NodeReport): string {
  return JSON.stringify({ ...hostMemory, ...(report && { report }) } satisfies NodeWords);
}

export function reportIn(words: string): Partial<NodeReport> {
  // Safe: written by `encodeNodeWords` only.
  return (JSON.parse(words) as NodeWords).report ?? {};
}
