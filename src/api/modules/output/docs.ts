import { operation } from "../../openapi.ts";
import { jobMissing, jobPath } from "../jobs/docs.ts";
import { outputQuery, PartSchema } from "./schema.ts";

export const outputDocs = operation({
  id: "readOutput",
  tag: "Jobs",
  scope: ["read"],
  summary: "Read what a job has printed, part by part or as text",
  description: [
    "However much it is, of a job that runs or has ended. Begin at `offset` 0 and go on at `next_offset` until `ended`; of a job that runs, an empty part means that there is no more yet (`GET /job/{id}/events` tells when).",
    "",
    "Offsets are those of one run: where a retry has begun meanwhile, one that is not of it is refused (422).",
  ].join("\n"),
  path: jobPath,
  query: outputQuery.schema,
  success: {
    status: 200,
    description: "The part, or with `text=true` plain text.",
    data: PartSchema,
    text: { type: "text/plain", example: "Cisco IOS Software, Version 15.2...\n" },
    example: {
      code: 200,
      message: "success",
      data: {
        chunks: [
          { kind: "command", index: 0, command: "show version", at: "2024-01-01T12:00:00.010+08:00" },
          { kind: "output", index: 0, stream: "stdout", text: "Cisco IOS Software, Version 15.2...\n" },
          { kind: "command_end", index: 0, ok: true, exit_status: null, duration: 0.24 },
        ],
        next_offset: 126,
        ended: true,
      },
    },
  },
  failures: [jobMissing, 422, 503],
});
