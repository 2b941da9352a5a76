import { DeviceError, FileError } from "../../../src/device/driver.ts";

/** What is wrong with a file of ours, as the job's error. */
export async function onFile<T>(path: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof FileError) throw localProblem(path, error.message);
    throw error;
  }
}

export function localProblem(path: string, what: string): DeviceError {
  return new DeviceError("CommandError", `${JSON.stringify(path)} ${what}`);
}
