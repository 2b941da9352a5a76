import { type Block, blocksOf } from "./pages.ts";

/** What a page lets be run, in its order. `line` is that of the block's fence. */
export type Step =
  | { kind: "run"; line: number; language: Language; code: string; exit: number; output: string[] }
  | { kind: "service"; line: number; code: string; output: string[] }
  | { kind: "file"; line: number; name: string; code: string };

export type Language = "sh" | "python";

const LANGUAGES: readonly string[] = ["sh", "python"] satisfies Language[];

/**
 * The steps of a page: blocks marked behind their fence with `runnable` (and `service` for what goes on running, `exit=N`
 * for what must end so) or with `file=NAME`. A block `text output` right behind one is what it must print.
 */
export function stepsOf(text: string): Step[] {
  const steps: Step[] = [];
  let last: Step | null = null;
  for (const block of blocksOf(text)) {
    if (isOutput(block)) last = withOutput(last, block, steps);
    else {
      last = stepOf(block);
      if (last !== null) steps.push(last);
    }
  }
  for (const step of steps) {
    if (step.kind === "service" && step.output.length === 0)
      throw wrong(step, "a service needs an output to wait for");
  }
  return steps;
}

function stepOf(block: Block): Step | null {
  const { line, language, words, code } = block;
  const unknown = words.find((word) => !/^(runnable|service|exit=\d+|file=\S+)$/.test(word));
  if (unknown !== undefined) throw wrong(block, `says ${unknown}, which means nothing`);
  const name = given(words, "file");
  if (name !== null) return { kind: "file", line, name: insideFolder(block, name), code };
  if (!words.includes("runnable")) {
    if (words.length > 0) throw wrong(block, `says ${words.join(" ")} without runnable`);
    return null;
  }
  if (!isLanguage(language)) throw wrong(block, `is ${language}; what can be run is ${LANGUAGES.join(", ")}`);
  if (words.includes("service")) return { kind: "service", line, code, output: [] };
  return { kind: "run", line, language, code, exit: Number(given(words, "exit") ?? 0), output: [] };
}

function isOutput({ language, words }: Block): boolean {
  return language === "text" && words[0] === "output";
}

function withOutput(step: Step | null, block: Block, steps: Step[]): Step | null {
  if (step === null || step.kind === "file") throw wrong(block, "is the output of no block that is run");
  step.output.push(...block.code.split("\n").slice(0, -1));
  steps[steps.length - 1] = step;
  return null;
}

function given(words: readonly string[], name: string): string | null {
  const word = words.find((each) => each.startsWith(`${name}=`));
  return word === undefined ? null : word.slice(name.length + 1);
}

function insideFolder(block: Block, name: string): string {
  if (name.startsWith("/") || name.split("/").includes(".."))
    throw wrong(block, `writes ${name}, outside its folder`);
  return name;
}

function isLanguage(language: string): language is Language {
  return LANGUAGES.includes(language);
}

function wrong({ line }: { line: number }, what: string): Error {
  return new Error(`the block of line ${line} ${what}`);
}

/**
 * The first of the lines expected that is not printed, `null` when all are: each in its turn, others may stand between
 * them. `…` stands for any characters; a line of it alone for any lines.
 */
export function missingLine(expected: readonly string[], printed: string): string | null {
  const lines = printed.split("\n").map((line) => line.trimEnd());
  let at = 0;
  for (const each of expected) {
    const pattern = patternOf(each);
    if (pattern === null) continue;
    const found = lines.findIndex((line, index) => index >= at && pattern.test(line));
    if (found < 0) return each;
    at = found + 1;
  }
  return null;
}

/** Of a line that is expected; `null` when it says nothing. */
export function patternOf(line: string): RegExp | null {
  const text = line.trimEnd();
  if (text === "" || text.trim() === "…") return null;
  const parts = text.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}\\s*$`, "m");
}
