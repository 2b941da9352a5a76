import { nonce } from "../../../core/ids.ts";
import type { JobError } from "../../../core/job.ts";
import { shardOf } from "../../../core/shards.ts";
import { readyAt } from "../../ready.ts";
import type { Claim, ClaimParams } from "../../storage.ts";
import { encodeResult, jobOf, pack, parseStored } from "../codec.ts";
import type { RedisLink, Reply } from "../link.ts";
import claimSource from "../lua/claim.lua" with { type: "text" };
import { bytes, int, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const CLAIM = script("claim", claimSource);
/** Each round takes hundreds of expired jobs out of the way; what is left then waits for the expirer. */
const ROUNDS = 20;

const OPERATION_LOST: JobError = {
  type: "InternalError",
  message: "the store has lost what the job was to run; submit it again",
  retryable: false,
};

type Request = ClaimParams["requests"][number];

interface Answer {
  claims: [request: Request, claim: Claim][];
  blocked: Request[];
}

/**
 * One script for each shard that has a queue of the request. With `wait_replicas` it answers only when replicas have
 * the claims: one that a fail-over forgets must not have reached its device.
 */
export function claim(link: RedisLink): (params: ClaimParams) => Promise<Claim[]> {
  async function ask(
    shard: number,
    requests: Request[],
    params: ClaimParams,
    round: number,
  ): Promise<Answer> {
    const asked = requests.map(({ worker, queue }) => [worker, queue, nonce()]);
    const { op, node, incarnation, now } = params;
    const args = [
      nowArgument(now),
      `${op}#${round}`,
      node,
      incarnation,
      encodeResult(OPERATION_LOST),
      pack(asked),
    ];
    const [claims, blocked] = list(await link.run(CLAIM, shard, args, { durable: true }));
    return {
      claims: list(claims).map((each) => toClaim(list(each), requests)),
      blocked: list(blocked).map((n) => requestAt(requests, n)),
    };
  }

  async function untilClear(shard: number, all: Request[], params: ClaimParams): Promise<Answer["claims"]> {
    const claims: Answer["claims"] = [];
    let requests = all;
    for (let round = 0; round < ROUNDS && requests.length > 0; round++) {
      const answer = await ask(shard, requests, params, round);
      claims.push(...answer.claims);
      requests = answer.blocked;
    }
    return claims;
  }

  return async (params) => {
    const byShard = Map.groupBy(params.requests, ({ queue }) => shardOf(queue, link.shards));
    const answers = await Promise.all(
      [...byShard].map(([shard, requests]) => untilClear(shard, requests, params)),
    );
    const order = new Map(params.requests.map((request, n) => [request, n]));
    return answers
      .flat()
      .sort(([a], [b]) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
      .map(([, claimed]) => claimed);
  };
}

function toClaim([n, id, record, sealed]: Reply[], requests: Request[]): Answer["claims"][number] {
  const request = requestAt(requests, n);
  const stored = parseStored(bytes(record));
  const { state, terms, definition } = stored;
  const job = jobOf(text(id), stored);
  const [run, token] = [state[12], state[13]];
  const apart = bytes(sealed);
  return [
    request,
    {
      token: { id: job.id, run, nonce: token || "" },
      worker: request.worker,
      job,
      sealed: apart.length > 0 ? apart : stored.sealed,
      executionTimeoutMs: definition.executionTimeoutMs,
      retries: terms[6],
      readyAt: readyAt(job, terms[5] === false ? null : terms[5]),
    },
  ];
}

/** Lua counts from one. */
function requestAt(requests: Request[], n: Reply | undefined): Request {
  const request = requests[int(n) - 1];
  if (!request) throw new RangeError("claim.lua answered a request that was not asked");
  return request;
}
