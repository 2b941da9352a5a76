import { shardOfId } from "../../../core/ids.ts";
import { ABORTED, type Lease, type ReapOutcome, type Storage } from "../../storage.ts";
import { encodeResult, pack, toRun } from "../codec.ts";
import type { RedisLink } from "../link.ts";
import leasesSource from "../lua/leases.lua" with { type: "text" };
import reapSource from "../lua/reap.lua" with { type: "text" };
import { bytes, everyShard, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const LEASES = script("leases", leasesSource);
const REAP = script("reap", reapSource);
const ABORTED_RESULT = encodeResult(ABORTED);

export function leases(link: RedisLink): Storage["leases"] {
  return async () => {
    const flat = await everyShard(link.shards, async (shard) => list(await link.run(LEASES, shard, [])));
    const found = flat.flatMap((fields) => {
      const runs: Lease[] = [];
      for (let n = 0; n < fields.length; n += 2) {
        const [run, nonce, node, worker, renewal] = toRun(bytes(fields[n + 1]));
        runs.push({ token: { id: text(fields[n]), run, nonce }, node, worker, renewal });
      }
      return runs;
    });
    // Ids sort by creation: an order that does not change from look to look.
    return found.sort((a, b) => (a.token.id < b.token.id ? -1 : 1));
  };
}

export function reap(link: RedisLink): Storage["reap"] {
  return async ({ leases: lapsed, error, now }) => {
    const outcomes: ReapOutcome[] = lapsed.map(() => "gone");
    const numbered = lapsed.map((lease, place) => ({ ...lease, place }));
    const byShard = Map.groupBy(numbered, ({ token }) => shardOfId(token.id) % link.shards);
    for (const [shard, group] of byShard) {
      const asked = group.map(({ token, renewal }) => [token.id, token.run, token.nonce, renewal]);
      const args = [nowArgument(now), encodeResult(error), ABORTED_RESULT, pack(asked)];
      const answers = list(await link.run(REAP, shard, args, { durable: true }));
      for (const [n, { place }] of group.entries()) {
        // Safe: the script answers nothing else.
        outcomes[place] = text(answers[n]) as ReapOutcome;
      }
    }
    return outcomes;
  };
}
