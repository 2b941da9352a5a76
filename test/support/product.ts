import { resolve } from "node:path";

const MAIN = resolve(import.meta.dir, "../../src/main.ts");

/** The product's command line: from source as `bin/netpulse` has it, or of the binary that `TEST_PROGRAM` names. */
export function netpulseCommand(...argv: string[]): string[] {
  const program = process.env.TEST_PROGRAM;
  return program ? [program, ...argv] : [process.execPath, "--no-env-file", MAIN, ...argv];
}

/** The same as a shell reads it, within single quotes too. */
export function typedNetpulse(): string {
  return netpulseCommand()
    .map((word) => `"${word}"`)
    .join(" ");
}
