import { describe, expect, test } from "bun:test";
import { Prompts } from "../../../../drivers/cli/engine/prompts.ts";
import ciscoIos from "../../../../drivers/cli/platforms/cisco_ios.ts";

describe("the host name in the prompt", () => {
  const learned = (line: string) => {
    const prompts = new Prompts(ciscoIos);
    const first = prompts.match(line);
    if (first === null) throw new Error(`${line} is no prompt`);
    prompts.learn(first);
    return prompts;
  };

  test("is known from the first prompt, in every mode", () => {
    const prompts = learned("Router>");
    for (const line of ["Router>", "Router#", "Router(config-if)#"])
      expect(prompts.match(line)?.known).toBe(true);
    for (const line of ["Switch#", "Route#", "Router2#"]) expect(prompts.match(line)?.known).toBe(false);
  });

  test("is cut to 20 characters in configuration mode", () => {
    const prompts = learned("distribution-switch-building-7#");
    expect(prompts.match("distribution-switch-(config)#")?.known).toBe(true);
    expect(prompts.match("distribution(config)#")?.known).toBe(false);
  });

  test("is learned anew", () => {
    const prompts = learned("Router#");
    const renamed = prompts.match("R1(config)#");
    if (renamed === null) throw new Error("not a prompt");
    prompts.learn(renamed);
    expect(prompts.match("R1#")?.known).toBe(true);
    expect(prompts.match("Router#")?.known).toBe(false);
  });
});
