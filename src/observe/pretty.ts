import type { DestinationStream } from "pino";
import type { WrittenError } from "./fields.ts";

const COLOURS: Record<string, number> = { debug: 90, info: 32, warn: 33, error: 31 };

/** Rewrites JSON lines as `12:00:00.123 info  message  name=value …` before they go to `target`. */
export function prettyDestination(target: DestinationStream): DestinationStream {
  return { write: (line) => target.write(prettyLine(line)) };
}

function prettyLine(line: string): string {
  const { level, time, message, error, ...fields } = JSON.parse(line);
  const clock = String(time).slice(11, 23);
  const colour = COLOURS[String(level)] ?? 0;
  const head = `${clock} \u001b[${colour}m${String(level).padEnd(5)}\u001b[0m ${visible(String(message))}`;
  const pairs = Object.entries(fields).map(([name, value]) => `  ${name}=${quoted(value)}`);
  return `${head}${pairs.join("")}${error ? errorLines(error) : ""}\n`;
}

function quoted(value: unknown): string {
  const text = visible(String(value));
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

/** What a device or a client sent must not move the reader's cursor or forge a line. */
function visible(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function errorLines({ type, message, stack, cause }: WrittenError): string {
  const lines = (stack ?? `${type}: ${message}`).split("\n").map((line) => `\n    ${visible(line)}`);
  return lines.join("") + (cause ? `\n    caused by${errorLines(cause)}` : "");
}
