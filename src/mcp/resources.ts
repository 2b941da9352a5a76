import { ErrorCode, McpError, type ReadResourceResult } from "@modelcontextprotocol/sdk/types.js";
import { type Netpulse, NetpulseError } from "../client/index.ts";
import { NOTICE, UNTRUSTED_META } from "./answers.ts";
import { CURSOR, readOutput } from "./reading.ts";
import { allVisible } from "./visible.ts";

export const OUTPUT_TEMPLATE = {
  name: "job_output",
  title: "What a job has printed",
  uriTemplate: "netpulse://job/{id}/output{?cursor}",
  description: "As the tool job_output has it: the part behind cursor, and the cursor of the next one.",
  mimeType: "application/json",
};

const URI = /^netpulse:\/\/job\/(job_[0-9a-z]{1,64})\/output(?:\?cursor=([^&#]*))?$/;

/** Throws `McpError` in the words of the API. */
export async function readResource(
  client: Netpulse,
  uri: string,
  signal: AbortSignal,
): Promise<ReadResourceResult> {
  const [, id, cursor] = URI.exec(uri) ?? [];
  if (id === undefined || (cursor !== undefined && !CURSOR.test(cursor))) {
    throw new McpError(ErrorCode.InvalidParams, `uri must be ${OUTPUT_TEMPLATE.uriTemplate}`);
  }
  try {
    const { pieces, next } = await readOutput(client, { id, cursor, stream: "stdout" }, signal);
    const content = { notice: NOTICE, id, pieces: allVisible(pieces), next_cursor: next };
    return {
      contents: [{ uri, mimeType: "application/json", text: JSON.stringify(content), _meta: UNTRUSTED_META }],
    };
  } catch (error) {
    if (error instanceof NetpulseError) throw new McpError(ErrorCode.InvalidParams, error.message);
    throw error;
  }
}
