import { Elysia } from "elysia";
import type { OutputFrame } from "../../../core/output-log.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { OutputPart } from "../../../engine/outputs.ts";
import { type ForCaller, forCaller } from "../../caller-engine.ts";
import { readQuery } from "../../query.ts";
import { JSON_HEADERS, SECURITY_HEADERS } from "../../reply.ts";
import { bodyOf, jsonPieces } from "../../stream.ts";
import { seconds, type TimeFormat } from "../../time.ts";
import { outputDocs } from "./docs.ts";
import { type ChunkJson, DEFAULT_PART, type OutputQuery, outputQuery } from "./schema.ts";

interface OutputDeps {
  engine: Engine;
  time: TimeFormat;
}

export function outputRoutes(deps: ForCaller<OutputDeps>) {
  return new Elysia({ name: "output" }).get(
    "/job/:id/output",
    ({ request, params }) => output(forCaller(deps, request), request, params.id),
    { detail: outputDocs },
  );
}

async function output({ engine, time }: OutputDeps, request: Request, id: string): Promise<Response> {
  const query = readQuery(request.url, outputQuery);
  const { offset = 0, limit = DEFAULT_PART, index } = query;
  const part = await engine.output({ id, offset, max: limit });
  if (query.text === true) return asText(engine, { ...query, id, limit }, part);
  const frames = part.frames.filter((frame) => index === undefined || frame.index === index);
  const data = {
    chunks: frames.map((frame) => chunkOf(frame, time)),
    next_offset: part.next,
    ended: part.ended,
  };
  const pieces = jsonPieces({ code: 200, message: "success", data });
  return new Response(bodyOf(pieces), { headers: JSON_HEADERS });
}

function chunkOf(frame: OutputFrame, time: TimeFormat): ChunkJson {
  switch (frame.kind) {
    case "start":
      return { kind: "command", index: frame.index, command: frame.command, at: time.format(frame.at) };
    case "data":
      return { kind: "output", index: frame.index, stream: frame.stream, text: frame.text };
    case "parsed":
      return { kind: "parsed", index: frame.index, json: frame.json };
    case "parsed_end":
      return { kind: "parsed_end", index: frame.index, parse_error: frame.error };
    case "end": {
      const { index, ok, exitStatus, durationMs } = frame;
      return { kind: "command_end", index, ok, exit_status: exitStatus, duration: seconds(durationMs) };
    }
  }
}

type Reading = OutputQuery & { id: string; limit: number };

/** Part after part as the client takes them: no more than one is held. */
function asText(engine: OutputDeps["engine"], reading: Reading, first: OutputPart): Response {
  const encoder = new TextEncoder();
  const parts = partsFrom(engine, reading, first);
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await parts.next();
          if (done) return controller.close();
          const text = textOf(value, reading.index);
          if (text === "") continue;
          controller.enqueue(encoder.encode(text));
          return;
        }
      },
      cancel: () => void parts.return(),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: { ...SECURITY_HEADERS, "content-type": "text/plain; charset=utf-8" },
  });
}

async function* partsFrom(
  engine: OutputDeps["engine"],
  { id, limit }: Reading,
  first: OutputPart,
): AsyncGenerator<OutputPart, void> {
  for (let part = first; ; part = await engine.output({ id, offset: part.next, max: limit })) {
    yield part;
    if (part.ended || part.frames.length === 0) return;
  }
}

function textOf({ frames }: OutputPart, index: number | undefined): string {
  let text = "";
  for (const frame of frames) {
    if (frame.kind !== "data" || frame.stream !== "stdout") continue;
    if (index === undefined || frame.index === index) text += frame.text;
  }
  return text;
}
