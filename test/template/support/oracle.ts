import { run } from "../../support/process.ts";

/** Asks one of the Python programs beside this file, which answer a JSON list with one as long. */
export async function askPython<Q, A>(program: string, questions: readonly Q[]): Promise<A[]> {
  const file = new URL(program, import.meta.url).pathname;
  const { code, stdout, stderr } = await run(["/usr/bin/python3", "-W", "ignore", file], {
    stdin: JSON.stringify(questions),
  });
  if (code !== 0) throw new Error(`${program}: exit code ${code}\n${stderr}`);
  const answers = JSON.parse(stdout) as A[];
  if (answers.length !== questions.length) throw new Error(`${program} answered ${answers.length} questions`);
  return answers;
}
