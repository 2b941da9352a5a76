import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { unifiedDiff } from "../../../../drivers/cli/engine/diff.ts";
import { run } from "../../../support/process.ts";
import { randomNumbers } from "../../../support/replay.ts";
import { tempDir } from "../../../support/tempdir.ts";

const text = (lines: readonly (string | number)[]) => lines.map((line) => `${line}\n`).join("");
const upTo = (count: number) => Array.from({ length: count }, (_, n) => `line ${n}`);

describe("a diff", () => {
  test("of the same is empty", () => {
    expect(unifiedDiff(text(upTo(5)), text(upTo(5)))).toBe("");
    expect(unifiedDiff("", "")).toBe("");
  });

  test("shows changes with three lines around them", () => {
    const after = upTo(30).with(10, "other").toSpliced(20, 1);
    expect(unifiedDiff(text(upTo(30)), text(after))).toBe(
      text([
        "@@ -8,7 +8,7 @@",
        ...[" line 7", " line 8", " line 9", "-line 10", "+other", " line 11", " line 12", " line 13"],
        "@@ -18,7 +18,6 @@",
        ...[" line 17", " line 18", " line 19", "-line 20", " line 21", " line 22", " line 23"],
      ]),
    );
  });

  test("of texts that have nothing in common shows the one, then the other", () => {
    const [before, after] = [upTo(3000).map((line) => `old ${line}`), upTo(3000)];
    const shown = unifiedDiff(text(before), text(after)).split("\n");
    expect(shown[0]).toBe("@@ -1,3000 +1,3000 @@");
    expect(shown.slice(1, -1)).toEqual([
      ...before.map((line) => `-${line}`),
      ...after.map((line) => `+${line}`),
    ]);
  });
});

/** Applying what is shown is the proof: how `patch` understands it is how people do. */
test.each([1, 2, 3, 4, 5, 6, 7, 8])("patch makes the new text of the old one (seed %d)", async (seed) => {
  using dir = tempDir("diff");
  const random = randomNumbers(seed);
  const some = (count: number) => Array.from({ length: count }, () => Math.floor(random() * 6));
  const before = some(Math.floor(random() * 60));
  let after = [...before];
  for (let edit = 0; edit < 6; edit++) {
    const at = Math.floor(random() * (after.length + 1));
    after = after.toSpliced(at, Math.floor(random() * 3), ...some(Math.floor(random() * 3)));
  }
  const diff = unifiedDiff(text(before), text(after));
  const file = join(dir.path, "config");
  await Bun.write(file, text(before));
  if (diff !== "") {
    await Bun.write(join(dir.path, "patch"), `--- config\n+++ config\n${diff}`);
    const { stdout, stderr } = await run(["patch", "--fuzz=0", file, join(dir.path, "patch")]);
    expect({ stderr, offset: stdout.includes("offset") }).toEqual({ stderr: "", offset: false });
  }
  expect((await Bun.file(file).exists()) ? await Bun.file(file).text() : "").toBe(text(after));
});
