import { JOB_STATUSES } from "../../../core/job.ts";
import { DELIVERY_STATES } from "../../../core/webhook.ts";
import type { Spec, Topic } from "./looks.ts";

/** What is looked at because there is such a key. */
export interface Look {
  topic: Topic;
  spec: Spec;
}

/** A key that may be there. */
export interface Key {
  type: "string" | "hash" | "zset" | "list" | "stream";
  /** It has a time to live. */
  lapses?: true;
  /** Only shard 0 has it. */
  onFirst?: true;
  /** Whose shard it must be on. */
  queue?: string;
  /** The id of a job, which names its shard. */
  job?: string;
  /** One of the things that are counted. */
  counted?: "jobs" | "workers" | "operations";
  looks: Look[];
}

/** What a key is, by its name without the shard's prefix; null for a key that is not ours. */
export function keyOf(name: string): Key | null {
  if (Object.hasOwn(FIXED, name)) return FIXED[name] ?? null;
  const [, head = "", rest = ""] = HEAD.exec(name) ?? [];
  const kind = Object.hasOwn(NAMED, head) ? NAMED[head] : undefined;
  return kind ? kind(rest, name) : null;
}

/** What stands before a name: `waiting`, `workers:node`. */
const HEAD = /^((?:workers:)?[a-z-]+):(.*)$/s;

function key(type: Key["type"], ...looks: Look[]): Key {
  return { type, looks };
}

function look(topic: Topic, ...spec: Spec): Look {
  return { topic, spec };
}

/** A zset of jobs: what its members have in common, and what their scores are. */
function jobsIn(name: string, member: "id" | "ordinal", rule: string, score: string, wanted: Spec): Look {
  return look("entries", "entries", name, member, rule, score, wanted);
}

const FIXED: Record<string, Key> = {
  schema: { ...key("hash"), onFirst: true },
  migrating: { ...key("string"), onFirst: true, lapses: true },
  check: { ...key("string"), lapses: true },
  confirm: { ...key("string"), lapses: true },
  clock: key("string"),
  "spans:max": key("zset", look("spans", "spans", "spans:max", "spans:min")),
  "spans:min": key("zset", look("spans", "spans", "spans:min", "spans:max")),
  blocks: key("zset"),
  counts: key("hash", look("marks", "counts", "counts")),
  expires: key("zset", jobsIn("expires", "ordinal", "expires", "expires_at", ["status", "queued"])),
  keep: key("zset", jobsIn("keep", "ordinal", "ended", "keep_until", [])),
  queues: key("zset", look("lanes", "queues", "queues")),
  runs: key("hash", look("runs", "runs", "runs")),
  held: key("hash", look("runs", "held", "held")),
  workers: key("zset", look("workers", "listed", "workers", "node", false)),
  died: key("zset", look("workers", "died", "died")),
  incarnation: key("hash"),
  pulse: key("hash"),
  "nodes:version": key("string"),
  nodes: { ...key("hash"), onFirst: true },
  hostkeys: { ...key("hash", look("hostKeys", "hostkeys", "hostkeys")), onFirst: true },
  keys: { ...key("hash", look("keys", "keys", "keys")), onFirst: true },
  "key-ids": { ...key("hash", look("keys", "key-ids", "key-ids")), onFirst: true },
  audit: { ...key("stream"), onFirst: true },
  "sealing-key": { ...key("string"), onFirst: true },
  "sealing-key-before": { ...key("string"), onFirst: true },
  secrets: { ...key("hash"), onFirst: true },
  batches: { ...key("zset", look("batches", "batches", "batches")), onFirst: true },
  bulks: { ...key("zset"), onFirst: true },
  tasks: { ...key("hash"), onFirst: true },
  "tasks-due": { ...key("zset"), onFirst: true },
  "bulks-watched": { ...key("zset"), onFirst: true },
  deliveries: key("hash", look("deliveries", "deliveries", "deliveries")),
  "deliveries-sealed": key("hash", look("deliveries", "deliveries-sealed", "deliveries-sealed")),
  "deliveries-targets": key("zset", look("deliveries", "deliveries-targets", "deliveries-targets")),
};

type Named = (rest: string, name: string) => Key | null;

