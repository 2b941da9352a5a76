import { shardOfId } from "../../../core/ids.ts";
import type { FinalStatus } from "../../../core/job.ts";
import { DELIVERY_STATES, type DeliveryAttempt, type DeliveryState } from "../../../core/webhook.ts";
import {
  type Delivery,
  type DeliveryClaim,
  type DeliveryStore,
  MOST_ATTEMPTS,
  MOST_COUNTED,
} from "../../deliveries.ts";
import { pack, unpack } from "../codec.ts";
import type { RedisLink, Reply } from "../link.ts";
import claimSource from "../lua/claim-deliveries.lua" with { type: "text" };
import countSource from "../lua/count-deliveries.lua" with { type: "text" };
import getSource from "../lua/get-delivery.lua" with { type: "text" };
import listSource from "../lua/list-deliveries.lua" with { type: "text" };
import replaySource from "../lua/replay-delivery.lua" with { type: "text" };
import settleSource from "../lua/settle-delivery.lua" with { type: "text" };
import { bytes, everyShard, int, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const CLAIM = script("claim-deliveries", claimSource);
const SETTLE = script("settle-delivery", settleSource);
const COUNT = script("count-deliveries", countSource);
const GET = script("get-delivery", getSource);
const LIST = script("list-deliveries", listSource);
const REPLAY = script("replay-delivery", replaySource);

/** As `include/deliveries.lua` names the positions. */
type Stored = [
  target: string,
  timeoutMs: number,
  status: FinalStatus | false,
  state: DeliveryState | false,
  claim: number,
  leased: 0 | 1,
  tries: number,
  createdAt: number | false,
  dueAt: number | false,
  settledAt: number | false,
  attempts: string,
];

/** One shard after another, each another one first: none of them is always the last to be asked. */
export function claimDeliveries(link: RedisLink): DeliveryStore["claimDeliveries"] {
  let turn = 0;
  return async ({ max, perTarget, busy, marginMs, now }) => {
    const claims: DeliveryClaim[] = [];
    const held = { ...busy };
    const waits: number[] = [];
    turn = (turn + 1) % link.shards;
    for (let n = 0; n < link.shards; n++) {
      const left = max - claims.length;
      const terms = [nowArgument(now), left, perTarget, marginMs, pack(Object.entries(held).flat())];
      const [wait, ...found] = list(
        await link.run(CLAIM, (turn + n) % link.shards, terms, { durable: true }),
      );
      if (text(wait) !== "") waits.push(Number(text(wait)));
      for (const claim of toClaims(found)) {
        const { target } = claim.delivery;
        held[target] = (held[target] ?? 0) + 1;
        claims.push(claim);
      }
    }
    return { claims, nextInMs: waits.length === 0 ? null : Math.min(...waits) };
  };
}

export function settleDelivery(link: RedisLink): DeliveryStore["settleDelivery"] {
  return async ({ jobId, claim, outcome, attempt, now }) => {
    const ms = outcome.kind === "retry" ? outcome.delayMs : outcome.kind === "dead" ? outcome.keepMs : 0;
    const said = attempt === null ? "" : JSON.stringify(attempt);
    const args = [nowArgument(now), jobId, claim, MOST_ATTEMPTS, outcome.kind, Math.ceil(ms), said];
    // Safe: the script answers nothing else.
    return text(await link.run(SETTLE, home(link, jobId), args, { durable: true })) as Settled;
  };
}

type Settled = Awaited<ReturnType<DeliveryStore["settleDelivery"]>>;

export function getDelivery(link: RedisLink): DeliveryStore["getDelivery"] {
  return async ({ jobId }) => {
    const record = bytes(await link.run(GET, home(link, jobId), [jobId]));
    if (record.length === 0) return null;
    const stored = toStored(record);
    return stored[3] === false ? null : toDelivery(jobId, stored);
  };
}

export function countDeliveries(link: RedisLink): DeliveryStore["countDeliveries"] {
  return async () => {
    const shards = await everyShard(link.shards, async (shard) => list(await link.run(COUNT, shard, [])));
    const total = (n: number) =>
      Math.min(
        MOST_COUNTED,
        shards.reduce((sum, counted) => sum + int(counted[n]), 0),
      );
    const due = shards.map(([, , first]) => text(first)).filter((first) => first !== "");
    return {
      pending: total(0),
      dead: total(1),
      firstDueAt: due.length === 0 ? null : Math.min(...due.map(Number)),
    };
  };
}

/** From each shard as many as may be wanted of it. */
export function listDeliveries(link: RedisLink): DeliveryStore["listDeliveries"] {
  return async ({ state, limit, after = "" }) => {
    // One more than asked for tells whether there is a next page.
    const args = [limit + 1, after, ...(state === undefined ? DELIVERY_STATES : [state])];
    const pages = await everyShard(link.shards, async (shard) => list(await link.run(LIST, shard, args)));
    const found = pages.flatMap(pairsOf).map(([id, record]) => toDelivery(id, toStored(record)));
    found.sort((a, b) => (a.jobId < b.jobId ? 1 : -1));
    const page = found.slice(0, limit);
    return { deliveries: page, next: found.length > limit ? (page.at(-1)?.jobId ?? null) : null };
  };
}

export function replayDelivery(link: RedisLink): DeliveryStore["replayDelivery"] {
  return async ({ jobId, webhook, now }) => {
    const anew = webhook ? [pack([webhook.target, webhook.timeoutMs]), webhook.sealed] : ["", ""];
    const args = [nowArgument(now), jobId, ...anew];
    // Safe: the script answers nothing else.
    return text(await link.run(REPLAY, home(link, jobId), args, { durable: true })) as Replayed;
  };
}

type Replayed = Awaited<ReturnType<DeliveryStore["replayDelivery"]>>;

/** A delivery is where its job is. */
function home(link: RedisLink, jobId: string): number {
  return shardOfId(jobId) % link.shards;
}

function toClaims(flat: Reply[]): DeliveryClaim[] {
  const claims: DeliveryClaim[] = [];
  for (let n = 0; n < flat.length; n += 3) {
    const stored = toStored(bytes(flat[n + 1]));
    const delivery = toDelivery(text(flat[n]), stored);
    claims.push({ delivery, claim: stored[4], sealed: bytes(flat[n + 2]) });
  }
  return claims;
}

function pairsOf(flat: Reply[]): [string, Buffer][] {
  const pairs: [string, Buffer][] = [];
  for (let n = 0; n < flat.length; n += 2) pairs.push([text(flat[n]), bytes(flat[n + 1])]);
  return pairs;
}

function toStored(record: Buffer): Stored {
  // Safe: only our scripts write deliveries.
  return unpack(record) as Stored;
}

function toDelivery(jobId: string, stored: Stored): Delivery {
  const [target, , status, state, , , tries, createdAt, dueAt, settledAt, attempts] = stored;
  if (status === false || state === false || createdAt === false)
    throw new Error("a delivery before its time");
  return {
    jobId,
    status,
    target,
    state,
    tries,
    createdAt,
    dueAt: dueAt === false ? null : dueAt,
    settledAt: settledAt === false ? null : settledAt,
    // Safe: written by our scripts only, from what `settleDelivery` gave them.
    attempts: toAttempts(attempts),
  };
}

function toAttempts(json: string): DeliveryAttempt[] {
  return JSON.parse(json) as DeliveryAttempt[];
}
