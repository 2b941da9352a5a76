import { Type } from "@sinclair/typebox";
import { operation } from "../../openapi.ts";
import { jobMissing, jobPath } from "../jobs/docs.ts";
import { LAST_EVENT } from "./format.ts";
import { EVENT_STREAM } from "./stream.ts";

const example = `retry: 2000

event: state
id: 1-0
data: {"id":"job_01hk1jvbg0ng3ah6t48jfew500","status":"started","result":null}

event: command
id: 1-52
data: {"index":0,"command":"show version","at":"2024-01-01T12:00:00.010+08:00"}

event: output
id: 1-101
data: {"index":0,"stream":"stdout","text":"Cisco IOS Software, Version 15.2...\\n"}

event: command_end
id: 1-126
data: {"index":0,"ok":true,"exit_status":null,"duration":0.24}

event: end
id: 1-126-end
data: {"id":"job_01hk1jvbg0ng3ah6t48jfew500","status":"finished","result":{"type":"success","error":null}}

`;

export const eventsDocs = operation({
  id: "followJob",
  tag: "Jobs",
  scope: ["read"],
  summary: "Follow a job: what becomes of it, and what its device prints",
  description: [
    "Server-sent events, from the job's begin to its end. Each has an `id`: sent back as `Last-Event-ID` the stream goes on behind that event.",
    "",
    "- `state`: the job, without output, when it comes to another status",
    "- `command`, `output`, `command_end`: of the command `index`; `output` comes as the device prints, at most a second later",
    "- `reset`: what was printed up to now counts no more, another run has begun",
    "- `end`: the job in its final status; the stream ends. Coming back with its `id` is answered with 204",
    "",
    "A comment comes every 15 s in which nothing happens. A client that takes nothing for `server.stream_stall` is cut off.",
  ].join("\n"),
  path: jobPath,
  headers: {
    "Last-Event-ID": Type.String({
      description: "`id` of the last event received; a browser sends it by itself.",
      pattern: LAST_EVENT.source,
      examples: ["1-101"],
    }),
  },
  success: { status: 200, description: "The events.", text: { type: EVENT_STREAM, example } },
  others: [
    { status: 204, description: "`Last-Event-ID` is that of the last event: there is no more to come." },
  ],
  failures: [
    jobMissing,
    422,
    {
      status: 429,
      example: {
        message: "this API serves 256 event streams already; close some, or raise server.max_streams",
      },
    },
    503,
  ],
});
