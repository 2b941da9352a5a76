import { TemplateError } from "../../core/errors.ts";
import { type Arguments, readArguments } from "./python-literal.ts";
import { readPythonString } from "./python-string.ts";

/** A function of a template with what it is called with. */
export interface Call extends Arguments {
  name: string;
  line: number;
}

/** `name | one | two('x', y=1)`, each of them a call. */
export function parseCalls(text: string, line: number): Call[] {
  return split(text)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => parseCall(part, line));
}

/** What an attribute calls: `contains="a, b"` is `contains(a, b)`. */
export function callOf(name: string, args: string, line: number): Call {
  return { name, line, ...readArguments(args, line) };
}

function parseCall(text: string, line: number): Call {
  const [, name, args = ""] = /^([^\s()]+)\s*(?:\(([\s\S]*)\))?$/.exec(text) ?? [];
  if (name === undefined) {
    throw new TemplateError(`"${text}" is neither a name nor a call; write name or name("argument")`, {
      line,
    });
  }
  return callOf(name, args, line);
}

/** At each `|` outside of quotes. */
function split(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const string = /["']/.test(text.charAt(at)) ? readPythonString(text, at) : null;
    if (string !== null) at = string.end - 1;
    else if (text.charAt(at) === "|") {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}
