import { Elysia } from "elysia";
import { RequestError } from "../../../core/errors.ts";
import { fileOfId, idOfFile } from "../../../core/file-transfer.ts";
import type { FileState } from "../../../core/files.ts";
import { HttpError } from "../../http-error.ts";
import { noQuery, readQuery } from "../../query.ts";
import { reply, SECURITY_HEADERS } from "../../reply.ts";
import type { TimeFormat } from "../../time.ts";
import { bytesOf } from "./bytes.ts";
import { deleteDocs, downloadDocs, uploadDocs } from "./docs.ts";
import { wantedRange } from "./range.ts";
import { uploadQuery } from "./schema.ts";
import { receiveFile, type UploadDeps } from "./upload.ts";

export interface StorageDeps extends UploadDeps {
  time: TimeFormat;
  /** How long a file is kept; 0 for ever. */
  ttlMs: number;
  mayHave(request: Request, path: string): Promise<boolean>;
}

export function storageRoutes(deps: StorageDeps) {
  return new Elysia({ name: "storage" })
    .post("/storage", ({ request }) => upload(deps, request), { parse: "none", detail: uploadDocs })
    .get("/storage/:id", ({ request, params }) => download(deps, request, params.id), {
      detail: downloadDocs,
    })
    .delete("/storage/:id", ({ request, params }) => remove(deps, request, params.id), {
      detail: deleteDocs,
    });
}

async function upload(deps: StorageDeps, request: Request): Promise<Response> {
  const { name } = readQuery(request.url, uploadQuery);
  const { path, size, sha256 } = await receiveFile(deps, request, name);
  const now = deps.clock.now();
  const data = {
    id: idOfFile(path),
    path,
    size,
    sha256,
    created_at: deps.time.format(now),
    expires_at: deps.ttlMs === 0 ? null : deps.time.format(now + deps.ttlMs),
  };
  return reply(data, { status: 201 });
}

async function download(deps: StorageDeps, request: Request, id: string): Promise<Response> {
  readQuery(request.url, noQuery);
  const { files } = deps;
  const { headers } = request;
  const path = await pathOfId(deps, request, id);
  const found = await files.stat(path);
  if (found?.kind !== "file") throw unknownFile();
  const { size } = found;
  const etag = etagOf(found);
  const condition = headers.get("if-range");
  const range = condition === null || condition === etag ? headers.get("range") : null;
  const wanted = wantedRange(range, size);
  if (wanted === null) {
    throw new HttpError(416, `the file has ${size} bytes`, {
      headers: { "content-range": `bytes */${size}` },
    });
  }
  const { start, end, part } = wanted;
  return new Response(bytesOf(files, path, { size, start, end }), {
    status: part ? 206 : 200,
    headers: {
      ...SECURITY_HEADERS,
      "content-type": "application/octet-stream",
      "content-disposition": disposition(path),
      "content-length": String(end - start),
      "accept-ranges": "bytes",
      etag,
      ...(part && { "content-range": `bytes ${start}-${end - 1}/${size}` }),
    },
  });
}

function etagOf({ modifiedAt, size }: FileState): string {
  return `"${modifiedAt.toString(36)}-${size.toString(36)}"`;
}

/** Never shown by a browser as a page of ours. */
function disposition(path: string): string {
  const name = encodeURIComponent(path.slice(path.lastIndexOf("/") + 1)).replaceAll("'", "%27");
  return `attachment; filename*=UTF-8''${name}`;
}

async function pathOfId({ mayHave }: StorageDeps, request: Request, id: string): Promise<string> {
  const path = fileOfId(id);
  if (path === null || !(await mayHave(request, path))) throw unknownFile();
  return path;
}

function unknownFile(): RequestError {
  return new RequestError("not_found", "there is no such file; it may have expired (storage_files.ttl)");
}

async function remove(deps: StorageDeps, request: Request, id: string): Promise<Response> {
  readQuery(request.url, noQuery);
  const path = await pathOfId(deps, request, id);
  if (!(await deps.files.remove(path))) throw unknownFile();
  return reply({ id, path });
}
