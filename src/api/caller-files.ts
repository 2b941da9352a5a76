import { isLimited } from "../core/access.ts";
import { RequestError } from "../core/errors.ts";
import type { Caller, Engine } from "../engine/engine.ts";

/** Where downloads are, unless their request names another place. */
const DOWNLOAD = /^downloads\/(job_[0-9a-z]+)\//;

export interface CallerFilesDeps {
  callerOf(request: Request): Caller;
  engineOf(request: Request): Engine;
}

/**
 * Whether a caller may have a file of the storage folder. Files are not told apart by device: a key that is limited to
 * some has what its own devices' jobs have downloaded, and nothing that others have put there.
 */
export function callerFiles({ callerOf, engineOf }: CallerFilesDeps) {
  return async (request: Request, path: string): Promise<boolean> => {
    if (!isLimited(callerOf(request).access.devices)) return true;
    const id = DOWNLOAD.exec(path)?.[1];
    if (id === undefined) return false;
    try {
      await engineOf(request).job({ id, waitMs: 0, outputs: false, signal: request.signal });
      return true;
    } catch (error) {
      if (error instanceof RequestError) return false;
      throw error;
    }
  };
}
