import deliveries from "./deliveries.lua" with { type: "text" };
import end from "./end.lua" with { type: "text" };
import hints from "./hints.lua" with { type: "text" };
import keys from "./keys.lua" with { type: "text" };
import lanes from "./lanes.lua" with { type: "text" };
import later from "./later.lua" with { type: "text" };
import log from "./log.lua" with { type: "text" };
import marks from "./marks.lua" with { type: "text" };
import nodeTable from "./node-table.lua" with { type: "text" };
import nodes from "./nodes.lua" with { type: "text" };
import now from "./now.lua" with { type: "text" };
import operation from "./operation.lua" with { type: "text" };
import queue from "./queue.lua" with { type: "text" };
import record from "./record.lua" with { type: "text" };
import renew from "./renew.lua" with { type: "text" };
import run from "./run.lua" with { type: "text" };
import selectWorkers from "./select-workers.lua" with { type: "text" };
import seq from "./seq.lua" with { type: "text" };
import workers from "./workers.lua" with { type: "text" };

/** Every shared part that a script may name, by its file's name without `.lua`. */
export const INCLUDES: Readonly<Record<string, string>> = {
  deliveries,
  end,
  hints,
  keys,
  lanes,
  later,
  log,
  marks,
  "node-table": nodeTable,
  nodes,
  now,
  operation,
  queue,
  record,
  renew,
  run,
  "select-workers": selectWorkers,
  seq,
  workers,
};
