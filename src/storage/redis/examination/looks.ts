import { pack } from "../codec.ts";
import type { RedisLink, Reply, Script } from "../link.ts";
import { INCLUDES } from "../lua/include/index.ts";
import { int, list, text } from "../replies.ts";
import { script } from "../scripts.ts";
import batchesSource from "./lua/batches.lua" with { type: "text" };
import besideSource from "./lua/beside.lua" with { type: "text" };
import deliveriesSource from "./lua/deliveries.lua" with { type: "text" };
import entriesSource from "./lua/entries.lua" with { type: "text" };
import examineSource from "./lua/examine.lua" with { type: "text" };
import hostKeysSource from "./lua/host-keys.lua" with { type: "text" };
import idempotencySource from "./lua/idempotency.lua" with { type: "text" };
import jobsSource from "./lua/jobs.lua" with { type: "text" };
import keysSource from "./lua/keys.lua" with { type: "text" };
import lanesSource from "./lua/lanes.lua" with { type: "text" };
import marksSource from "./lua/marks.lua" with { type: "text" };
import placesSource from "./lua/places.lua" with { type: "text" };
import runsSource from "./lua/runs.lua" with { type: "text" };
import spansSource from "./lua/spans.lua" with { type: "text" };
import workersSource from "./lua/workers.lua" with { type: "text" };
import type { Notes } from "./notes.ts";

/** One of our scripts, with the part that they have in common. */
export function examining(name: string, source: string): Script {
  return script(`examine-${name}`, source, { ...INCLUDES, examine: examineSource });
}

/** By topic. Each takes specs of its own, as its header says. */
const LOOKS = {
  jobs: examining("jobs", jobsSource),
  beside: examining("beside", besideSource),
  entries: examining("entries", entriesSource),
  marks: examining("marks", marksSource),
  places: examining("places", placesSource),
  runs: examining("runs", runsSource),
  lanes: examining("lanes", lanesSource),
  spans: examining("spans", spansSource),
  workers: examining("workers", workersSource),
  idempotency: examining("idempotency", idempotencySource),
  batches: examining("batches", batchesSource),
  keys: examining("keys", keysSource),
  deliveries: examining("deliveries", deliveriesSource),
  hostKeys: examining("host-keys", hostKeysSource),
};

export type Topic = keyof typeof LOOKS;
export type Spec = unknown[];

/** Specs sent with one script. */
const SLICE = 100;

/** Looks at all that the specs name, step by step, and notes what it finds. Returns what else the scripts tell. */
export async function lookAt(
  link: RedisLink,
  shard: number,
  { topic, specs, notes }: { topic: Topic; specs: Spec[]; notes: Notes },
): Promise<Reply[]> {
  const told: Reply[] = [];
  let cursor = "0";
  for (let from = 0; from < specs.length; ) {
    const args = [cursor, pack(specs.slice(from, from + SLICE))];
    const [done, next, findings, more] = list(await link.run(LOOKS[topic], shard, args));
    notes.addAll(findings);
    told.push(...list(more));
    cursor = text(next);
    from += int(done);
  }
  return told;
}
