import { parsed } from "./raw-json.ts";
import type { Encoding } from "./rpc.ts";

/** What a command printed: its text, or its data as the device wrote it. */
export function outputOf(result: string, encoding: Encoding): string {
  if (encoding === "json") return line(result);
  const value = fields(result);
  return typeof value.output === "string" ? line(value.output) : messagesOf(value, "messages", "warnings");
}

/** What the device says of a command that failed. */
export function wordsOf(result: string | undefined): string {
  const value = fields(result ?? "");
  const said = messagesOf(value, "errors", "messages");
  return (said === "" && typeof value.output === "string" ? value.output : said).trim();
}

function messagesOf(value: Record<string, unknown>, ...names: string[]): string {
  const texts = names.flatMap((name) => value[name]).filter((text) => typeof text === "string");
  return line(texts.join("\n"));
}

function fields(result: string): Record<string, unknown> {
  const value = parsed(result);
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function line(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
