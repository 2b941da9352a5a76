/**
 * Files of NetPulse's own: all in one folder, by paths that cannot leave it. Rejects with `FileError` for what is
 * wrong with a path or a file.
 */
export interface FileFolder {
  /** Tells folders apart, whatever their paths are on the machines that share them. */
  readonly id: string;
  /** Largest file, bytes. */
  readonly maxSize: number;
  /** Null: there is no such thing. Links and devices count as nothing. */
  stat(path: string): Promise<FileState | null>;
  /** Names of the files and folders in a folder, sorted. */
  list(path: string): Promise<string[]>;
  /** Its bytes, however long; the caller closes it. */
  open(path: string): Promise<FileReader>;
  /** A file that takes its place when it is whole. `resume` keeps what an earlier attempt has left of it. */
  create(path: string, options: { resume: boolean }): Promise<FileWriter>;
  /** False: there was none. */
  remove(path: string): Promise<boolean>;
}

/** What there is at a path. */
export interface FileState {
  kind: "file" | "folder";
  /** Bytes; 0 of a folder. */
  size: number;
  /** Wall-clock ms. */
  modifiedAt: number;
}

/** An open file, to be read. */
export interface FileReader {
  /** Bytes, as it was opened. */
  readonly size: number;
  /** Fewer bytes than asked for only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Once, when all was read or nothing more is wanted. */
  close(): Promise<void>;
}

/** A file on its way into the folder. */
export interface FileWriter {
  /** Bytes that are there so far. */
  readonly size: number;
  /** Of what is there so far. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Appends. `FileError` (`too_large`) past the folder's limit. */
  append(bytes: Uint8Array): Promise<void>;
  /** Forgets what is there. */
  restart(): Promise<void>;
  /** The file is whole: it takes its place, or that of another path. */
  commit(path?: string): Promise<void>;
  /** Leaves what is there for a later attempt, or nothing. Idempotent; nothing after `commit`. */
  close(options: { keep: boolean }): Promise<void>;
}
