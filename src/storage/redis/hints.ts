import type { JobStatus } from "../../core/job.ts";
import type { Hint } from "../storage.ts";

/** Reads a message of the hint channel, as `include/hints.lua` writes it; lines of a newer program are passed over. */
export function parseHints(message: string): Hint[] {
  return message.split("\n").flatMap((line) => parseHint(line) ?? []);
}

function parseHint(line: string): Hint | null {
  const [kind, first = "", second = "", third = ""] = line.split("\t");
  switch (kind) {
    case "queued":
      return second === "" ? { kind, queue: first } : { kind, queue: first, inMs: Number(second) };
    case "job":
      // Safe: our scripts write no other status.
      return { kind, id: first, status: second as JobStatus };
    case "output":
      return { kind, id: first };
    case "abort":
      return { kind, id: first, node: second };
    case "worker":
      // Safe: our scripts write no other change.
      return { kind, worker: first, node: second, change: third as WorkerChange };
    case "delivery":
      return { kind };
    default:
      return null;
  }
}

type WorkerChange = Extract<Hint, { kind: "worker" }>["change"];
