/** A machine that the program can be compiled for. */
export interface Target {
  /** As it is named on the command line and in file names. */
  name: string;
  /** Bun's own name for it. */
  bun: Bun.Build.CompileTarget;
  file: string;
}

export const TARGETS: readonly Target[] = [
  target("linux-x64"),
  target("linux-arm64"),
  target("linux-x64-musl"),
  target("linux-arm64-musl"),
  target("darwin-x64"),
  target("darwin-arm64"),
  target("windows-x64", ".exe"),
];

function target(name: string, ending = ""): Target {
  return { name, bun: `bun-${name}` as Bun.Build.CompileTarget, file: `netpulse-${name}${ending}` };
}
