/** One file or folder to be brought to a device, or from it. Names are those of a request. */
export interface FileTransfer {
  operation: "upload" | "download";
  /** In the storage folder of NetPulse, separated by `/`. */
  local_path: string;
  /** On the device; relative to where its file transfer begins, which is a home folder as a rule. */
  remote_path: string;
  /** A folder with all that is in it. */
  recursive?: boolean;
  /** Octal. */
  chmod?: string;
  /** Goes on where an earlier attempt broke off, if what it left is right. */
  resume?: boolean;
  /** `hash`: files that are the same are left alone, and what was brought is read again. */
  sync_mode?: "full" | "hash";
  /** What was brought is read again, and compared. */
  verify_file?: boolean;
  /** False: what is there already is not replaced. */
  overwrite?: boolean;
}

/** As a request has it: a download that names no place gets one. */
export type AskedTransfer = Omit<FileTransfer, "local_path"> & { local_path?: string };

/** A download's own place, which no other job has. */
export function placeOfDownload(jobId: string, index: number, remote: string): string {
  const name = remote.replace(/\/+$/, "").split("/").at(-1) ?? "";
  return `downloads/${jobId}/${index}/${localNameProblem(name) === null ? name : "file"}`;
}

/** Where the API has a file, for whoever has a key. */
export function urlOfFile(path: string): string {
  return `/storage/${idOfFile(path)}`;
}

/** What begins so is ours: files that are not whole yet, and the folder's name. */
export const RESERVED = ".netpulse-";

const MAX_PATH = 512;
const MAX_DEPTH = 32;

/** What is wrong with a path in the storage folder, in words that complete "it …"; null when nothing is. */
export function localPathProblem(path: string): string | null {
  if (path === "") return "is empty";
  if (Buffer.byteLength(path) > MAX_PATH) return `is longer than ${MAX_PATH} bytes`;
  if (path.startsWith("/")) return "is absolute; give it as it is in the storage folder";
  const names = path.split("/");
  if (names.length > MAX_DEPTH) return `has more than ${MAX_DEPTH} parts`;
  return names.map(localNameProblem).find((problem) => problem !== null) ?? null;
}

/** The same for one name. */
export function localNameProblem(name: string): string | null {
  if (name === "") return "has an empty part";
  if (name === "." || name === "..") return "has a part that is . or ..";
  if (name.includes("/") || /\p{Cc}/u.test(name)) return "holds characters that no name may hold";
  if (Buffer.byteLength(name) > 255) return "has a part that is longer than 255 bytes";
  return name.startsWith(RESERVED) ? `has a part that begins with ${RESERVED}, which is kept for us` : null;
}

/** A file's id is its path, in characters that a URL takes. */
export function idOfFile(path: string): string {
  return `file_${Buffer.from(path).toString("base64url")}`;
}

/** Null: no file has such an id. */
export function fileOfId(id: string): string | null {
  const path = id.startsWith("file_") ? Buffer.from(id.slice("file_".length), "base64url").toString() : "";
  return path === "" || idOfFile(path) !== id ? null : path;
}

export function describeTransfer({ operation, local_path, remote_path }: FileTransfer): string {
  return operation === "upload"
    ? `upload ${local_path} to ${remote_path}`
    : `download ${remote_path} to ${local_path}`;
}