const NAMED: Record<string, Named> = {
  job: (id) => ({ ...key("string", look("jobs", "job", id)), job: id, counted: "jobs" }),
  sealed: beside("sealed"),
  log: beside("log"),
  marks,
  ids: (block, name) => (isBlock(block) ? key("list", look("places", "ids", name, Number(block))) : null),
  waiting: (queue, name) => ({
    ...key(
      "zset",
      jobsIn(name, "ordinal", "waiting", "enqueued_at", ["status", "queued", "queue", queue]),
      look("lanes", "waiting", name, queue),
    ),
    queue,
  }),
  delayed: (queue, name) => ({
    ...key("zset", jobsIn(name, "id", "delayed", "run_at", ["status", "queued", "queue", queue])),
    queue,
  }),
  levels: (queue, name) => ({ ...key("zset", look("lanes", "levels", name, queue)), queue }),
  ticks: (queue, name) => ({ ...key("hash", look("lanes", "ticks", name, queue)), queue }),
  lanes: atLevel((level, name) => key("zset", look("lanes", "lanes", name, ...level))),
  firsts: atLevel((level, name) => key("hash", look("lanes", "firsts", name, ...level))),
  ready,
  op: () => ({ ...key("string"), lapses: true, counted: "operations" }),
  w: (worker) => ({ ...key("hash", look("workers", "worker", worker)), counted: "workers" }),
  "workers:node": (node, name) => key("zset", look("workers", "listed", name, "node", node)),
  "workers:queue": (queue, name) => ({
    ...key("zset", look("workers", "listed", name, "queue", queue)),
    queue,
  }),
  "workers:host": (host, name) => key("zset", look("workers", "listed", name, "host", host)),
  pin: (queue, name) => ({ ...key("string", look("workers", "pin", name, queue)), queue }),
  stopping: (node, name) => key("zset", look("workers", "stopping", name, node)),
  idem: (request, name) => ({ ...key("hash", look("idempotency", "idem", name, request)), onFirst: true }),
  "batch-record": (batch, name) => ({
    ...key("list", look("batches", "batch-record", name, batch)),
    onFirst: true,
  }),
  "deliveries-due": (target, name) => key("zset", look("deliveries", "deliveries-due", name, target)),
  "deliveries-in": (state, name) =>
    DELIVERY_STATES.some((known) => known === state)
      ? key("zset", look("deliveries", "deliveries-in", name, state))
      : null,
  bulk: () => ({ ...key("hash"), onFirst: true }),
};

function beside(kind: "sealed" | "log"): Named {
  return (id) => ({ ...key("string", look("beside", kind, id)), job: id });
}

const MARKED = ["queue", "host", "driver", "batch", "node", "worker"];

/** `<block>:all`, `<block>:<kind>:<value>`, `<block>:failed:<kind>:<value>`, as include/marks.lua makes it. */
function marks(rest: string, name: string): Key | null {
  const [, block = "", index = ""] = /^(\d+):(.*)$/s.exec(rest) ?? [];
  if (!isBlock(block)) return null;
  const of = (kind: string, value: string, status: string | false) =>
    key("string", look("marks", "marks", name, Number(block), kind, value, status));
  if (index === "all") return of("all", "", false);
  const [, rare = "", kind = "", value = ""] = /^(?:(failed|cancelled):)?([a-z]+):(.*)$/s.exec(index) ?? [];
  if (kind === "status" && rare === "" && JOB_STATUSES.some((known) => known === value)) {
    return of(kind, value, false);
  }
  if (!MARKED.includes(kind)) return null;
  const found = of(kind, value, rare || false);
  return kind === "queue" ? { ...found, queue: value } : found;
}

function isBlock(text: string): boolean {
  return /^(0|[1-9]\d{0,11})$/.test(text);
}

type Level = [queue: string, priority: number];

/** `<priority>:<queue>`, as include/lanes.lua makes it. */
function levelOf(rest: string): Level | null {
  const [, priority, queue] = /^(-?\d+):(.*)$/s.exec(rest) ?? [];
  return priority === undefined || queue === undefined ? null : [queue, Number(priority)];
}

function atLevel(make: (level: Level, name: string) => Key): Named {
  return (rest, name) => {
    const level = levelOf(rest);
    return level && { ...make(level, name), queue: level[0] };
  };
}

/** `<priority>:<bytes of the queue's name>:<queue><lane>`, as include/lanes.lua makes it. */
function ready(rest: string, name: string): Key | null {
  const [, priority = "", length = "", names = ""] = /^(-?\d+):(\d+):(.*)$/s.exec(rest) ?? [];
  if (priority === "") return null;
  const bytes = Buffer.from(names);
  const queue = bytes.toString("utf8", 0, Number(length));
  const lane = bytes.toString("utf8", Number(length));
  const level = Number(priority);
  const wanted = ["status", "queued", "queue", queue, "priority", level, "lane", lane, "run_at", false];
  return {
    ...key(
      "zset",
      jobsIn(name, "id", "ready", "seq", wanted),
      look("lanes", "ready", name, queue, level, lane),
    ),
    queue,
  };
}
