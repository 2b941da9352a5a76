import type { Clock, FileFolder } from "../../../src/device/driver.ts";
import type { Sftp } from "../../../src/device/transport/sftp.ts";

/** Where files go from and to. */
export interface Site {
  sftp: Sftp;
  files: FileFolder;
  clock: Clock;
  /** What the host itself says that the SHA-256 of a file's first bytes is; null when it does not say. */
  hostHash(path: string, length: number): Promise<string | null>;
}

/** One line of a transfer's output. */
export type Told =
  | { event: "progress"; path: string; bytes: number; size: number }
  | { event: "skipped"; path: string; reason: "same" | "link" | "special" }
  | {
      event: "done";
      path: string;
      id?: string;
      download_url?: string;
      bytes: number;
      resumed_at: number;
      sha256?: string;
    };

/** What is still to be written of a file has this name until it is whole. */
export const PART_SUFFIX = ".netpulse-part";

/** Requests under way at once: a megabyte, which fills a line of 100 Mbit/s over 80 ms. */
export const WINDOW = 32;

/** Files and folders of one recursive transfer. */
const MAX_ENTRIES = 10_000;
const MAX_DEPTH = 30;

/** Counts what a recursive transfer comes upon. */
export class Budget {
  #left = MAX_ENTRIES;
  #bytes = 0;

  /** What is wrong with one more, so deep; null when nothing is. */
  take(depth: number): string | null {
    if (depth > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} folders`;
    this.#left -= 1;
    return this.#left < 0 ? `holds more than ${MAX_ENTRIES} files and folders` : null;
  }

  /** Whether a file still fits into what may be brought at once. */
  fits(size: number, most: number): boolean {
    this.#bytes += size;
    return this.#bytes <= most;
  }
}

/** Says how far a file is, once a second at most. */
export class Progress {
  readonly #clock: Clock;
  readonly #path: string;
  readonly #size: number;
  #saidAt: number;

  constructor(clock: Clock, path: string, size: number) {
    this.#clock = clock;
    this.#path = path;
    this.#size = size;
    this.#saidAt = clock.monotonic();
  }

  *at(bytes: number): Generator<Told> {
    const now = this.#clock.monotonic();
    if (now - this.#saidAt < 1000) return;
    this.#saidAt = now;
    yield { event: "progress", path: this.#path, bytes, size: this.#size };
  }
}
