import type { CliDriverArgs } from "./args.ts";
import { literally, type Manner } from "./engine/manner.ts";
import type { Answer, CliCommandArgs } from "./line-args.ts";
import type { Question } from "./platform.ts";

/** Seconds of silence that end a wait when the job says nothing else. */
export const DEFAULT_READ_SECONDS = 60;

/** What a session says for all its lines. */
export interface Habits {
  /** Instead of what a job says. */
  readSeconds: number | undefined;
  unverified: boolean;
}

/** `own` is what stood beside the command. */
export function mannerOf(job: CliDriverArgs, own: CliCommandArgs, habits: Habits): Manner {
  const args = { ...job, ...own };
  return {
    seconds: habits.readSeconds ?? args.read_timeout ?? DEFAULT_READ_SECONDS,
    expects: args.expect_string ?? null,
    refuses: null,
    answers: (args.answers ?? []).map(questionOf),
    stripPrompt: args.strip_prompt ?? true,
    stripCommand: args.strip_command ?? true,
    unverified: habits.unverified || args.cmd_verify === false,
    stopAfter: own.stop_after ?? null,
    closes: own.expect_close ?? false,
  };
}

function questionOf({ question, answer }: Answer): Question {
  return { asks: literally(question), answer: { text: answer }, loose: true };
}
