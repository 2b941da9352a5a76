import { Elysia } from "elysia";
import { deliveryOfJob, eventOf } from "../../../core/webhook.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { Delivery } from "../../../storage/deliveries.ts";
import type { JsonReader } from "../../body.ts";
import { type ForCaller, forCaller } from "../../caller-engine.ts";
import { inBody, invalidFields } from "../../http-error.ts";
import { decodeCursor, encodeCursor, nextLink } from "../../pagination.ts";
import { MAX_LIMIT } from "../../parameters.ts";
import { noQuery, readQuery } from "../../query.ts";
import { reply } from "../../reply.ts";
import { seconds, type TimeFormat } from "../../time.ts";
import { webhookOf } from "../device/webhook.ts";
import { getDocs, listDocs, replayDocs } from "./docs.ts";
import { type DeliveryJson, listQuery, replayShape } from "./schema.ts";

export interface WebhookRouteDeps {
  engine: Engine;
  time: TimeFormat;
  readJson: JsonReader;
}

const LIST = "/webhook/deliveries";

export function webhookRoutes(deps: ForCaller<WebhookRouteDeps>) {
  return new Elysia({ name: "webhooks" })
    .get(LIST, ({ request }) => list(forCaller(deps, request), request.url), { detail: listDocs })
    .get(`${LIST}/:id`, ({ request, params }) => look(forCaller(deps, request), request.url, params.id), {
      detail: getDocs,
    })
    .post(
      `${LIST}/:id/replay`,
      ({ request, params }) => replay(forCaller(deps, request), request, params.id),
      {
        detail: replayDocs,
        parse: "none",
      },
    );
}

async function list(deps: WebhookRouteDeps, url: string): Promise<Response> {
  const { engine, time } = deps;
  const query = readQuery(url, listQuery);
  const { state, job_id: job, cursor } = query;
  const limit = query.limit ?? MAX_LIMIT;
  if (job !== undefined) {
    const found = await engine.deliveries.get(deliveryOfJob(job));
    return reply([deliveryJson(found, time)], { beside: { pagination: { next_cursor: null, limit } } });
  }
  const listing = ["deliveries", state];
  const after = cursor === undefined ? {} : { after: decodeCursor(cursor, listing, "string") };
  const { deliveries, next } = await engine.deliveries.list({ ...(state && { state }), limit, ...after });
  const nextCursor = next === null ? null : encodeCursor(listing, next);
  return reply(
    deliveries.map((delivery) => deliveryJson(delivery, time)),
    {
      beside: { pagination: { next_cursor: nextCursor, limit } },
      headers: nextCursor === null ? {} : { link: nextLink(LIST, { ...query, limit }, nextCursor) },
    },
  );
}

async function look({ engine, time }: WebhookRouteDeps, url: string, id: string): Promise<Response> {
  readQuery(url, noQuery);
  return reply(deliveryJson(await engine.deliveries.get(deliveryOfJob(id)), time));
}

/** Without a body it is as with an empty one. */
async function replay(deps: WebhookRouteDeps, request: Request, id: string): Promise<Response> {
  readQuery(request.url, noQuery);
  const { engine, time } = deps;
  const isEmpty = request.body === null || request.headers.get("content-length") === "0";
  const body = isEmpty ? {} : await deps.readJson(request);
  if (!replayShape.fits(body)) throw invalidFields(replayShape.errors(body, "body"));
  const webhook = body.webhook === undefined ? null : webhookOf(body.webhook);
  const wrong = webhook === null ? [] : engine.check({ webhook });
  if (wrong.length > 0) throw invalidFields(wrong.map(inBody));
  return reply(deliveryJson(await engine.deliveries.replay(deliveryOfJob(id), webhook), time));
}

function deliveryJson(delivery: Delivery, time: TimeFormat): DeliveryJson {
  const { jobId, status, state, target, tries, createdAt, dueAt, settledAt, attempts } = delivery;
  const moment = (ms: number | null) => (ms === null ? null : time.format(ms));
  return {
    id: deliveryOfJob(jobId),
    job_id: jobId,
    event_type: eventOf(status),
    final: true,
    state,
    target,
    tries,
    created_at: time.format(createdAt),
    next_attempt_at: moment(dueAt),
    settled_at: moment(settledAt),
    attempts: attempts.map(({ at, durationMs, status: answered, error }) => ({
      at: time.format(at),
      duration: seconds(durationMs),
      status: answered,
      error,
    })),
  };
}
