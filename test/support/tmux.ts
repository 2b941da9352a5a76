import { until } from "../e2e/support/until.ts";
import { must, program, startChild } from "./process.ts";
import { tempDir } from "./tempdir.ts";

/** A command starts in a second, on a machine that does much else in several. */
const DEADLINE = 30_000;

/** A real terminal with a shell in it. */
export interface TmuxTerminal {
  /** Types text, or presses keys as tmux names them (`C-c`, `Enter`). */
  type(text: string): Promise<void>;
  press(key: string): Promise<void>;
  /** What it shows, with the codes of colours where wanted. */
  screen(options?: { codes?: boolean }): Promise<string>;
  /** Resolves with what it shows once that matches. */
  shows(pattern: RegExp): Promise<string>;
  clear(): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface TmuxOptions {
  env: Record<string, string>;
  columns?: number;
  rows?: number;
}

export async function startTmux({ env, columns = 120, rows = 40 }: TmuxOptions): Promise<TmuxTerminal> {
  const folder = tempDir("tmux");
  const tmux = program("tmux", "tmux");
  const socket = folder.file("socket");
  await Bun.write(
    folder.file("tmux.conf"),
    "set -s exit-empty off\nset -g default-terminal screen-256color\n",
  );
  const base = [tmux, "-S", socket, "-f", folder.file("tmux.conf")];
  const own = {
    PATH: process.env.PATH ?? "",
    TMPDIR: process.env.TMPDIR ?? "/tmp",
    LC_ALL: "C.UTF-8",
    HOME: folder.path,
  };
  const server = startChild([...base, "-D"], { env: own });
  const call = (...args: string[]) => must([...base, ...args], { env: own });
  await until("tmux listens", async () =>
    (await call("start-server").catch(() => null)) === null ? null : true,
  );
  const shell = [
    "env",
    "-i",
    ...Object.entries({ ...own, PS1: "$ ", TERM: "screen-256color", ...env }).map((pair) => pair.join("=")),
    "sh",
  ];
  await call("new-session", "-d", "-s", "t", "-x", String(columns), "-y", String(rows), ...shell);
  const screen = ({ codes = false } = {}) =>
    call("capture-pane", "-p", "-J", ...(codes ? ["-e"] : []), "-t", "t");
  return {
    type: async (text) => void (await call("send-keys", "-t", "t", "-l", text)),
    press: async (key) => void (await call("send-keys", "-t", "t", key)),
    screen,
    async shows(pattern) {
      let last = "";
      try {
        return await until(
          `the terminal shows ${pattern}`,
          async () => {
            last = await screen();
            return pattern.test(last) ? last : null;
          },
          DEADLINE,
        );
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : error}; it shows\n${last}`);
      }
    },
    async clear() {
      await call("send-keys", "-t", "t", "-R");
      await call("clear-history", "-t", "t");
    },
    resize: async (columns, rows) =>
      void (await call("resize-window", "-t", "t", "-x", String(columns), "-y", String(rows))),
    async [Symbol.asyncDispose]() {
      await call("kill-server").catch(() => {});
      await server.stop();
      folder.remove();
    },
  };
}
