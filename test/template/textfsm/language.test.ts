import { describe, expect, test } from "bun:test";
import { type Answer, compareTextFsm } from "../support/compare.ts";

/** Lines without the indentation of the first of them that has any text. */
function template(text: string): string {
  const lines = text.split("\n").slice(1, -1);
  const indent = /^ */.exec(lines.find((line) => line !== "") ?? "")?.[0].length ?? 0;
  return `${lines.map((line) => line.slice(indent)).join("\n")}\n`;
}

async function parse(source: string, text: string): Promise<Answer> {
  const [answer] = await compareTextFsm([{ template: template(source), text }]);
  if (!answer) throw new Error("no answer");
  return answer;
}

async function rows(source: string, text: string): Promise<unknown[][]> {
  const answer = await parse(source, text);
  if ("refused" in answer) throw new Error(answer.reason);
  return answer.rows;
}

describe("options and operators", () => {
  test("Filldown outlives Record and Clear, and ends with Clearall", async () => {
    const source = String.raw`
      Value Filldown A (a\d)
      Value Required B (b\d)

      Start
        ^$A$$
        ^$B$$ -> Record
        ^clear$$ -> Clear
        ^all$$ -> Clearall
    `;
    expect(await rows(source, "a1\nb1\nb2\nclear\nb3\nall\nb4\n")).toEqual([
      ["a1", "b1"],
      ["a1", "b2"],
      ["a1", "b3"],
      ["", "b4"],
    ]);
  });

  test("Fillup reaches up to the last record that has something", async () => {
    const source = String.raw`
      Value A (\d)
      Value Fillup B (\w)

      Start
        ^$A $B -> Record
        ^$A -> Record
    `;
    expect(await rows(source, "1 x\n2\n3\n4 y\n5\n")).toEqual([
      ["1", "x"],
      ["2", "y"],
      ["3", "y"],
      ["4", "y"],
      ["5", ""],
    ]);
  });

  test("a List is filled down with all it has gathered, and holds null for a group without part", async () => {
    const source = String.raw`
      Value List,Filldown A (\w)
      Value List B (x|y)
      Value C (\d)

      Start
        ^$A(?: $B)? $C -> Record
    `;
    expect(await rows(source, "a x 1\nb 2\n")).toEqual([
      [["a"], ["x"], "1"],
      [["a", "b"], [null], "2"],
      [["a", "b"], [], ""],
    ]);
  });

  test("an action's last arrow counts, comments and blanks as TextFSM has them", async () => {
    const source = String.raw`
      # A remark before the values.
      Value A (\S+)
        # One between, with blanks before it.
      Value B (\S*)

      # One between states.

      Start
       ^$A -> x -> Continue
      # One between rules.
      	^\w+ -> x$B -> Next.Record   Other

      Other
        ^# is no comment here: $A -> Record Start
    `;
    expect(await rows(source, "1 -> x9\n# is no comment here: 7\n2 -> x\n")).toEqual([
      ["1", "9"],
      ["7", ""],
      ["2", ""],
    ]);
  });

  test("a template without values makes no records, and its rules take $ as it is", async () => {
    const source = `

      Start
        ^a$ -> Error "found"
    `;
    expect(await rows(source, "b")).toEqual([]);
    expect(await parse(source, "a")).toEqual({
      refused: "text",
      reason: 'line 3: input line 1 is an error: "found"',
    });
  });

  test("lines end where Python's splitlines ends them", async () => {
    const source = `
      Value A (.*)

      Start
        ^$A -> Record
    `;
    const text = "1\n2\r\n3\r4\v5\f6\x1c7\x1d8\x1e9\x8510\u202811\u202912\n\n13";
    expect((await rows(source, text)).length).toBe(14);
  });

  test("EOF and End end the parsing; only End keeps what is unfinished from being recorded", async () => {
    const source = (final: string) => String.raw`
      Value A (\d)

      Start
        ^$A
        ^stop -> ${final}
    `;
    expect(await rows(source("EOF"), "1\nstop\n2")).toEqual([["1"]]);
    expect(await rows(source("End"), "1\nstop\n2")).toEqual([]);
  });
});

