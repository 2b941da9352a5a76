import { Type } from "@sinclair/typebox";
import { JOB_STATUSES } from "../../core/job.ts";
import { jobHead } from "../job-view.ts";
import { CURSOR, readOutput, STREAMS } from "../reading.ts";
import { defineTool, READS } from "../tool.ts";
import { DEFAULT_WAIT, MAX_WAIT, waitForJob } from "../waiting.ts";
import { jobAnswer } from "./device.ts";
import { DEFAULT_LIMIT, integer, jobId, listing, number, oneOf, text } from "./parameters.ts";

export const jobsListTool = defineTool({
  name: "jobs_list",
  title: "List jobs",
  description: "Lists jobs, newest first, without their output. All filters narrow together.",
  needs: ["read"],
  actsWith: ["read"],
  hints: READS,
  input: Type.Object(
    {
      status: Type.Optional(oneOf(JOB_STATUSES, "Only those in this status.")),
      host: Type.Optional(text("Only those of this device.")),
      queue: Type.Optional(text("Only those of this queue.")),
      batch_id: Type.Optional(text("Only those of this bulk request.")),
      since: Type.Optional(text("Created at or after; ISO-8601 with offset.")),
      until: Type.Optional(text("Created before; ISO-8601 with offset.")),
      ...listing,
    },
    { additionalProperties: false },
  ),
  async run({ limit = DEFAULT_LIMIT, ...query }, { client, signal }) {
    // The result is asked for without what was printed.
    const { items, nextCursor } = await client.jobs.list({ ...query, limit, result: false }, { signal });
    return { content: { jobs: items.map(jobHead), next_cursor: nextCursor }, untrusted: true };
  },
});

export const jobShowTool = defineTool({
  name: "job_show",
  title: "Show a job",
  description: "A job with its status, its result and what its commands printed.",
  needs: ["read"],
  actsWith: ["read"],
  hints: READS,
  input: Type.Object({ id: jobId }, { additionalProperties: false }),
  async run({ id }, { client, signal }) {
    return { ...jobAnswer(await client.jobs.get(id, { signal })), failed: false };
  },
});

export const jobWaitTool = defineTool({
  name: "job_wait",
  title: "Wait for a job",
  description:
    "Waits until a job has ended and returns it as job_show does; or as it is when the time is over, and then it can be called again.",
  needs: ["read"],
  actsWith: ["read"],
  hints: READS,
  input: Type.Object(
    {
      id: jobId,
      wait: Type.Optional(number(0, MAX_WAIT, `Seconds to wait at most; default ${DEFAULT_WAIT}.`)),
    },
    { additionalProperties: false },
  ),
  run: async ({ id, wait = DEFAULT_WAIT }, call) => jobAnswer(await waitForJob(call, id, wait)),
});

export const jobOutputTool = defineTool({
  name: "job_output",
  title: "Read a job's output",
  description:
    "What a job has printed so far, part by part: call it again with next_cursor until that is null. Where an answer was cut, its read_on has the arguments to go on with.",
  needs: ["read"],
  actsWith: ["read"],
  hints: READS,
  input: Type.Object(
    {
      id: jobId,
      index: Type.Optional(integer(0, 1_000_000, "Only of this command, counted from 0.")),
      stream: Type.Optional(oneOf(STREAMS, "stdout (the default), stderr, or parsed: records as JSON.")),
      cursor: Type.Optional(
        Type.String({
          pattern: CURSOR.source,
          description: "next_cursor of the part before.",
          expected: "the next_cursor of the part before",
        }),
      ),
    },
    { additionalProperties: false },
  ),
  async run({ id, index, stream = "stdout", cursor }, { client, signal }) {
    const { pieces, next } = await readOutput(client, { id, index, stream, cursor }, signal);
    return { content: { id, stream, pieces, next_cursor: next }, untrusted: true };
  },
});

export const jobCancelTool = defineTool({
  name: "job_cancel",
  title: "Cancel a job",
  description:
    "Cancels a job that is queued; with force also one that has started, which is interrupted in the middle of what it does.",
  needs: ["exec", "config"],
  actsWith: ["exec", "config"],
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input: Type.Object(
    {
      id: jobId,
      force: Type.Optional(
        Type.Boolean({ description: "Interrupt it if it has started.", expected: "true or false" }),
      ),
    },
    { additionalProperties: false },
  ),
  async run({ id, force = false }, { client, signal }) {
    await (force ? client.jobs.abort(id, { signal }) : client.jobs.cancel(id, { signal }));
    return { content: { id, cancelled: true } };
  },
});
