import { describe, expect, test } from "bun:test";
import { maskCommand, maskText } from "../../src/core/mask.ts";

describe("maskText hides what follows a secret's keyword", () => {
  const lines: [string, string][] = [
    ["enable secret 9 $9$abc", "enable secret 9 ******"],
    ["username bob privilege 15 password 0 hunter2", "username bob privilege 15 password 0 ******"],
    ["snmp-server community PuBl1c RO", "snmp-server community ****** RO"],
    [
      'set system root-authentication encrypted-password "$6$x y"',
      "set system root-authentication encrypted-password ******",
    ],
    ["local-user a password irreversible-cipher abcdef", "local-user a password irreversible-cipher ******"],
    ["key-string 7 0822455D0A16", "key-string 7 ******"],
    ["password=hunter2;x=1", "password=******"],
    ["interface Loopback0", "interface Loopback0"],
  ];
  test.each(lines)("%s", (line, masked) => {
    expect(maskText(line)).toBe(masked);
  });

  test("and every known secret wherever it stands, but not words of under six characters", () => {
    expect(maskText("login as s3cr3t-1 failed", ["s3cr3t-1"])).toBe("login as ****** failed");
    expect(maskText("username admin", ["admin"])).toBe("username admin");
  });

  test("in time linear in the text", () => {
    const hostile = `password ${"0 ".repeat(200_000)}`;
    const began = performance.now();
    maskText(hostile);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

test("maskCommand leaves questions alone: they are the keys of their answers", () => {
  expect(maskCommand("show password policy")).toBe("show password policy");
  expect(maskCommand("do show snmp community x")).toBe("do show snmp community x");
  expect(maskCommand("enable secret x")).toBe("enable secret ******");
});