describe("a refusal names the line and the reason", () => {
  const START = "Start\n  ^$A\n";
  test.each([
    ["", "there is no state Start"],
    ["Value A\n\nStart\n", "line 1: give a value as: Value [options] name (regex)"],
    [
      "Value Lost A (.)\n\nStart\n",
      'line 1: unknown option "Lost"; there are Filldown, Fillup, Key, List, Required',
    ],
    ["Value Key,Key A (.)\n\nStart\n", "line 1: the option Key is given twice"],
    ["# x\nValue Key A .\n\nStart\n", "line 2: the regex of the value A must be in one pair of parentheses"],
    ["Value A (.)\nValue A (.)\n\nStart\n", "line 2: the value A is declared twice"],
    [`Value ${"A".repeat(49)} (.)\n\nStart\n`, "line 1: the name of the value is longer than 48 characters"],
    [
      "Value List A (a)(?<b)\n\nStart\n",
      "line 1: the regex is not valid: unknown extension ?<b at position 3",
    ],
    ["Start\n  ^a\n", "line 1: a template begins with values: Value [options] name (regex)"],
    [`Value A (.)\n${START}`, "line 2: expected a value, or a blank line after the last one"],
    [
      "Value A (.)\n\nSta rt\n",
      "line 3: expected a state: a name of letters, digits and _, at the beginning of the line",
    ],
    ["Value A (.)\n\nRecord\n", "line 3: Record is an operator and no name for a state"],
    [`Value A (.)\n\n${START}\n${START}`, "line 6: the state Start is declared twice"],
    [
      "Value A (.)\n\nStart\n^a\n",
      "line 4: a rule begins with one or two blanks, or a tab, and a ^; a state ends with a blank line",
    ],
    ["Value A (.)\n\nStart\n  ^$B\n", "line 4: there is no value named B"],
    [
      "Value A (.)\n\nStart\n  ^a$\n",
      "line 4: a $ stands alone; write $$ for the end of the line, $NAME for a value",
    ],
    [
      "Value A (.)\n\nStart\n  ^$A$A\n",
      "line 4: the regex is not valid: redefinition of group name 'A' as group 2; was group 1 at position 15",
    ],
    [
      "Value A (.)\n\nStart\n  ^a -> Continue Start\n",
      "line 4: Continue cannot go to another state: the rest of this one still sees the line",
    ],
    [
      'Value A (.)\n\nStart\n  ^a -> "x"\n',
      "line 4: only Error takes a message; a state's name has letters, digits and _",
    ],
    [
      "Value A (.)\n\nStart\n  ^a -> Record.Next\n",
      "line 4: the action is not valid; give -> LineOperator.RecordOperator State, each of them optional",
    ],
    ["Value A (.)\n\nStart\n  ^a -> Nowhere\n", "line 4: there is no state Nowhere"],
    [`Value A (.)\n\n${START}\nEOF\n  ^a\n`, "line 7: the state EOF must be empty"],
    [`Value A (.)\n\n${START}\nEnd\n  ^a\n`, "line 7: the state End must be empty"],
  ])("%j", async (source, reason) => {
    expect(await compareTextFsm([{ template: source, text: "a" }])).toEqual([
      { refused: "template", reason },
    ]);
  });

  test("of the text, but never the text itself", async () => {
    const source = "Value A (.)\n\nStart\n  ^secret -> Error\n";
    const [answer] = await compareTextFsm([{ template: source, text: "x\nsecret=hunter2" }]);
    expect(answer).toEqual({
      refused: "text",
      reason: "line 4: input line 2 is an error: the template does not expect it",
    });
  });

  test("of a List with groups of its own that is left without text", async () => {
    const source = "Value List A ((?P<k>a)b)\n\nStart\n  ^x$A?\n";
    const [answer] = await compareTextFsm([{ template: source, text: "xab\nx" }]);
    expect(answer).toEqual({
      refused: "text",
      reason: "line 4: input line 2 fits, but leaves a List with groups of its own without text",
    });
  });
});
