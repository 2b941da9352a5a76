import { Elysia } from "elysia";
import type { Clock } from "../../../core/clock.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { JobEvent } from "../../../engine/follow.ts";
import { type ForCaller, forCaller } from "../../caller-engine.ts";
import { HttpError, invalidFields } from "../../http-error.ts";
import type { Presenter } from "../../present.ts";
import { noQuery, readQuery } from "../../query.ts";
import { SECURITY_HEADERS } from "../../reply.ts";
import type { TimeFormat } from "../../time.ts";
import { eventsDocs } from "./docs.ts";
import { EventFormat, type LastEvent, parseLastEvent } from "./format.ts";
import { EVENT_STREAM, eventBody } from "./stream.ts";

export interface EventsDeps {
  engine: Engine;
  present: Presenter;
  time: TimeFormat;
  clock: Clock;
  /** Aborts when the API stops: streams end, and clients go on elsewhere. */
  stopping: AbortSignal;
  limits: { readonly maxStreams: number; readonly streamStall: number };
}

/** How soon a client shall come back when the connection breaks, ms. */
const RETRY_MS = 2_000;

export function eventRoutes(deps: ForCaller<EventsDeps>) {
  const format = new EventFormat(deps.present, deps.time);
  const streams = { open: 0 };
  return new Elysia({ name: "events" }).get(
    "/job/:id/events",
    ({ request, params }) => events(forCaller(deps, request), { format, streams }, request, params.id),
    { detail: eventsDocs },
  );
}

interface Shared {
  format: EventFormat;
  streams: { open: number };
}

async function events(deps: EventsDeps, shared: Shared, request: Request, id: string): Promise<Response> {
  readQuery(request.url, noQuery);
  const last = lastEvent(request.headers);
  // The only way to tell an EventSource that there is no more to come back for.
  if (last?.ended) return new Response(null, { status: 204, headers: SECURITY_HEADERS });
  const { streams, format } = shared;
  const { engine, clock, limits, stopping } = deps;
  if (streams.open >= limits.maxStreams) throw tooMany(limits.maxStreams);
  streams.open += 1;
  const left = new AbortController();
  const signal = AbortSignal.any([request.signal, stopping, left.signal]);
  const happening = engine.follow({ id, from: last?.place ?? null, signal });
  const onEnd = () => {
    streams.open -= 1;
    left.abort();
    void happening.return(); // where it was stopped before its first piece, nobody else does
  };
  try {
    const first = await happening.next();
    const pieces = textOf(first, happening, format);
    const body = eventBody(pieces, { clock, stallMs: limits.streamStall * 1000, onEnd });
    return new Response(body, { headers: { ...SECURITY_HEADERS, "content-type": EVENT_STREAM } });
  } catch (error) {
    onEnd();
    throw error;
  }
}

async function* textOf(
  first: IteratorResult<JobEvent, void>,
  rest: AsyncGenerator<JobEvent, void>,
  format: EventFormat,
): AsyncGenerator<string, void> {
  yield `retry: ${RETRY_MS}\n\n`;
  if (first.done) return;
  yield format.text(first.value);
  for await (const event of rest) yield format.text(event);
}

function lastEvent(headers: Headers): LastEvent | null {
  const id = headers.get("last-event-id");
  if (id === null || id === "") return null;
  const last = parseLastEvent(id);
  if (last === null) {
    throw invalidFields([{ loc: ["header", "Last-Event-ID"], msg: "is not the id of an event of this API" }]);
  }
  return last;
}

function tooMany(most: number): HttpError {
  return new HttpError(
    429,
    `this API serves ${most} event streams already; close some, or raise server.max_streams`,
    {
      headers: { "retry-after": "5" },
    },
  );
}
