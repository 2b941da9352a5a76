import type { ApiKeyStore } from "./api-keys.ts";
import type { AuditStore } from "./audit.ts";
import type { BatchStore } from "./batches.ts";
import type { DeliveryStore } from "./deliveries.ts";
import type { Examiner } from "./examiner.ts";
import type { HostKeyStore } from "./host-keys.ts";
import type { SealingKeyStore } from "./sealing-key.ts";
import type { SecretStore } from "./secrets.ts";
import type { Storage } from "./storage.ts";
import type { TaskStore } from "./tasks.ts";

/** All that is kept in one place: the queue, and the small things beside it. What a backend implements. */
export type Store = Storage &
  ApiKeyStore &
  AuditStore &
  BatchStore &
  HostKeyStore &
  SealingKeyStore &
  SecretStore &
  TaskStore &
  DeliveryStore &
  Examiner;
