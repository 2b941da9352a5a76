import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { sweepRouters } from "../../support/frr.ts";
import { inNamespace, makeNamespace, removeNamespace } from "../../support/namespaces.ts";
import { asRoot, type Child, program, startChild } from "../../support/process.ts";
import { type TempDir, tempDir } from "../../support/tempdir.ts";
import { ROOT } from "./pages.ts";
import { missingLine, patternOf, type Step } from "./runnable.ts";

const STEP_DEADLINE = 40_000;

/**
 * Does what a page says as its reader would: types its blocks into a shell of an empty folder. The shell has a network of
 * its own, so that the ports that pages name are free. Answers with what went wrong, `null` when nothing did.
 */
export async function readAndDo(steps: readonly Step[]): Promise<string | null> {
  await sweepRouters();
  const namespace = await makeNamespace();
  const folder = tempDir("reader");
  try {
    for (const name of ["work", "path", "steps", "home", "tmp"]) mkdirSync(folder.file(name));
    symlinkSync(join(ROOT, "bin"), folder.file("work/bin"));
    // Alone: what else is in bin/ would stand before programs of the machine.
    symlinkSync(join(ROOT, "bin/netpulse"), folder.file("path/netpulse"));
    await using shell = startShell(namespace, folder);
    const reader = new Reader(shell, folder);
    for (const step of steps) {
      // Waited for in vain is as wrong as wrong.
      const problem = await reader.do(step).catch((error: Error) => error.message);
      if (problem !== null) return `line ${step.line}: ${problem}`;
    }
    return null;
  } finally {
    await removeNamespace(namespace);
    folder.remove();
  }
}

function startShell(namespace: string, folder: TempDir): Child {
  const user = [
    "--reuid",
    String(process.getuid?.()),
    "--regid",
    String(process.getgid?.()),
    "--clear-groups",
  ];
  const env = {
    PATH: `${folder.file("path")}:${process.env.PATH}:${dirname(process.execPath)}:/usr/sbin:/sbin`,
    TMPDIR: folder.file("tmp"),
    HOME: folder.file("home"),
  };
  const assigned = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const command = [program("setpriv", "util-linux"), ...user, "env", "-i", ...assigned, "bash", "--norc"];
  const shell = startChild(asRoot(inNamespace(namespace, command)), { cwd: folder.file("work") });
  // A command that fails in the middle of a block counts as much as the last one.
  shell.write("set -o errtrace -o pipefail; trap 'FAILED=$?' ERR\n");
  return shell;
}

/** Types one step after the other. */
class Reader {
  readonly #shell: Child;
  readonly #folder: TempDir;
  #count = 0;

  constructor(shell: Child, folder: TempDir) {
    this.#shell = shell;
    this.#folder = folder;
  }

  async do(step: Step): Promise<string | null> {
    this.#count += 1;
    switch (step.kind) {
      case "file":
        await Bun.write(this.#folder.file(`work/${step.name}`), step.code);
        return null;
      case "service":
        return await this.#serve(step);
      case "run":
        return await this.#run(step);
    }
  }

  async #run(step: Step & { kind: "run" }): Promise<string | null> {
    const script = await this.#write(step.code, step.language);
    const command = step.language === "sh" ? `source ${script}` : `/usr/bin/python3 ${script}`;
    const printed = `${script}.out`;
    const done = `done ${this.#count}`;
    // On a line of its own, also where a service is in the middle of one.
    this.#shell.write(
      `FAILED=0; ${command} >${printed} 2>&1 </dev/null; printf '\\n%s\\n' "${done} $FAILED"\n`,
    );
    const [, status = ""] = await this.#shell
      .waitFor(new RegExp(`^${done} (\\d+)$`, "m"), { deadline: STEP_DEADLINE })
      .catch((error: Error) => {
        throw new Error(`${error.message}\nIts own words:\n${readFileSync(printed, "utf8")}`);
      });
    const said = readFileSync(printed, "utf8");
    if (Number(status) !== step.exit)
      return `exit code ${status}, expected ${step.exit}; it printed:\n${said}`;
    const missing = missingLine(step.output, said);
    return missing === null ? null : `did not print ${JSON.stringify(missing)}, but:\n${said}`;
  }

  /** It prints into the shell's own output, where it is waited for. */
  async #serve(step: Step & { kind: "service" }): Promise<string | null> {
    const script = await this.#write(step.code, "sh");
    const ended = `service ${this.#count} ended`;
    const from = this.#shell.mark();
    this.#shell.write(`{ bash ${script} </dev/null; printf '\\n%s\\n' "${ended}"; } &\n`);
    for (const line of step.output) {
      const pattern = patternOf(line);
      if (pattern === null) continue;
      const either = new RegExp(`${pattern.source}|^${ended}$`, "m");
      const [said] = await this.#shell.waitFor(either, { from, deadline: STEP_DEADLINE });
      if (said === ended) return `ended before it printed ${JSON.stringify(line)}: ${this.#shell.output()}`;
    }
    return null;
  }

  async #write(code: string, extension: string): Promise<string> {
    const script = this.#folder.file(`steps/${this.#count}.${extension}`);
    await Bun.write(script, code);
    return script;
  }
}
