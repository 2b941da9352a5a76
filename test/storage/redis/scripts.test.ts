import { describe, expect, test } from "bun:test";
import { INCLUDES } from "../../../src/storage/redis/lua/include/index.ts";
import { script } from "../../../src/storage/redis/scripts.ts";

/** What redis-cli's SCRIPT LOAD answers for `return 1`. */
const SHA_OF_RETURN_1 = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db";

const parts = {
  a: "local function a() return 1 end\n",
  b: "--- @include a\nlocal function b() return a() + 1 end\n",
  egg: "-- comes from\n--- @include hen\n",
  hen: "--- @include egg\n",
  self: "--- @include self\n",
  broken: "local x\n\n--- @include nothing\n",
};

const message = (source: string): string => {
  try {
    script("claim", source, parts);
  } catch (error) {
    return String(error);
  }
  return "";
};

describe("script", () => {
  test("is called by the SHA-1 of its text", () => {
    expect(script("one", "return 1")).toEqual({ name: "one", source: "return 1", sha: SHA_OF_RETURN_1 });
  });

  test("has its includes where they are named, with theirs before them", () => {
    expect(script("two", "-- Why: two\n--- @include b\nreturn b()\n", parts).source).toBe(
      "-- Why: two\nlocal function a() return 1 end\nlocal function b() return a() + 1 end\nreturn b()\n",
    );
  });

  test("has each include once, however often it is named", () => {
    const { source } = script("many", "--- @include a\n--- @include b\n--- @include a\nreturn b()", parts);
    expect(source.match(/function a\(/g)).toHaveLength(1);
    expect(source.match(/function b\(/g)).toHaveLength(1);
    expect(source).not.toContain("@include");
  });

  test("has numbers in place of the names that it gives them, on the lines where they were", () => {
    const source =
      "local SEQ, RUN,\n  DEF = 1, 2, 3 * 4\nlocal function f(job) return job[RUN] + job[DEF] end\nreturn f";
    expect(script("numbers", source).source).toBe(
      "\n\nlocal function f(job) return job[2] + job[(3 * 4)] end\nreturn f",
    );
  });

  test.each([
    'local SET = 1\n-- SET it\nredis.call("SET", "a \\" SET", RESET)',
    "local RUN = f()\nreturn RUN",
    "local RUN, SEQ = 1\nreturn RUN",
    "  local RUN = 1\nreturn RUN",
  ])("leaves text, comments, other names and other locals: %j", (source) => {
    expect(script("rest", source).source).toBe(source.replace("local SET = 1\n", "\n"));
  });

  test("leaves alone what only looks like an include", () => {
    const source = 'local s = "--- @include a"\n-- @include a\nlocal t = 1 --- @include a\nreturn s';
    expect(script("text", source, parts).source).toBe(source);
  });

  test.each([
    ["--- @include nothing", 'claim.lua:1: there is no include "nothing"; there are: a, b, broken'],
    ["\n\n--- @include", 'claim.lua:3: there is no include ""'],
    ["--- @include a b", 'claim.lua:1: there is no include "a b"'],
    ["--- @include toString", 'claim.lua:1: there is no include "toString"'],
    ["--- @include broken", 'include/broken.lua:3: there is no include "nothing"'],
    ["--- @include self", "include/self.lua:1: an include that includes itself: self -> self"],
    ["\n--- @include hen", "include/egg.lua:2: an include that includes itself: hen -> egg -> hen"],
  ])("refuses %j by file and line", (source, expected) => {
    expect(message(source)).toContain(expected);
  });

  test.each(Object.keys(INCLUDES))("finds the include %s, and all that it includes", (name) => {
    expect(script("uses", `--- @include ${name}`).source).toContain("local function ");
  });
});
