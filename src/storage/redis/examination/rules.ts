/**
 * What must hold in every moment; those that SQLite has as well in the same words. Each is looked at in one script and
 * so in one moment of a shard; what more than one shard has a part in is looked at again before it is named.
 *
 * Left out on purpose, for it is right at times: a started job whose worker is dead or gone (its lease is not reaped
 * yet), expired and delayed jobs that still wait, ended jobs past their retention (not pruned yet), a job that is due
 * to be forgotten and whose idempotency key is already, a shard that has not heard of a decision about nodes yet.
 */
export const RULES = {
  known: "every key is one of NetPulse's",
  type: "every key has the type of its kind",
  lapses: "answers lapse by themselves, and nothing else does",
  place: "the jobs and workers of a queue are on its shard",
  readable: "what is stored can be read",
  json: "what is kept as JSON is JSON",

  token: "a started job has its token and who runs it",
  run: "a job has its run exactly while it is started",
  held: "a pinned queue is held by its started job, and by nothing else",
  pinned_once: "a pinned queue has one started job at most",
  worker_once: "a worker has one started job at most",
  its_worker: "a started job runs on a worker of its queue and node",
  busy: "a worker is busy with its started job, and with nothing else",
  ended: "a job has its end and its retention exactly when it has ended",
  result: "a job has its result exactly when it has finished or failed",
  begun: "a finished job has been started, a queued one has not",
  waits: "a queued job that is not ready waits for its moment or for its end",
  attempts: "a job has no more attempts than runs",
  sealed: "a job has its sealed operation exactly until it has ended",
  left: "nothing is left of a forgotten job",
  clock: "the clock is not behind a job",
  ordinal: "a job stands at its ordinal, with its seq",
  blocks: "a block is listed by its first seq, and its seqs grow",
  span: "every job is in the span of its block",
  spans: "spans grow with their blocks",

  status: "a job is in the index of its status, and in no other",
  index: "an index has the jobs of its value, and no others",
  counts: "as many jobs are counted as there are, by status",
  waiting: "a queue has its queued jobs waiting, and no others",
  queues: "the queues with queued jobs are listed, and no others",
  delayed: "a queue delays the jobs that wait for their moment, and no others",
  expires: "the queued jobs with a time to live may expire, and no others",
  ready: "a lane has its ready jobs, and no others",
  lane: "a lane with ready jobs has its turn",
  no_lane: "no lane is without ready jobs",
  turn: "no lane is ahead of the claims",
  level: "a level with ready lanes is listed by its priority",
  no_level: "no level is without ready lanes",

  idem: "an idempotency key stands for the jobs that have it, and for no others",
  batch: "a batch that is open has its jobs, and no other has",
  open_batch: "no batch stays open",

  key: "an API key is found by its id, and no other id leads to one",
  delivery: "a job with a webhook has its delivery exactly when it has ended",
  delivery_due: "a delivery is due exactly while it is pending",
  delivery_listed: "a state lists its deliveries, and no others",
  delivery_sealed: "what it takes to send a delivery is kept exactly until it is delivered",
  delivery_target: "a target with deliveries is listed by its first",

  sites: "a node's sites are a list of names",
  acting: "a living worker has its node, alive and of its incarnation",
  pinned_worker: "a pinned queue has one living worker at most",
  pin: "a pin is that of its queue's living worker",
  listed: "a list of workers has those of its value, and no others",
  died: "the dead workers are listed as dead, and no others",
  stopping: "a node has its living workers to stop that were asked to, and no others",
  nodes: "a shard lets the nodes act that are alive, and no others",
  pulse: "a node has a pulse exactly while it may act",
} as const;

export type RuleName = keyof typeof RULES;

export function isRule(name: string): name is RuleName {
  return Object.hasOwn(RULES, name);
}
