import type { BatchJson, BatchPageJson, BatchQuery, RetryAnswerJson } from "../api/modules/batch/schema.ts";
import type { BulkAnswerJson, BulkBodyJson } from "../api/modules/bulk/schema.ts";
import type { ExecBodyJson } from "../api/modules/device/schema.ts";
import type { TestFields, TestJson } from "../api/modules/device-test/schema.ts";
import type { EventDataJson, JobStateJson } from "../api/modules/events/schema.ts";
import type { HealthJson } from "../api/modules/health/schema.ts";
import type {
  ForgetQuery,
  HostAddressJson,
  HostKeyJson,
  ListQuery as HostKeyListQuery,
} from "../api/modules/hostkeys/schema.ts";
import type {
  CancelledJson,
  CancelQuery,
  JobJson,
  ListQuery,
  OutputJson,
  ResultJson,
} from "../api/modules/jobs/schema.ts";
import type {
  StoppedJson,
  TargetQuery,
  WorkerJson,
  ListQuery as WorkerListQuery,
} from "../api/modules/workers/schema.ts";

export type { ErrorType, FieldError } from "../core/errors.ts";
export type { FinalStatus, JobStatus } from "../core/job.ts";

/** What the API takes and gives, as its own schemas say. Only types: nothing of the API is loaded. */
export type Job = JobJson;
export type JobResult = ResultJson;
export type JobOutput = OutputJson;
export type JobState = JobStateJson;
export type Worker = WorkerJson;
export type StoppedWorker = StoppedJson;
export type HostKey = HostKeyJson;
export type HostAddress = HostAddressJson;
export type Health = HealthJson;
export type Batch = BatchJson;
export type BatchPage = BatchPageJson;
export type Cancelled = CancelledJson;
export type ExecRequest = ExecBodyJson;
export type BulkRequest = BulkBodyJson;
export type BulkAnswer = BulkAnswerJson;
export type RetryAnswer = RetryAnswerJson;
export type TestRequest = TestFields;
export type TestAnswer = TestJson;

/** Times may be given as `Date`. */
type WithDates<Q extends { since?: string; until?: string }> = Omit<Q, "since" | "until"> & {
  since?: string | Date;
  until?: string | Date;
};

/** Which page of a listing. */
export interface Paging {
  limit?: number;
  cursor?: string;
}

export type JobFilter = Omit<WithDates<CancelQuery>, "id" | "force">;
export type JobQuery = Omit<WithDates<ListQuery>, "id" | "wait" | "limit" | "cursor">;
export type WorkerFilter = Omit<WorkerListQuery, "limit" | "cursor">;
export type WorkerTarget = TargetQuery;
export type HostKeyFilter = Omit<HostKeyListQuery, "limit" | "cursor">;
export type HostKeyTarget = ForgetQuery;
export type BatchJobsQuery = Omit<BatchQuery, "limit" | "cursor">;

/** A page of a listing; `nextCursor` is null on the last one. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** What happens to a job. `id` is where the stream goes on from, given as `lastEventId`. */
export type JobEvent = {
  [E in keyof EventDataJson]: { type: E; id: string; data: EventDataJson[E] };
}[keyof EventDataJson];
