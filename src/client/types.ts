import type { AuditEntryJson, AuditQuery } from "../api/modules/audit/schema.ts";
import type { BatchJson, BatchPageJson, BatchQuery, RetryAnswerJson } from "../api/modules/batch/schema.ts";
import type { BulkAnswerJson, BulkBodyJson } from "../api/modules/bulk/schema.ts";
import type {
  DiscoverJson,
  LookJson,
  LookQuery,
  StartedJson,
  StartJson,
  TaskJson,
  ListQuery as TaskListQuery,
} from "../api/modules/detached/schema.ts";
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
import type { ChunkJson, OutputQuery as OutputQueryJson, PartJson } from "../api/modules/output/schema.ts";
import type { OwnKeyJson } from "../api/modules/own-key/schema.ts";
import type { StoredFileJson } from "../api/modules/storage/schema.ts";
import type { ParseFields, RenderFields } from "../api/modules/template/schema.ts";
import type {
  DeliveryJson,
  ListQuery as DeliveryListQuery,
  ReplayJson,
} from "../api/modules/webhook/schema.ts";
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
export type Delivery = DeliveryJson;
export type ReplayRequest = ReplayJson;
export type HostAddress = HostAddressJson;
export type Health = HealthJson;
export type Batch = BatchJson;
export type BatchPage = BatchPageJson;
export type OwnKey = OwnKeyJson;
export type AuditEntry = AuditEntryJson;
export type Cancelled = CancelledJson;
export type ExecRequest = ExecBodyJson;
export type BulkRequest = BulkBodyJson;
export type BulkAnswer = BulkAnswerJson;
export type RetryAnswer = RetryAnswerJson;
export type TestRequest = TestFields;
export type TestAnswer = TestJson;

export type RenderRequest = RenderFields;
export type ParseRequest = ParseFields;
export type Task = TaskJson;
export type TaskLook = LookJson;
export type TaskRequest = StartJson;
export type TaskStarted = StartedJson;
export type TaskLogin = DiscoverJson;
export type StoredFile = StoredFileJson;
export type OutputChunk = ChunkJson;
export type OutputPart = PartJson;

/** Times may be given as `Date`. */
type WithDates<Q extends { since?: string; until?: string }> = Omit<Q, "since" | "until"> & {
  since?: string | Date;
  until?: string | Date;
};

/** Which page of a listing. */
export interface Paging {
  /** Items at most, 1 to 1,000; 1,000 if not given. */
  limit?: number;
  /** `nextCursor` of the page before. */
  cursor?: string;
}

export type JobFilter = Omit<WithDates<CancelQuery>, "id" | "force">;
export type JobQuery = Omit<WithDates<ListQuery>, "id" | "wait" | "limit" | "cursor">;
export type WorkerFilter = Omit<WorkerListQuery, "limit" | "cursor">;
export type WorkerTarget = TargetQuery;
export type HostKeyFilter = Omit<HostKeyListQuery, "limit" | "cursor">;
export type DeliveryFilter = Omit<DeliveryListQuery, "limit" | "cursor">;
export type HostKeyTarget = ForgetQuery;
export type AuditFilter = Omit<WithDates<AuditQuery>, "limit" | "cursor">;
export type TaskFilter = Omit<TaskListQuery, "limit" | "cursor">;
export type TaskLookQuery = LookQuery;
export type OutputQuery = Omit<OutputQueryJson, "text">;
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
