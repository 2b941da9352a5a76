import type { Clock } from "../core/clock.ts";
import { DeviceError, type FileFolder, type TransferTask } from "../device/driver.ts";
import { RemoteFolder } from "../files/remote.ts";
import type { FileTerms } from "../ipc/messages.ts";

/** Finds the files of transfers: in the node's own storage folder, or with the API that has taken them. */
export class TransferFolders {
  readonly #open: (terms: FileTerms) => Promise<FileFolder>;
  readonly #clock: Clock;
  #terms: FileTerms | null = null;
  #own: Promise<FileFolder> | null = null;

  constructor(open: (terms: FileTerms) => Promise<FileFolder>, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  /** As the node's hello says, which comes before every run. */
  configure(terms: FileTerms): void {
    this.#terms = terms;
  }

  /** Where the files of each transfer are. */
  async of({ folder, grants }: TransferTask, signal: AbortSignal): Promise<(index: number) => FileFolder> {
    const terms = this.#terms;
    if (terms === null) throw new Error("a run came before the node's hello");
    const own = await this.#openOwn(terms);
    if (own.id === folder) return () => own;
    const { url } = terms;
    if (url === null) throw elsewhere();
    const clock = this.#clock;
    return (index) => new RemoteFolder({ url, grant: grants[index] ?? "", folder, own, clock, signal });
  }

  /** When it is first needed; a folder that could not be had is tried again. */
  #openOwn(terms: FileTerms): Promise<FileFolder> {
    this.#own ??= this.#open(terms).catch((error) => {
      this.#own = null;
      throw error;
    });
    return this.#own;
  }
}

function elsewhere(): DeviceError {
  return new DeviceError(
    "CommandError",
    "the files of this request are on another machine: let this node's storage_files.url be the API's address, or storage_files.dir of both be one shared folder",
  );
}
