import { randomBytes } from "node:crypto";
import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { RequestError } from "../../../core/errors.ts";
import { fileOfId } from "../../../core/file-transfer.ts";
import type { Engine } from "../../../engine/engine.ts";
import { covers } from "../../../engine/file-grants.ts";
import { HttpError } from "../../http-error.ts";
import { noQuery, readQuery } from "../../query.ts";
import { reply, SECURITY_HEADERS } from "../../reply.ts";
import { shape } from "../../shape.ts";
import { TimedBody } from "../storage/body.ts";
import { bytesOf } from "../storage/bytes.ts";
import { wantedRange } from "../storage/range.ts";
import { nameOf, stage, type UploadDeps } from "../storage/upload.ts";

export interface NodeFilesDeps extends UploadDeps {
  engine: Pick<Engine, "fileGrant">;
}

/** Under this path there is no API key: the grant of a running job is what counts. */
export const NODE_FILES = "/node/files/";

/** Files for nodes on other machines. They are no part of the API that clients see. */
export function nodeFilesRoutes(deps: NodeFilesDeps) {
  type Handler = (path: string, request: Request) => Promise<Response>;
  const admitted =
    (write: boolean, handler: Handler) =>
    async ({ request, params: { id } }: { request: Request; params: { id: string } }) =>
      handler(await admit(deps, request, { id, write }), request);
  return new Elysia({ name: "node-files" })
    .get(
      `${NODE_FILES}:id/state`,
      admitted(false, (path, request) => state(deps, path, request)),
    )
    .get(
      `${NODE_FILES}:id/names`,
      admitted(false, (path, request) => names(deps, path, request)),
    )
    .get(
      `${NODE_FILES}:id`,
      admitted(false, (path, request) => read(deps, path, request)),
    )
    .put(
      `${NODE_FILES}:id`,
      admitted(true, (path, request) => write(deps, path, request)),
      { parse: "none" },
    );
}

/** The path that is meant, if the caller runs a job that may have it. */
async function admit(
  { engine, files }: NodeFilesDeps,
  { headers }: Request,
  { id, write }: { id: string; write: boolean },
): Promise<string> {
  const text = /^bearer (\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const grant = text === undefined ? null : await engine.fileGrant(text);
  const path = fileOfId(id);
  if (grant === null || path === null || !covers(grant, { path, write })) {
    throw new HttpError(401, "no job that runs has this file", {
      headers: { "www-authenticate": 'Bearer realm="netpulse"' },
    });
  }
  if (headers.get("x-netpulse-folder") === files.id) return path;
  throw new HttpError(
    409,
    "this API has another storage folder: let storage_files.dir of all APIs be one shared folder",
  );
}

async function state({ files }: NodeFilesDeps, path: string, { url }: Request): Promise<Response> {
  readQuery(url, noQuery);
  return reply(await files.stat(path));
}

async function names({ files }: NodeFilesDeps, path: string, { url }: Request): Promise<Response> {
  readQuery(url, noQuery);
  return reply(await files.list(path));
}

const size = Type.Integer({ minimum: 0, description: "Of the file, bytes.", expected: "a whole number" });
const readQueryShape = shape(
  Type.Object({ size, modified_at: Type.Number({ expected: "a number" }) }, { additionalProperties: false }),
);
const writeQueryShape = shape(Type.Object({ size }, { additionalProperties: false }));

/** A part of the file that the node has looked at before, and of no other. */
async function read({ files }: NodeFilesDeps, path: string, { url, headers }: Request): Promise<Response> {
  const asked = readQuery(url, readQueryShape);
  const found = await files.stat(path);
  if (found?.kind !== "file") throw new RequestError("not_found", "the file is not in the storage folder");
  if (found.size !== asked.size || found.modifiedAt !== asked.modified_at) {
    throw new HttpError(409, "the file has changed while it was read");
  }
  const wanted = wantedRange(headers.get("range"), found.size);
  if (wanted === null) throw new HttpError(416, `the file has ${found.size} bytes`);
  const { start, end, part } = wanted;
  return new Response(bytesOf(files, path, { size: found.size, start, end }), {
    status: part ? 206 : 200,
    headers: {
      ...SECURITY_HEADERS,
      "content-type": "application/octet-stream",
      "content-length": String(end - start),
    },
  });
}

async function write(deps: NodeFilesDeps, path: string, request: Request): Promise<Response> {
  const { files, clock, timeoutMs } = deps;
  const asked = readQuery(request.url, writeQueryShape);
  const name = nameOf(path, ["path", "id"]);
  const body = new TimedBody(request, { clock, timeoutMs, maxSize: files.maxSize });
  try {
    const staged = await stage(files, `uploads/${randomBytes(12).toString("hex")}/${name}`, body.pieces());
    try {
      if (staged.size !== asked.size) throw new HttpError(400, "the body broke off");
      await staged.keep(path);
    } finally {
      await staged.discard();
    }
  } finally {
    body.end();
  }
  return reply(null);
}
