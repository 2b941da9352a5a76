/** A terminal's whole screen and its keys, until it is given back as it was. */
export interface FullScreen {
  readonly rows: number;
  /** What it shows from now on, from its first line on. */
  draw(lines: readonly string[]): void;
  leave(): void;
}

export interface ScreenEvents {
  /** One key, or the characters that the terminal sends for it. */
  key(key: string): void;
  resized(): void;
}

// The alternate screen, so that what stood there comes back; no cursor; no line breaks of the terminal's own.
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";

export function systemFullScreen(events: ScreenEvents): FullScreen {
  const { stdin, stdout } = process;
  const take = (chunk: Buffer) => {
    for (const key of String(chunk)) events.key(key);
  };
  const keys = stdin.isTTY === true;
  const leave = once(() => {
    process.off("exit", leave);
    for (const signal of SIGNALS) process.off(signal, end);
    stdout.off("resize", events.resized);
    if (keys) {
      stdin.off("data", take);
      stdin.setRawMode(false);
      stdin.pause();
    }
    stdout.write(LEAVE);
  });
  const end = () => {
    try {
      leave();
    } finally {
      // A terminal that is gone cannot be given back.
      process.exit(ENDED_BY_SIGNAL);
    }
  };
  stdout.write(ENTER);
  if (keys) {
    stdin.setRawMode(true);
    stdin.on("data", take);
    stdin.resume();
  }
  stdout.on("resize", events.resized);
  // However it ends: nobody wants to type blindly.
  process.on("exit", leave);
  for (const signal of SIGNALS) process.on(signal, end);
  return {
    get rows() {
      return stdout.rows || 24;
    },
    draw(lines) {
      const shown = Array.from({ length: stdout.rows || 24 }, (_, row) => lines[row] ?? "");
      // Erased before and not behind: there it would take the last column with it.
      stdout.write(`\x1b[H${shown.map((line) => `\x1b[2K${line}`).join("\r\n")}`);
    },
    leave,
  };
}

const SIGNALS = ["SIGTERM", "SIGHUP"] as const;
const ENDED_BY_SIGNAL = 143;

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
