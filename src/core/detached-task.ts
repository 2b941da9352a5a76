/** `launching`: its job has not said anything yet. `lost`: it has ended without leaving word. */
export const TASK_STATES = ["launching", "running", "exited", "lost"] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** What a job's task is called: whoever knows the job knows the task. */
export function taskOfJob(jobId: string): string {
  return `task_${jobId.replace(/^job_/, "")}`;
}

export const TASK_ID = /^task_[0-9a-z]{16,40}$/;
