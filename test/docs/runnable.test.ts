import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { LONG_PAGES, readPages } from "./support/pages.ts";
import { readAndDo } from "./support/reader.ts";
import { missingLine, stepsOf } from "./support/runnable.ts";

/** A loaded machine takes ten times as long. */
setDefaultTimeout(120_000);

const fence = (info: string, ...lines: string[]) => [`\`\`\`${info}`, ...lines, "```", ""].join("\n");
const perform = (...blocks: string[]) => readAndDo(stepsOf(blocks.join("\n")));

const pages = readPages().map(({ path, text }) => ({ path, steps: stepsOf(text) }));
const toRun = pages.filter(({ path, steps }) => steps.length > 0 && !LONG_PAGES.includes(path));

test("pages have something to run, those of the long tier too", () => {
  expect(toRun.map(({ path }) => path)).toContain("README.md");
  for (const long of LONG_PAGES) {
    expect(pages.find(({ path }) => path === long)?.steps).not.toBeEmpty();
  }
});

test.each(toRun)("what $path says can be done, and does what it says", async ({ steps }) => {
  expect(await readAndDo(steps)).toBeNull();
});

describe("a page is found wrong", () => {
  test("whose command fails, also in the middle of a block", async () => {
    const problem = await perform(fence("sh runnable", "echo one", "false", "echo two"));
    expect(problem).toBe("line 1: exit code 1, expected 0; it printed:\none\ntwo\n");
  });

  test("whose command fails in a pipe, in Python, or by its syntax", async () => {
    expect(await perform(fence("sh runnable", "false | true"))).toStartWith("line 1: exit code 1");
    expect(await perform(fence("python runnable", "raise SystemExit(3)"))).toStartWith("line 1: exit code 3");
    expect(await perform(fence("sh runnable", "if"))).toStartWith("line 1: exit code");
  });

  test("whose command does not fail as it says", async () => {
    expect(await perform(fence("sh runnable exit=2", "true"))).toStartWith("line 1: exit code 0, expected 2");
  });

  test("whose command prints something else", async () => {
    const problem = await perform(fence("sh runnable", "echo one"), fence("text output", "two"));
    expect(problem).toBe('line 1: did not print "two", but:\none\n');
  });

  test("whose service ends before it says what it must", async () => {
    const problem = await perform(
      fence("sh runnable service", "echo one"),
      fence("text output", "one", "two"),
    );
    expect(problem).toBe('line 1: ended before it printed "two": one\n\nservice 1 ended\n');
  });
});

test("a page is done in one shell, with its files, services and their ports", async () => {
  const problem = await perform(
    fence("sh file=server.sh", "echo listening; exec /usr/bin/python3 -u -m http.server 9000 2>&1"),
    fence("sh runnable service", "sh server.sh"),
    fence("text output", "listening", "Serving HTTP on 0.0.0.0 port 9000 …"),
    fence("sh runnable", "export NAME=value"),
    fence("sh runnable", 'curl -sf http://localhost:9000/server.sh | wc -l; echo "$NAME"'),
    fence("text output", "1", "…", "value"),
    fence("sh runnable exit=22", "curl -sf http://localhost:9000/missing"),
    fence("python runnable", "print(open('server.sh').read())"),
    fence("text output", "echo listening…"),
  );
  expect(problem).toBeNull();
});

describe("a mark that means nothing is refused:", () => {
  test.each([
    ["an unknown word", fence("sh runable", "true"), "says runable"],
    ["an exit code of what is not run", fence("sh exit=1", "true"), "without runnable"],
    ["a language that is not run", fence("rust runnable", ""), "is rust"],
    ["output of nothing", fence("text output", "one"), "is the output of no block"],
    ["a service that nobody can wait for", fence("sh runnable service", "true"), "needs an output"],
    ["a file elsewhere", fence("sh file=../x", "true"), "outside its folder"],
    ["a fence that is not closed", "```sh runnable\ntrue\n", "is never closed"],
  ])("%s", (_what, text, problem) => {
    expect(() => stepsOf(text)).toThrow(problem);
  });
});

test("blocks without a mark are left alone, those in comments are not", () => {
  const text = `${fence("sh", "rm -rf /")}<!--\n${fence("sh runnable", "true")}-->\n`;
  expect(stepsOf(text)).toMatchObject([{ kind: "run", code: "true\n", exit: 0, output: [] }]);
});

test("lines are expected in their order, with others between them", () => {
  const printed = "one\ntwo three  \nfour (4)\n";
  expect(missingLine(["one", "…", "four (4)"], printed)).toBeNull();
  expect(missingLine(["two …"], printed)).toBeNull();
  expect(missingLine(["four (4)", "one"], printed)).toBe("one");
  expect(missingLine(["two"], printed)).toBe("two");
});
