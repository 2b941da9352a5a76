import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { openTemplateFolder, TemplateFolder } from "../../src/template/folder.ts";
import { must, run } from "../support/process.ts";
import { tempDir } from "../support/tempdir.ts";

const dir = tempDir("folder");
afterAll(() => dir.remove());

mkdirSync(dir.file("inside/deep"), { recursive: true });
mkdirSync(dir.file("inside-too"));
writeFileSync(dir.file("secret"), "secret");
writeFileSync(dir.file("inside-too/secret"), "secret");
writeFileSync(dir.file("inside/a.textfsm"), "a");
writeFileSync(dir.file("inside/deep/b.textfsm"), "b");
writeFileSync(dir.file("inside/latin.textfsm"), Buffer.from([0x61, 0xe9]));
symlinkSync(dir.file("secret"), dir.file("inside/link"));
symlinkSync(dir.file("inside-too"), dir.file("inside/linked"));
symlinkSync("deep/b.textfsm", dir.file("inside/good-link"));
symlinkSync("loop", dir.file("inside/loop"));
symlinkSync("/dev/zero", dir.file("inside/zero"));
symlinkSync(dir.file("inside"), dir.file("by-link"));

const folder = new TemplateFolder(dir.file("by-link"));
const read = (path: string, limit = 100) => folder.read(path, limit).text;

describe("a template folder gives", () => {
  test.each([
    ["a.textfsm", "a"],
    ["./deep/../a.textfsm", "a"],
    ["deep/b.textfsm", "b"],
    ["good-link", "b"],
    [dir.file("inside/a.textfsm"), "a"],
    [dir.file("by-link/deep/b.textfsm"), "b"],
    [`file://${dir.file("inside/a.textfsm")}`, "a"],
  ])("%s", (path, text) => {
    expect(read(path)).toBe(text);
  });
});

describe("a template folder refuses", () => {
  test.each([
    "../secret",
    "deep/../../secret",
    "..",
    ".",
    "",
    "link",
    "linked/secret",
    "zero",
    "/etc/passwd",
    "a.textfsm\0",
    "file:///etc/passwd",
    dir.file("secret"),
    dir.file("inside-too/secret"),
    `file://${dir.file("inside")}/../secret`,
    `file://${dir.file("inside")}/%2e%2e/secret`,
  ])("%j, which leads out of it", (path) => {
    expect(() => read(path)).toThrow("is outside the template folder");
  });

  test.each([
    ["missing", "is not in the template folder"],
    ["loop", "cannot be read (ELOOP)"],
    ["deep", "is not a file"],
    ["latin.textfsm", "is not UTF-8"],
    ["file://host/a", "file URL is not valid"],
  ])("%s", (path, reason) => {
    expect(() => read(path)).toThrow(reason);
  });

  test("a file over the limit", () => {
    writeFileSync(dir.file("inside/long"), "x".repeat(101));
    expect(() => read("long")).toThrow("is longer than 100 bytes");
  });

  test("a named pipe, without waiting for its writer", async () => {
    await must(["mkfifo", dir.file("inside/pipe")]);
    const module = new URL("../../src/template/folder.ts", import.meta.url).pathname;
    const code = `import { TemplateFolder } from ${JSON.stringify(module)};
      new TemplateFolder(${JSON.stringify(dir.file("inside"))}).read("pipe", 100);`;
    // In a process of its own: one that waits in a system call could not be stopped by the test's time limit.
    const { code: exit, stderr } = await run([process.execPath, "-e", code], { deadline: 15_000 });
    expect([exit, stderr]).toEqual([1, expect.stringContaining("the template pipe is not a file")]);
  });

  test("to be what is not there, or no folder", () => {
    expect(() => new TemplateFolder(dir.file("nowhere"))).toThrow("cannot be opened");
    expect(() => new TemplateFolder(dir.file("secret"))).toThrow("is not a folder");
  });
});

describe("the folder of a clone of ntc-templates", () => {
  test("is the one below, where the index is", () => {
    mkdirSync(dir.file("clone/templates"), { recursive: true });
    writeFileSync(dir.file("clone/templates/index"), "below");
    expect(openTemplateFolder(dir.file("clone")).read("index", 10).text).toBe("below");
  });

  test("unless it has an index itself, or none is below", () => {
    writeFileSync(dir.file("clone/index"), "here");
    expect(openTemplateFolder(dir.file("clone")).read("index", 10).text).toBe("here");
    expect(openTemplateFolder(dir.file("inside")).read("a.textfsm", 10).text).toBe("a");
  });
});
