import { shardOfId } from "../../../core/ids.ts";
import { ABORTED, type Settlement, type SettleOutcome, type Storage } from "../../storage.ts";
import { encodeResult, pack } from "../codec.ts";
import { ShardGathers } from "../gather.ts";
import type { Argument, RedisLink } from "../link.ts";
import settleSource from "../lua/settle.lua" with { type: "text" };
import { list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

type Params = Parameters<Storage["settle"]>[0];

const SETTLE = script("settle", settleSource);
/** Of settlements in one script. More cost Redis little less each, and keep it idle while more end. */
const MOST_TOGETHER = 16;
const ABORTED_RESULT = encodeResult(ABORTED);

export interface Settling {
  settle(params: Params): Promise<SettleOutcome[]>;
  /**
   * The same call, sent behind every settlement it was made after: one that waits for company goes first. A claim
   * that overtook its worker's settlement would find the worker busy.
   */
  inOrder<P, R>(call: (params: P) => Promise<R>): (params: P) => Promise<R>;
}

/** One script for each shard that has a job of the call; calls that come together share it. */
export function settling(link: RedisLink): Settling {
  async function send(shard: number, settlements: Settlement[], now?: number): Promise<SettleOutcome[]> {
    const reply = list(await link.run(SETTLE, shard, argumentsOf(settlements, now), { durable: true }));
    // Safe: the script answers nothing else.
    return reply.map((outcome) => text(outcome) as SettleOutcome);
  }

  const gathers = new ShardGathers<Settlement, SettleOutcome>((shard) => ({
    send: (settlements) => send(shard, settlements),
    most: MOST_TOGETHER,
  }));

  async function settle({ settlements, now }: Params): Promise<SettleOutcome[]> {
    if (now === undefined) {
      // Awaited here, for the answer is to be there before that of a claim which came behind.
      return await Promise.all(
        settlements.map((each) => gathers.call(shardOfId(each.token.id) % link.shards, each)),
      );
    }
    const outcomes: SettleOutcome[] = [];
    const numbered = settlements.map((settlement, place) => ({ settlement, place }));
    const byShard = Map.groupBy(numbered, ({ settlement }) => shardOfId(settlement.token.id) % link.shards);
    for (const [shard, group] of byShard) {
      const answers = await send(
        shard,
        group.map(({ settlement }) => settlement),
        now,
      );
      for (const [n, { place }] of group.entries()) outcomes[place] = answers[n] ?? "lost";
    }
    return outcomes;
  }

  return {
    settle,
    inOrder: (call) => (params) => {
      gathers.flush();
      return call(params);
    },
  };
}

/** Lua's msgpack knows no bytes, so the tails come after the settlements; most have none. */
function argumentsOf(settlements: Settlement[], now: number | undefined): Argument[] {
  const tails: Uint8Array[] = [];
  const packed = settlements.map((each) =>
    toArgument(each, each.tail.length > 0 ? tails.push(each.tail) : 0),
  );
  return [nowArgument(now), ABORTED_RESULT, pack(packed), ...tails];
}

function toArgument({ token, tailOffset, outcome }: Settlement, tail: number): unknown[] {
  const head = [token.id, token.run, token.nonce, tailOffset, tail];
  switch (outcome.kind) {
    case "succeeded":
      return [...head, "finished", JSON.stringify(outcome.result)];
    case "failed":
      return [...head, "failed", JSON.stringify(outcome.result)];
    case "retry":
      return [...head, "retry", [outcome.delayMs, encodeResult(outcome.error)]];
    case "released":
      return [...head, "released", false];
  }
}
