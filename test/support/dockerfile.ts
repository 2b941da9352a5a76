/** One instruction of a Dockerfile, on one line. */
export interface Instruction {
  name: string;
  words: string;
}

export function readDockerfile(text: string): Instruction[] {
  return text
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, name = "", words = ""] = line.match(/^(\w+)\s+(.*)$/) ?? [];
      return { name: name.toUpperCase(), words: words.trim() };
    });
}

/** The instructions of each stage, its FROM first; those before the first are in none. */
export function stagesOf(instructions: readonly Instruction[]): Instruction[][] {
  const stages: Instruction[][] = [];
  for (const instruction of instructions) {
    if (instruction.name === "FROM") stages.push([]);
    stages.at(-1)?.push(instruction);
  }
  return stages;
}

/** What stands behind an instruction that a stage has once. */
export function wordsOf(stage: readonly Instruction[], name: string): string {
  const found = stage.filter((instruction) => instruction.name === name);
  if (found.length !== 1) throw new Error(`the stage has ${found.length} ${name}`);
  return found[0]?.words ?? "";
}

/** `A=1 B=2` */
export function variablesOf(words: string): Record<string, string> {
  return Object.fromEntries([...words.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]));
}
