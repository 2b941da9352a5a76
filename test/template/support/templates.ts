import fc from "fast-check";

const OPTIONS = ["Filldown", "Required", "List", "Fillup", "Key"];
const WORDS = ["a", "bb", "1", "22", "x-1", "up", "é"];
const REGEXES = [
  "\\S+",
  "\\w+",
  "\\d+",
  ".*?",
  "a|bb|up",
  "\\S*",
  "\\S",
  "(?i:UP|\\w)",
  "(\\w)\\S*",
  "[a-z]{1,2}",
];

interface Shape {
  values: string[];
  states: string[];
}

/** Options that may be combined; now and then one twice, or one that does not exist. */
const options: fc.Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: fc.constant("") },
  { weight: 30, arbitrary: fc.subarray(OPTIONS, { minLength: 1, maxLength: 2 }).chain(shuffled) },
  { weight: 1, arbitrary: fc.constantFrom("List,List", "Filldown,", "Filldow", "required") },
);

function shuffled(items: string[]): fc.Arbitrary<string> {
  return fc.shuffledSubarray(items, { minLength: items.length }).map((all) => all.join(","));
}

/** Groups of its own only for one: their names may not occur twice in a rule. */
const regexOf = (name: string): fc.Arbitrary<string> =>
  name === "A"
    ? fc.constantFrom(...REGEXES, "(?P<k>\\w)(?P<v>\\d*)", "(?P<k>x)?\\w*")
    : fc.constantFrom(...REGEXES);

const value = (name: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      options,
      regexOf(name),
      fc.oneof(
        { weight: 40, arbitrary: fc.constant("ok") },
        { weight: 1, arbitrary: fc.constantFrom("open", "bare", "short", "spaced") },
      ),
    )
    .map(
      ([options, regex, how]) => `Value ${options === "" ? "" : `${options} `}${name}${BROKEN[how]?.(regex)}`,
    );

const BROKEN: Record<string, (regex: string) => string> = {
  ok: (regex) => ` (${regex})`,
  open: (regex) => ` (${regex}`,
  bare: (regex) => ` ${regex}`,
  short: () => "",
  spaced: (regex) => `  (${regex})`,
};

/** Between values: what a line has there. */
const glue: fc.Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom("\\s+", "\\s*", "\\s*", ".*", ".*", "", "") },
  { weight: 3, arbitrary: fc.constantFrom("\\S+", "(?:x|$$)", "$$", ...WORDS) },
  { weight: 1, arbitrary: fc.constantFrom("#", " -> ", "(?P<A>x)") },
);

const BAD_REFERENCES = ["$", "$Z", "$" + "{", "$" + "{Z}"];

/** Each value at most once, as a group's name may stand only once. */
const match = (values: string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.shuffledSubarray(values),
      fc.array(glue, { minLength: 5, maxLength: 5 }),
      fc.oneof(
        { weight: 60, arbitrary: fc.constant("") },
        { weight: 1, arbitrary: fc.constantFrom(...BAD_REFERENCES, "(", "\\q") },
      ),
      fc.boolean(),
    )
    .map(([names, glue, bad, braces]) => {
      const parts = names.map(
        (name, at) => (braces ? `\${${name}}` : `$${name}`) + separated(glue[at], braces),
      );
      return `${glue.at(-1)}${parts.join("")}${bad}`;
    });

/** Without braces, a word after a name would be part of it. */
function separated(glue = "", braces: boolean): string {
  return braces || !/^\w/.test(glue) ? glue : `\\s*${glue}`;
}

const operators: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom("", "Next", "Continue", "Record", "NoRecord", "Clear", "Clearall"),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      "Next.Record",
      "Continue.Record",
      "Next.Clear",
      "Continue.Clearall",
      "Next.NoRecord",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("Error", 'Error "it is bad"', "Error.Record X", "Record.Next", "next"),
  },
);

const action = ({ states }: Shape): fc.Arbitrary<string> =>
  fc
    .tuple(
      operators,
      fc.oneof(
        { weight: 60, arbitrary: fc.constant("") },
        { weight: 20, arbitrary: fc.constantFrom(...states) },
        { weight: 1, arbitrary: fc.constantFrom("EOF", "End", '"text"', "Nowhere", "A-b") },
      ),
    )
    .map(([operator, state]) => {
      const target =
        operator.startsWith("Continue") && states.includes(state) && state !== "Start" ? "" : state;
      return [operator, target].filter((word) => word !== "").join(" ");
    });

const rule = (shape: Shape): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.oneof(
        { weight: 90, arbitrary: fc.constantFrom("  ^", " ^", "\t^") },
        fc.constantFrom("^", "   ^", "  "),
      ),
      match(shape.values),
      fc.option(action(shape), { freq: 3 }),
      fc.constantFrom("", "", "", " ", "\r"),
    )
    .map(
      ([indent, regex, act, end]) =>
        `${indent}${indent.endsWith("^") ? "" : "^"}${regex}${act === null ? "" : ` -> ${act}`}${end}`,
    );

const state = (name: string, shape: Shape): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(rule(shape), { minLength: 1, maxLength: 4 }), fc.constantFrom("", "", "", "  # remark\n"))
    .map(([rules, comment]) => `${name}\n${comment}${rules.join("\n")}\n`);

const tail: fc.Arbitrary<string> = fc.constantFrom(
  "",
  "",
  "",
  "",
  "EOF\n",
  "End\n",
  "EOF\n  ^a\n",
  "# the end\n",
);

/** Templates most of which are valid. */
export const templates: fc.Arbitrary<string> = fc
  .tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.constantFrom<string[]>(["Start"], ["Start", "Two"], ["Start", "Two", "Tri"]),
  )
  .chain(([count, states]) => {
    const shape = { values: ["A", "B", "C", "D"].slice(0, count), states };
    return fc
      .tuple(
        fc.tuple(...shape.values.map(value)),
        fc.constantFrom("\n", "\n", "\n", "\n# more\n\n"),
        fc.tuple(...states.map((name) => state(name, shape))),
        tail,
      )
      .map(([values, gap, states, tail]) => `${values.join("\n")}\n${gap}${states.join("\n")}\n${tail}`);
  });

export const texts: fc.Arbitrary<string> = fc
  .array(
    fc
      .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 5 })
      .chain((words) => fc.constantFrom(" ", "  ", "").map((gap) => words.join(gap))),
    { minLength: 2, maxLength: 12 },
  )
  .chain((lines) => fc.constantFrom("\n", "\n", "\r\n", "\v").map((end) => lines.join(end)));
