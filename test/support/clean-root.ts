import { cpSync, mkdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { asRoot, must } from "./process.ts";
import type { TempDir } from "./tempdir.ts";

/** A file system with nothing in it but one program and the libraries that it names, to be root of. */
export interface CleanRoot {
  readonly path: string;
  /** The command line that runs the program there as a user without a name, on a root that nobody can write to. */
  command(argv: readonly string[], env: Readonly<Record<string, string>>): string[];
}

export interface CleanRootOptions {
  folder: TempDir;
  /** On this machine, and where it is to be. */
  program: { from: string; to: string };
  uid: string;
  /** Folders that the user may write to; they are new for each command. */
  writable: readonly string[];
}

export async function cleanRoot({ folder, program, uid, writable }: CleanRootOptions): Promise<CleanRoot> {
  const { path } = folder;
  for (const each of [program, ...(await librariesOf(program.from))]) {
    const to = join(path, each.to);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(realpathSync(each.from), to);
  }
  for (const each of ["proc", "dev", ...writable]) mkdirSync(join(path, each), { recursive: true });
  // In a namespace of their own the mounts end with the program.
  const mounts = [
    `mount --bind '${path}' '${path}'`,
    `mount --rbind /proc '${path}/proc'`,
    `mount --rbind /dev '${path}/dev'`,
    ...writable.map((each) => `mount -t tmpfs -o uid=${uid},gid=${uid},mode=0700 tmpfs '${path}${each}'`),
    `mount -o remount,bind,ro '${path}'`,
    `exec chroot --userspec=${uid}:${uid} '${path}' "$@"`,
  ];
  const script = `set -e\n${mounts.join("\n")}`;
  return {
    path,
    command: (argv, env) => {
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      const run = [
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-c",
        script,
        "sh",
        program.to,
        ...argv,
      ];
      return asRoot(["env", ...variables, ...run]);
    },
  };
}

/** As the dynamic linker finds them; itself among them. */
async function librariesOf(file: string): Promise<{ from: string; to: string }[]> {
  const listed = await must(["ldd", file]);
  return [...listed.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => ({ from: path, to: path }));
}
