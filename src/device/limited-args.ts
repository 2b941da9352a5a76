import { DeviceError, type LinePermit, type Operation } from "./driver.ts";

/**
 * For jobs whose API key limits what they may have typed: throws when they bring more than `harmless` options. Those
 * either send nothing, or only what the permit is asked about. What nobody has thought of is refused.
 */
export function assertHarmless(
  args: object,
  harmless: readonly string[],
  { permit, kind }: { permit: LinePermit; kind: Operation["kind"] },
): void {
  const beside = Object.keys(args).filter((name) => !harmless.includes(name));
  if (!permit.limited || beside.length === 0) return;
  throw new DeviceError(
    kind === "config" ? "ConfigError" : "CommandError",
    `the rules of the job's API key limit it to lines; leave out driver_args.${beside.join(", driver_args.")}`,
  );
}
