import { canonicalHost } from "../../../core/device.ts";
import type { FieldError } from "../../../core/errors.ts";
import type { JobFilter } from "../../../storage/storage.ts";
import { checkHost } from "../../parameters.ts";
import type { TimeFormat } from "../../time.ts";
import type { CancelQuery, ListQuery } from "./schema.ts";

type Filters = Omit<CancelQuery, "id" | "force">;

/** What the schema cannot say about the filters that are there. */
export function checkFilters(values: Partial<ListQuery>, time: TimeFormat): FieldError[] {
  const errors = checkHost(values);
  for (const name of ["since", "until"] as const) {
    const text = values[name];
    if (text !== undefined && time.parse(text) === null) errors.push(noTime(name));
  }
  return errors;
}

function noTime(name: string): FieldError {
  return { loc: ["query", name], msg: "is not a time; give ISO-8601, as 2024-01-01T12:00:00%2B08:00" };
}

/** Only for filters that passed `checkFilters`. */
export function jobFilter(query: Filters, time: TimeFormat): JobFilter {
  const { batch_id: batchId, since, until, host, ...same } = query;
  const filter: JobFilter = pick(same);
  if (batchId !== undefined) filter.batchId = batchId;
  if (host !== undefined) filter.host = canonicalHost(host) ?? host;
  if (since !== undefined) filter.since = time.parse(since) ?? 0;
  if (until !== undefined) filter.until = time.parse(until) ?? 0;
  return filter;
}

function pick({ queue, status, node, worker, driver }: Filters): JobFilter {
  return {
    ...(queue !== undefined && { queue }),
    ...(status !== undefined && { status }),
    ...(node !== undefined && { node }),
    ...(worker !== undefined && { worker }),
    ...(driver !== undefined && { driver }),
  };
}
