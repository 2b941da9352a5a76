import type { Subprocess } from "bun";

/** How a process ended: its exit code, or the signal that ended it. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | number | null;
}

export interface ChildOptions {
  /** The environment, whole: nothing is added to it. Absent: this process' own. */
  env?: Record<string, string>;
  cwd?: string;
  /**
   * A session and process group of its own, so that a Ctrl-C at the terminal reaches only the parent,
   * which then stops its children in order.
   */
  detached?: boolean;
  /** Called with every chunk of standard error, beside keeping it. */
  onStderr?: (text: string) => void;
}

export interface WaitOptions {
  /** Milliseconds until the wait is given up. Default 15,000. */
  deadline?: number;
  /** Only what was printed after this mark, see {@link Child.mark}. Default: everything kept. */
  from?: number;
}

/** A child process whose output is kept, bounded, and can be waited for. */
export interface Child {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** The last 256 KiB it printed, both streams as they came. */
  output(): string;
  /** The last 256 KiB of standard output alone. */
  stdout(): string;
  /** A position in the output, to wait only for what comes after. */
  mark(): number;
  /** Resolves as soon as the output matches. Rejects at the deadline or when the child ends before. */
  waitFor(pattern: RegExp, options?: WaitOptions): Promise<RegExpMatchArray>;
  write(text: string): void;
  closeStdin(): void;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after `grace` milliseconds (default 10,000). Idempotent. */
  stop(grace?: number): Promise<Exit>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts `command`; its standard input is a pipe that stays open until {@link Child.closeStdin}. */
export function startChild(command: string[], options: ChildOptions = {}): Child {
  const output = new Transcript();
  const stdout = new Transcript();
  const process = Bun.spawn(command, {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    detached: options.detached ?? false,
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const drained = Promise.all([
    pump(process.stdout, (text) => {
      stdout.append(text);
      output.append(text);
    }),
    pump(process.stderr, (text) => {
      options.onStderr?.(text);
      output.append(text);
    }),
  ]);
  return childOf(process, command, output, stdout, drained);
}

type Piped = Subprocess<"pipe", "pipe", "pipe">;

function childOf(
  process: Piped,
  command: string[],
  output: Transcript,
  stdout: Transcript,
  drained: Promise<unknown>,
): Child {
  const exited = process.exited.then(() => ({ code: process.exitCode, signal: process.signalCode }));
  // A grandchild may hold the pipes open after the child is gone; its words are waited for only shortly.
  exited.then(async () => {
    await Promise.race([drained, Bun.sleep(200)]);
    output.end(`ended with ${process.signalCode ?? `exit code ${process.exitCode}`}`);
  });
  const stop = async (grace = 10_000) => {
    process.kill("SIGTERM");
    const timer = setTimeout(() => process.kill("SIGKILL"), grace);
    const exit = await exited;
    clearTimeout(timer);
    return exit;
  };
  return {
    pid: process.pid,
    exited,
    output: () => output.text(),
    stdout: () => stdout.text(),
    mark: () => output.printed,
    waitFor: (pattern, wait) => output.waitFor(pattern, command.join(" "), wait),
    write: (text) => void process.stdin.write(text),
    closeStdin: () => void process.stdin.end(),
    kill: (signal) => process.kill(signal),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

async function pump(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) take(decoder.decode(chunk, { stream: true }));
}

const KEPT = 256 * 1024;

/** What a process printed: its last {@link KEPT} characters, and who waits for more. */
class Transcript {
  printed = 0;
  #kept = "";
  #ended: string | null = null;
  #waiting = new Set<() => void>();

  text(): string {
    return this.#kept;
  }

  append(text: string): void {
    this.printed += text.length;
    this.#kept = (this.#kept + text).slice(-KEPT);
    for (const check of this.#waiting) check();
  }

  end(reason: string): void {
    this.#ended = reason;
    for (const check of this.#waiting) check();
  }

  waitFor(pattern: RegExp, who: string, options: WaitOptions = {}): Promise<RegExpMatchArray> {
    const deadline = options.deadline ?? 15_000;
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        settle();
      };
      const fail = (why: string) =>
        done(() =>
          reject(
            new Error(`${who}: ${why}, waiting for ${pattern}. It printed:\n${this.#kept.slice(-4000)}`),
          ),
        );
      const check = () => {
        const match = this.#after(options.from ?? 0).match(pattern);
        if (match !== null) done(() => resolve(match));
        else if (this.#ended !== null) fail(this.#ended);
      };
      const timer = setTimeout(() => fail(`${deadline} ms passed`), deadline);
      this.#waiting.add(check);
      check();
    });
  }

  #after(mark: number): string {
    return this.#kept.slice(Math.max(0, mark - (this.printed - this.#kept.length)));
  }
}
