import { shardOfId } from "../../../core/ids.ts";
import type { FinalStatus } from "../../../core/job.ts";
import type { CancelOutcome, Storage } from "../../storage.ts";
import type { RedisLink } from "../link.ts";
import cancelSource from "../lua/cancel.lua" with { type: "text" };
import { nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const CANCEL = script("cancel", cancelSource);

export function cancel(link: RedisLink): Storage["cancel"] {
  return async ({ op, id, abort, now }) => {
    const args = [nowArgument(now), op, id, abort ? 1 : 0];
    return toOutcome(text(await link.run(CANCEL, shardOfId(id) % link.shards, args, { durable: true })));
  };
}

function toOutcome(answer: string): CancelOutcome {
  switch (answer) {
    case "cancelled":
    case "abort_requested":
    case "started":
    case "not_found":
      return { outcome: answer };
    default:
      // Safe: the script answers nothing else: `ended finished`, for one.
      return { outcome: "ended", status: answer.slice("ended ".length) as FinalStatus };
  }
}
