import { readFile } from "node:fs/promises";

const PAGE = 4096;

/** Resident memory of a process in bytes; null where the system does not tell it, or the process is gone. */
export async function memoryOf(pid: number): Promise<number | null> {
  try {
    const [, pages = ""] = (await readFile(`/proc/${pid}/statm`, "latin1")).split(" ");
    return Number(pages) * PAGE;
  } catch {
    return null;
  }
}
