import { withConstantsInPlace } from "./constants.ts";
import type { Script } from "./link.ts";
import { INCLUDES } from "./lua/include/index.ts";

export type Includes = Readonly<Record<string, string>>;

/** `--- @include now` on a line of its own. */
const DIRECTIVE = /^[ \t]*--- @include\b[ \t]*(.*?)[ \t]*$/;

/**
 * Makes a Lua file ready to be sent: `const CLAIM = script("claim", source)` with the text of `claim.lua`. Numbers
 * that it names at its top stand in place of their names. Each include stands where it is named first, once. An
 * include that is unknown or includes itself throws an `Error` that names file and line: a fault in our files, never
 * of an operator.
 */
export function script(name: string, source: string, includes: Includes = INCLUDES): Script {
  const whole = withConstantsInPlace(new Resolver(includes).resolve(`${name}.lua`, source));
  return { name, source: whole, sha: new Bun.CryptoHasher("sha1").update(whole).digest("hex") };
}

class Resolver {
  readonly #includes: Includes;
  readonly #done = new Set<string>();
  /** Those whose lines are being read, outermost first. */
  readonly #open: string[] = [];

  constructor(includes: Includes) {
    this.#includes = includes;
  }

  resolve(file: string, source: string): string {
    const lines = source.split("\n").map((line, index) => {
      const [, name] = DIRECTIVE.exec(line) ?? [];
      return name === undefined ? line : this.#include(name, `${file}:${index + 1}`);
    });
    return lines.join("\n");
  }

  #include(name: string, place: string): string {
    if (this.#open.includes(name)) {
      throw new Error(`${place}: an include that includes itself: ${[...this.#open, name].join(" -> ")}`);
    }
    if (this.#done.has(name)) return "";
    const source = Object.hasOwn(this.#includes, name) ? this.#includes[name] : undefined;
    if (source === undefined) {
      const known = Object.keys(this.#includes).sort().join(", ");
      throw new Error(`${place}: there is no include "${name}"; there are: ${known}`);
    }
    this.#open.push(name);
    const text = this.resolve(`include/${name}.lua`, source).trimEnd();
    this.#open.pop();
    this.#done.add(name);
    return text;
  }
}
