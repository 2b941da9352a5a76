/**
 * This program again, in another role. A compiled binary is its own command; from source it is Bun with
 * the main file, without the `.env` of whatever folder it is in.
 */
export function selfCommand(role: string, ...argv: string[]): string[] {
  const compiled = !Bun.main.endsWith(".ts");
  const self = compiled ? [process.execPath] : [process.execPath, "--no-env-file", Bun.main];
  return [...self, role, ...argv];
}
