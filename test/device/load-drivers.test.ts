import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DeviceError } from "../../src/device/driver.ts";
import { loadDrivers } from "../../src/device/load-drivers.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

let folder: TempDir;
beforeEach(() => {
  folder = tempDir("drivers");
});
afterEach(() => folder.remove());

function put(name: string, text: string): string {
  const path = folder.file(name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** A driver's text, with fields replaced. */
function driver(name: string, more = ""): string {
  return `
    import { addressArgs, defineDriver, DeviceError, Type } from "netpulse/driver";
    const args: unknown = Type.Object({ ...addressArgs }, { additionalProperties: false });
    export default defineDriver({
      name: "${name}", aliases: [], summary: "for a test", defaultQueue: "fifo", defaultPort: 22,
      operations: ["command"], connectionArgs: args, driverArgs: Type.Object({}), check: () => [],
      connect: async () => { throw new DeviceError("ConnectionError", "nobody is there"); },
      ${more}
    });`;
}

const names = async () => (await loadDrivers(folder.path)).map(({ name }) => name);

describe("a folder of drivers", () => {
  test("has each in a file or a folder of its own, in TypeScript or JavaScript", async () => {
    put("b.ts", driver("b"));
    put("a/index.ts", 'export { default } from "./parts/driver.ts";');
    put("a/parts/driver.ts", driver("a"));
    put("c.mjs", driver("c").replace(": unknown", ""));
    expect(await names()).toEqual(["a", "b", "c"]);
  });

  test("may have other things beside them", async () => {
    put("a.ts", driver("a"));
    put("a.test.ts", "throw new Error('not a driver');");
    put("_shared.ts", "throw new Error('not a driver');");
    put(".git/index.js", "throw new Error('not a driver');");
    put("README.md", "# Drivers");
    put("data/a.json", "{}");
    expect(await names()).toEqual(["a"]);
  });

  test("may be empty", async () => {
    expect(await names()).toEqual([]);
  });

  test("gives drivers the errors that the product knows", async () => {
    put("a.ts", driver("a"));
    const [loaded] = await loadDrivers(folder.path);
    // Nothing of what a session would be given is looked at.
    await expect(loaded?.connect({} as never)).rejects.toBeInstanceOf(DeviceError);
  });

  test("that is not there stops the start", async () => {
    await expect(loadDrivers(folder.file("none"))).rejects.toThrow(
      `drivers_dir ${folder.file("none")} cannot be read: ENOENT`,
    );
  });
});

describe("a driver that cannot be used stops the start with its path and the reason:", () => {
  test.each([
    ["text that is no program", "export default {", /line 1: Expected identifier but found end of file/],
    ["an error of its own", "throw new Error('no\\nlicence');", /no licence$/],
    ["a module that is not there", 'import "./helper.ts";\n', /helper\.ts/],
    ["nothing exported", "export const driver = 1;", /its default export is no driver/],
    ["a name with capitals", driver("Mine"), /its name must be of a-z/],
    ["no queue", driver("a", 'defaultQueue: "both",'), /defaultQueue is missing or wrong$/],
    ["no schema", driver("a", "driverArgs: {},"), /driverArgs is missing or wrong$/],
    ["no way to connect", driver("a", "connect: undefined,"), /connect is missing or wrong$/],
  ])("%s", async (_what, text, reason) => {
    const path = put("mine.ts", text);
    const failure = await loadDrivers(folder.path).then(
      () => null,
      (error) => error,
    );
    expect(failure).toMatchObject({ name: "StartupError" });
    expect(failure.message).toStartWith(`driver ${path} cannot be used: `);
    expect(failure.message).toMatch(reason);
    expect(failure.message).not.toContain("\n");
  });
});
