import { Type } from "@sinclair/typebox";
import { idOfFile } from "../../../core/file-transfer.ts";
import { operation } from "../../openapi.ts";
import { StoredFileSchema, uploadQuery } from "./schema.ts";

const path = "uploads/3f9c0a51be7742d0a1c655e0/motd.txt";
const id = idOfFile(path);

const missing = {
  status: 404,
  description: "There is no such file.",
  example: { message: "there is no such file; it may have expired (storage_files.ttl)" },
};

export const uploadDocs = operation({
  id: "uploadFile",
  tag: "Files",
  scope: ["config"],
  summary: "Keep a file, to bring it to devices",
  description:
    "The body is the file as it is, or a form (`multipart/form-data`) whose first file is taken. At most `storage_files.max_size`. A `file_transfer` names it by its `path`.",
  query: uploadQuery.schema,
  bytes: "The file.",
  success: {
    status: 201,
    description: "Where it is.",
    data: StoredFileSchema,
    example: {
      code: 200,
      message: "success",
      data: {
        id,
        path,
        size: 42,
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        created_at: "2024-01-01T12:00:00.123+08:00",
        expires_at: "2024-01-08T12:00:00.123+08:00",
      },
    },
  },
  failures: [
    {
      status: 408,
      example: { message: "the file did not arrive within 3600 s (storage_files.upload_timeout)" },
    },
    {
      status: 413,
      example: { message: "the file is larger than 1073741824 bytes; raise storage_files.max_size" },
    },
    {
      status: 415,
      example: { message: "send multipart/form-data with a boundary, or the file as it is" },
    },
    422,
    507,
  ],
});

export const downloadDocs = operation({
  id: "downloadFile",
  tag: "Files",
  scope: ["read"],
  summary: "A file that was kept, or brought from a device",
  description: "All of it, or with the header `Range` a part of it (206); `ETag` goes with `If-Range`.",
  path: {
    id: { description: "The file, as `POST /storage` or the output of a download has it.", example: id },
  },
  headers: {
    Range: Type.String({ description: "Which part is asked for, in bytes.", examples: ["bytes=0-9"] }),
    "If-Range": Type.String({
      description: "`ETag` of the parts that are there already: another file is answered whole.",
      examples: ['"2a-18cc3b2f0c0"'],
    }),
  },
  success: {
    status: 200,
    description: "The file.",
    text: { type: "application/octet-stream", example: "what is in the file" },
    headers: {
      ETag: "Changes with the file.",
      "Content-Disposition": "Has its name.",
      "Accept-Ranges": "`bytes`.",
    },
  },
  others: [
    {
      status: 206,
      description: "The part that `Range` asks for.",
      text: { type: "application/octet-stream", example: "what is in" },
      headers: {
        "Content-Range": "Which part it is, and of how many bytes.",
        ETag: "Changes with the file.",
      },
    },
  ],
  failures: [missing, { status: 416, example: { message: "the file has 42 bytes" } }, 422],
});

export const deleteDocs = operation({
  id: "deleteFile",
  tag: "Files",
  scope: ["config"],
  summary: "Remove a file",
  path: { id: { description: "The file.", example: id } },
  success: {
    status: 200,
    description: "What was removed.",
    data: Type.Object({ id: Type.String(), path: Type.String() }),
    example: { code: 200, message: "success", data: { id, path } },
  },
  failures: [missing, 422],
});
