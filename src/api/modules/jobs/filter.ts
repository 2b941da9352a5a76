import { canonicalHost } from "../../../core/device.ts";
import type { FieldError } from "../../../core/errors.ts";
import type { JobFilter } from "../../../storage/storage.ts";
import { checkHost, checkTimes } from "../../parameters.ts";
import type { TimeFormat } from "../../time.ts";
import type { CancelQuery, ListQuery } from "./schema.ts";

type Filters = Omit<CancelQuery, "id" | "force">;

/** What the schema cannot say about the filters that are there. */
export function checkFilters(values: Partial<ListQuery>, time: TimeFormat): FieldError[] {
  return [...checkHost(values), ...checkTimes(values, time)];
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
