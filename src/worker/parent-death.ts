import { dlopen } from "bun:ffi";

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/**
 * Has the kernel kill this process when its parent dies. The end of standard input says so as well, but a process that
 * hangs does not hear it, and would hold its devices' lines for ever. False where the system cannot do it (Linux with
 * glibc can).
 */
export function dieWithParent(): boolean {
  try {
    const { symbols } = dlopen("libc.so.6", {
      prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
    });
    return symbols.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) === 0;
  } catch {
    return false;
  }
}
