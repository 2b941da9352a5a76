import { randomBytes } from "node:crypto";
import { parseJson } from "../../body.ts";
import { HttpError, invalidFields } from "../../http-error.ts";
import { formBoundary, TimedBody } from "../storage/body.ts";
import { formParts } from "../storage/multipart.ts";
import { nameOf, type StagedFile, stage, type UploadDeps } from "../storage/upload.ts";
import { isObject } from "./exec-body.ts";

export interface FormDeps extends UploadDeps {
  /** Of the job's JSON, bytes. */
  maxBody: number;
}

/** A job, and the file that it is to upload. */
export interface SentJob {
  body: Record<string, unknown>;
  file: StagedFile;
  /** Where the job looks for the file: by what is in it, so that a request that is repeated means the same. */
  path: string;
}

/** The field of the form that has the job. */
const JOB = "request";

/** Takes a form with a job (`request`) and a file, in any order. */
export async function receiveJob(deps: FormDeps, request: Request): Promise<SentJob> {
  const { files, clock, timeoutMs, maxBody } = deps;
  const boundary = formBoundary(request) ?? "";
  const body = new TimedBody(request, { clock, timeoutMs, maxSize: files.maxSize, beside: maxBody });
  const found: { json?: unknown; file?: StagedFile } = {};
  try {
    for await (const { field, fileName, bytes } of formParts(body.pieces(), boundary)) {
      if (field === JOB) found.json = parseJson(await readAll(bytes, deps));
      else if (fileName === undefined) throw wrongForm(`has a field beside ${JOB} and the file`);
      else if (found.file !== undefined) throw wrongForm("has more than one file; send a job for each");
      else {
        const name = nameOf(fileName, ["body", "file"]);
        found.file = await stage(files, `uploads/${randomBytes(12).toString("hex")}/${name}`, bytes);
      }
    }
    return jobOf(found);
  } catch (error) {
    await found.file?.discard();
    throw error;
  } finally {
    body.end();
  }
}

function wrongForm(what: string): HttpError {
  return new HttpError(400, `the form ${what}`, { headers: { connection: "close" } });
}

async function readAll(bytes: AsyncIterable<Uint8Array>, { maxBody }: FormDeps): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bytes) {
    size += piece.length;
    if (size > maxBody) {
      const message = `the job is larger than ${maxBody} bytes; send less, or raise server.max_body`;
      throw new HttpError(413, message, { headers: { connection: "close" } });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function jobOf({ json, file }: { json?: unknown; file?: StagedFile }): SentJob {
  if (json === undefined) throw new HttpError(400, `the form has no field ${JOB} with the job as JSON`);
  if (file === undefined)
    throw new HttpError(400, "the form has no file; send the job as JSON if there is none");
  if (!isObject(json)) throw invalidFields([{ loc: ["body"], msg: "must be an object" }]);
  const transfer = onlyUpload(json.file_transfer);
  const path = `uploads/${file.sha256.slice(0, 24)}/${file.name}`;
  return { body: { ...json, file_transfer: { ...transfer, local_path: path } }, file, path };
}

function onlyUpload(transfers: unknown): Record<string, unknown> {
  const [first, ...more] = Array.isArray(transfers) ? transfers : [transfers];
  if (isObject(first) && first.operation === "upload" && more.length === 0) return first;
  throw invalidFields([
    { loc: ["body", "file_transfer"], msg: "must be the one upload that the file of the form is for" },
  ]);
}
