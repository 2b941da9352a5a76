import type { FileFolder } from "../../src/device/driver.ts";

/** For what has nothing to do with files. */
export const FILE_TERMS = { dir: "/nonexistent", maxSize: 1, url: null };

export function noFiles(): Promise<FileFolder> {
  return Promise.reject(new Error("this test has no storage folder"));
}
