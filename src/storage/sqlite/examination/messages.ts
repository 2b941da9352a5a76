import type { StorageError } from "../../../core/errors.ts";
import type { Examination } from "../../examiner.ts";

/** To and from the thread that looks at a file. */
export interface Question {
  path: string;
  limit: number;
}

export type Answer = { examination: Examination } | { failure: Pick<StorageError, "kind" | "message"> };
