import initial from "./0000_initial.sql" with { type: "text" };
import triggers from "./0001_triggers.sql" with { type: "text" };
import meta from "./0002_meta.sql" with { type: "text" };
import tally from "./0003_tally.sql" with { type: "text" };
import narrowIndexes from "./0004_narrow_indexes.sql" with { type: "text" };
import marks from "./0005_marks.sql" with { type: "text" };
import eraseOnce from "./0006_erase_once.sql" with { type: "text" };
import nodeSites from "./0007_node_sites.sql" with { type: "text" };
import batches from "./0008_batches.sql" with { type: "text" };
import tasks from "./0009_tasks.sql" with { type: "text" };
import keysAndAudit from "./0010_keys_and_audit.sql" with { type: "text" };
import webhooks from "./0011_webhooks.sql" with { type: "text" };
import secrets from "./0012_secrets.sql" with { type: "text" };

/** In order, as text, so that a compiled binary has them. One that was released never changes. */
export const MIGRATIONS: readonly string[] = [
  initial,
  triggers,
  meta,
  tally,
  narrowIndexes,
  marks,
  eraseOnce,
  nodeSites,
  batches,
  tasks,
  keysAndAudit,
  webhooks,
  secrets,
];
