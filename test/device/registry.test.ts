import { expect, test } from "bun:test";
import { builtinDrivers } from "../../drivers/index.ts";
import { driverRegistry } from "../../src/device/registry.ts";

const registry = driverRegistry(builtinDrivers);

test.each([
  ["cli", "cli"],
  ["netmiko", "cli"],
  ["Netmiko", "cli"],
  ["linux", "linux"],
  ["paramiko", "linux"],
  ["eapi", "eapi"],
  ["pyeapi", "eapi"],
])("%s is the driver %s", (name, driver) => {
  expect(registry.find(name)?.name).toBe(driver);
});

test("an unknown name finds nothing, and the nearest is suggested", () => {
  expect(registry.find("netmico")).toBeNull();
  expect(registry.suggest("netmico")).toBe("netmiko");
  expect(registry.suggest("something-else-entirely")).toBeNull();
  expect(registry.names()).toEqual(["cli", "netmiko", "linux", "paramiko", "eapi", "pyeapi"]);
});

test("two drivers of one name are a mistake", () => {
  expect(() => driverRegistry([...builtinDrivers, ...builtinDrivers])).toThrow("both named cli");
});
