import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { compileProgram } from "./lib/compile.ts";
import { TARGETS, type Target } from "./lib/targets.ts";

const HELP = `Makes NetPulse one file, which runs without Bun, packages or anything else beside it.

  bin/build [--target NAME]… [--all] [--outdir FOLDER]

  --target NAME     for another machine: ${TARGETS.map(({ name }) => name).join(", ")}
  --all             for this machine and for all of these
  --outdir FOLDER   where to (default: dist/ in the clone)

Without --target it is for this machine, and called netpulse; the others have their machine behind that. SHA256SUMS
beside them is for sha256sum --check. What another machine takes is fetched from the npm registry, once.

NETPULSE_COMMIT says what is built where there is no git.
Exit code 1 when one that was asked for could not be made; with --all only when that for this machine could not.
`;

const ROOT = resolve(import.meta.dir, "..");

/** What the operator has to put right; printed as one line, exit code 2. */
class Refusal extends Error {}

/** A file to be made; without a target it is for this machine. */
interface Wanted {
  file: string;
  target?: Target["bun"];
  /** Whether the build has failed without it. */
  needed: boolean;
}

async function main(): Promise<number> {
  const { values } = parse();
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const outdir = resolve(values.outdir);
  mkdirSync(outdir, { recursive: true });
  const commit = await commitOf();
  const made: string[] = [];
  let failed = false;
  for (const wanted of whatIsWanted(values.all, values.target)) {
    const problem = await make(wanted, outdir, commit);
    if (problem === null) made.push(wanted.file);
    else failed ||= wanted.needed;
    say(`${join(values.outdir, wanted.file)}: ${problem === null ? "made" : `not made: ${problem}`}`);
  }
  await Bun.write(join(outdir, "SHA256SUMS"), await checksums(outdir, made));
  return failed ? 1 : 0;
}

function parse() {
  try {
    return parseArgs({
      args: process.argv.slice(2),
      options: {
        target: { type: "string", multiple: true, default: [] },
        all: { type: "boolean", default: false },
        outdir: { type: "string", default: resolve(ROOT, "dist") },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : error} (bin/build --help says more)`);
  }
}

function whatIsWanted(all: boolean, names: string[]): Wanted[] {
  const wanted: Wanted[] = [];
  if (all || names.length === 0) wanted.push({ file: "netpulse", needed: true });
  for (const { file, bun } of all ? TARGETS : names.map(targetOf)) {
    wanted.push({ file, target: bun, needed: !all });
  }
  return wanted;
}

function targetOf(name: string): Target {
  const found = TARGETS.find((target) => target.name === name);
  if (found === undefined)
    throw new Refusal(`no target ${name}; there are ${TARGETS.map((each) => each.name).join(", ")}`);
  return found;
}

/** Answers with why it could not be made, or `null`. A file that is there is replaced in one moment, or left. */
async function make({ file, target }: Wanted, outdir: string, commit: string): Promise<string | null> {
  const workplace = mkdtempSync(join(outdir, ".building-"));
  // The bundler writes the file's name into it: the same one gives the same bytes.
  const unfinished = join(workplace, file);
  try {
    await compileProgram({ outfile: unfinished, commit, ...(target === undefined ? {} : { target }) });
    if (target === undefined) await mustStart(unfinished, commit);
    renameSync(unfinished, join(outdir, file));
    return null;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").slice(0, 300);
  } finally {
    rmSync(workplace, { recursive: true, force: true });
  }
}

async function mustStart(program: string, commit: string): Promise<void> {
  const { stdout, stderr } = await Bun.$`${program} --version`.env({}).cwd("/").nothrow().quiet();
  if (!stdout.toString().includes(commit)) throw new Error(`it does not start: ${stderr}${stdout}`);
}

/** Of the clone, with a mark when files differ from it. */
async function commitOf(): Promise<string> {
  const given = process.env.NETPULSE_COMMIT;
  if (given) return given;
  const git = Bun.$.cwd(ROOT).nothrow();
  const head = await git`git rev-parse --short=12 HEAD`.quiet();
  if (head.exitCode !== 0) return "unknown";
  const changes = await git`git status --porcelain --untracked-files=no`.quiet();
  return `${head.stdout.toString().trim()}${changes.stdout.length > 0 ? "-changed" : ""}`;
}

async function checksums(outdir: string, files: string[]): Promise<string> {
  const lines = files.map(async (file) => {
    const bytes = await Bun.file(join(outdir, file)).bytes();
    return `${new Bun.CryptoHasher("sha256").update(bytes).digest("hex")}  ${file}\n`;
  });
  return (await Promise.all(lines)).join("");
}

function say(text: string): void {
  process.stderr.write(`bin/build: ${text}\n`);
}

try {
  process.exit(await main());
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  say(error.message);
  process.exit(2);
}
