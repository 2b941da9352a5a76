import { TemplateError } from "../../core/errors.ts";

/** Python's `string.Template`: `$$`, `$name`, `${name}`, and any other `$`, which is an error. */
const REFERENCE = /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)\}|())/gi;

/** Puts the values' regexes into a rule. A template without values takes rules as they are. */
export function substitute(match: string, line: number, patterns: ReadonlyMap<string, string>): string {
  if (patterns.size === 0) return match;
  return match.replace(REFERENCE, (_all, dollar?: string, plain?: string, braced?: string) => {
    if (dollar !== undefined) return "$";
    const name = plain ?? braced;
    if (name === undefined) {
      throw new TemplateError("a $ stands alone; write $$ for the end of the line, $NAME for a value", {
        line,
      });
    }
    const pattern = patterns.get(name);
    if (pattern === undefined) throw new TemplateError(`there is no value named ${name}`, { line });
    return pattern;
  });
}
