import { TemplateError } from "../../core/errors.ts";

/** Python's `string.Template`: `$$`, `$name`, `${name}`, and any other `$`, which is an error. */
const REFERENCE = /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)\}|())/gi;

/** The values' regexes by name, and how many characters may still be made of them. */
export interface Patterns {
  byName: ReadonlyMap<string, string>;
  room: number;
}

/** Puts the values' regexes into a rule. A template without values takes rules as they are. */
export function substitute(match: string, line: number, patterns: Patterns): string {
  take(patterns, match.length, line);
  if (patterns.byName.size === 0) return match;
  return match.replace(REFERENCE, (_all, dollar?: string, plain?: string, braced?: string) => {
    if (dollar !== undefined) return "$";
    const name = plain ?? braced;
    if (name === undefined) {
      throw new TemplateError("a $ stands alone; write $$ for the end of the line, $NAME for a value", {
        line,
      });
    }
    const pattern = patterns.byName.get(name);
    if (pattern === undefined) throw new TemplateError(`there is no value named ${name}`, { line });
    take(patterns, pattern.length, line);
    return pattern;
  });
}

/** Before they are made: a small template could ask for gigabytes. */
function take(patterns: Patterns, length: number, line: number): void {
  patterns.room -= length;
  if (patterns.room < 0) {
    throw new TemplateError("the regexes of the template are too long with their values put in", { line });
  }
}
