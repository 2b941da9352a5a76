/** `local SEQ, ORDINAL = 1, 2`, from the beginning of a line; may go on over several lines. */
const NAME = "[A-Z][A-Z0-9_]*";
const NUMBER = "-?\\d+(?:[ ]*\\*[ ]*\\d+)*";
const list = (item: string) => `${item}(?:,\\s*${item})*`;
const DECLARATION = new RegExp(`^local (${list(NAME)})\\s*=\\s*(${list(NUMBER)})[ \\t]*$`, "gm");

/** Text and comments stay as they are. */
const TOKEN = new RegExp(`"(?:\\\\.|[^"\\\\])*"|--[^\\n]*|\\b${NAME}\\b`, "g");

function inPlace(number: string): string {
  return number.includes("*") ? `(${number})` : number;
}

/**
 * Puts the numbers that a Lua script names at its top in place of their names. A local that functions use is kept
 * alive for each of them and for each run of the script anew: without the names of a job's positions alone a claim
 * costs Redis a fifth less. Lines keep their numbers.
 */
export function withConstantsInPlace(source: string): string {
  const values = new Map<string, string>();
  const rest = source.replace(DECLARATION, (declaration, names: string, numbers: string) => {
    const given = numbers.split(",").map((number) => number.trim());
    const named = names.split(",").map((name) => name.trim());
    if (given.length !== named.length) return declaration;
    for (const [n, name] of named.entries()) values.set(name, inPlace(given[n] ?? ""));
    return "\n".repeat(declaration.split("\n").length - 1);
  });
  return rest.replace(TOKEN, (token) => values.get(token) ?? token);
}
