import type { CliDriverArgs } from "./args.ts";
import { literally, type Manner } from "./engine/manner.ts";
import { type Answer, type CliCommandArgs, MAX_READ_SECONDS } from "./line-args.ts";
import type { Question } from "./platform.ts";

/** Seconds of silence that end a wait when the job says nothing else. */
export const DEFAULT_READ_SECONDS = 60;

/** What a session says for all its lines. */
export interface Habits {
  /** Each instead of what a job says. */
  readSeconds: number | undefined;
  verify: boolean | undefined;
}

/** `own` is what stood beside the command. */
export function mannerOf(job: CliDriverArgs, own: CliCommandArgs, habits: Habits): Manner {
  const args = { ...job, ...own };
  return {
    // 0 stands for no limit; a run has one of its own.
    seconds: (habits.readSeconds ?? args.read_timeout ?? DEFAULT_READ_SECONDS) || MAX_READ_SECONDS,
    expects: args.expect_string ?? null,
    refuses: job.error_pattern ?? null,
    answers: (args.answers ?? []).map(questionOf),
    stripPrompt: args.strip_prompt ?? true,
    stripCommand: args.strip_command ?? true,
    unverified: !(habits.verify ?? args.cmd_verify ?? true),
    stopAfter: own.stop_after ?? null,
    closes: own.expect_close ?? false,
  };
}

function questionOf({ question, answer }: Answer): Question {
  return { asks: literally(question), answer: { text: answer }, loose: true };
}
