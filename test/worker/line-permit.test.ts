import { describe, expect, test } from "bun:test";
import { FULL_ACCESS, type LineRules, lineRulesOf } from "../../src/core/access.ts";
import type { LineUse } from "../../src/device/driver.ts";
import { linePermit, type PermitTerms } from "../../src/worker/line-permit.ts";

const ONLY_SHOW: LineRules = { allow: ["show *"], deny: [], config: true };

function refusal(
  rules: LineRules,
  line: string,
  use: LineUse = {},
  more: Partial<PermitTerms> = {},
): unknown {
  try {
    linePermit({ rules, kind: "command", secrets: [], ...more }).assertMayType(line, use);
    return null;
  } catch (error) {
    return error;
  }
}

describe("the rules that go with a job", () => {
  test("are none for a key without lists and with the scope config", () => {
    expect(lineRulesOf(FULL_ACCESS)).toBeNull();
    expect(linePermit({ rules: null, kind: "command", secrets: [] }).limited).toBe(false);
  });

  test("are its lists, and whether it may configure", () => {
    const commands = { allow: ["show *"], deny: ["show run"] };
    expect(lineRulesOf({ ...FULL_ACCESS, commands })).toEqual({ ...commands, config: true });
    expect(lineRulesOf({ ...FULL_ACCESS, scopes: ["exec"] })).toEqual({
      allow: null,
      deny: [],
      config: false,
    });
  });
});

describe("a permit", () => {
  test("lets pass what the rules do, and says why not", () => {
    expect(refusal(ONLY_SHOW, "show version")).toBeNull();
    expect(refusal(ONLY_SHOW, "reload")).toMatchObject({
      type: "CommandError",
      retryable: false,
      message: expect.stringContaining('"reload" was not sent'),
    });
    expect(refusal(ONLY_SHOW, "reload", {}, { kind: "config" })).toMatchObject({ type: "ConfigError" });
  });

  test("never repeats a secret, nor an answer that is hidden", () => {
    const secrets = ["s3cr3t-value"];
    const said = (line: string, use: LineUse = {}) => String(refusal(ONLY_SHOW, line, use, { secrets }));
    expect(said("enable s3cr3t-value")).not.toContain("s3cr3t");
    expect(said("username a password hunter2")).not.toContain("hunter2");
    expect(said("hunter2", { hidden: true })).not.toContain("hunter2");
  });

  test("without the scope config lets nothing be typed where a device is configured", () => {
    const rules = { allow: null, deny: [], config: false };
    expect(refusal(rules, "hostname x")).toBeNull();
    expect(refusal(rules, "hostname x", { configuring: true })).toMatchObject({ type: "CommandError" });
    expect(linePermit({ rules, kind: "command", secrets: [] }).limited).toBe(false);
  });

  test("is not given for what is not sent in lines", () => {
    const terms = { rules: ONLY_SHOW, kind: "file_transfer" as never, secrets: [] };
    expect(() => linePermit(terms)).toThrow("limited to lines");
  });
});
