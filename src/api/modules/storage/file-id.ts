import { RequestError } from "../../../core/errors.ts";

const PREFIX = "file_";

/** A file's id is its path, in characters that a URL takes; downloads of the Linux driver make it likewise. */
export function idOfPath(path: string): string {
  return `${PREFIX}${Buffer.from(path).toString("base64url")}`;
}

export function pathOfId(id: string): string {
  const path = id.startsWith(PREFIX) ? Buffer.from(id.slice(PREFIX.length), "base64url").toString() : "";
  if (path === "" || idOfPath(path) !== id) throw unknownFile();
  return path;
}

export function unknownFile(): RequestError {
  return new RequestError("not_found", "there is no such file; it may have expired (storage_files.ttl)");
}
