import { Type } from "@sinclair/typebox";
import { idOfFile } from "../../../core/file-transfer.ts";
import { operation } from "../../openapi.ts";
import { StoredFileSchema, uploadQuery } from "./schema.ts";

const path = "uploads/3f9c0a51be7742d0a1c655e0/motd.txt";
const id = idOfFile(path);

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
  failures: [400, 408, 413, 415, 422, 507],
});

export const downloadDocs = operation({
  id: "downloadFile",
  tag: "Files",
  scope: ["read"],
  summary: "A file that was kept, or brought from a device",
  description: "All of it, or with the header `Range` a part of it (206); `ETag` goes with `If-Range`.",
  path: { id: "The file, as `POST /storage` or the output of a download has it." },
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
  failures: [404, 416, 422],
});

export const deleteDocs = operation({
  id: "deleteFile",
  tag: "Files",
  scope: ["config"],
  summary: "Remove a file",
  path: { id: "The file." },
  success: {
    status: 200,
    description: "What was removed.",
    data: Type.Object({ id: Type.String(), path: Type.String() }),
    example: { code: 200, message: "success", data: { id, path } },
  },
  failures: [404, 422],
});
