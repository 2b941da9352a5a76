import { describe, expect, test } from "bun:test";
import { Prompts } from "../../../../drivers/cli/engine/prompts.ts";
import { RefusalScan } from "../../../../drivers/cli/engine/refusal.ts";
import ciscoIos from "../../../../drivers/cli/platforms/cisco_ios.ts";

/** Prompts as devices print them; sources: Cisco's configuration guides, netmiko's and scrapli's tests. */
test.each([
  ["Router>", "exec", "Router"],
  ["Router#", "privileged", "Router"],
  ["C9300-48P.example-net#", "privileged", "C9300-48P.example-net"],
  ["edge_01/1@lab:a#", "privileged", "edge_01/1@lab:a"],
  ["Router(config)#", "config", "Router"],
  ["Router(config-if)#", "config", "Router"],
  ["Router(config-router-af)#", "config", "Router"],
  ["Router(config-ext-nacl)#", "config", "Router"],
  ["Router(dhcp-config)#", "config", "Router"],
  ["Router(ca-trustpoint)#", "config", "Router"],
  ["Router(cfg-crypto-trans)#", "config", "Router"],
  ["Router(conf-ssh-pubkey)#", "config", "Router"],
  ["Router(vlan)#", "config", "Router"],
  ["a-host-name-of-twenty(config)#", "config", "a-host-name-of-twenty"],
  ["Router(tcl)#", "tclsh", "Router"],
])("%s is a prompt of mode %s", (line, mode, host) => {
  expect(new Prompts(ciscoIos).match(line)).toMatchObject({ mode, host });
  expect(new Prompts(ciscoIos).match(` ${line} `)).toMatchObject({ mode, host });
});

test.each([
  "Password:",
  "% Bad secrets",
  "%",
  "#",
  "########################",
  "+>",
  "Router#show version",
  "description to Router#",
  "--More--",
  "Proceed with reload? [confirm]",
  "Cisco IOS Software [Cupertino] #1",
  "<output>",
  "-->",
  "rommon 1 >",
  `${"x".repeat(64)}#`,
  `${"x".repeat(5000)}#`,
])("%s is no prompt", (line) => {
  expect(new Prompts(ciscoIos).match(line)).toBeNull();
});

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

const refusal = (kind: "command" | "config", ...blocks: string[]) => {
  const scan = new RefusalScan(ciscoIos.refusals, kind);
  for (const block of blocks) scan.take(block);
  return scan.refusal;
};

test.each([
  [
    "show vresion\n         ^\n% Invalid input detected at '^' marker.\n\n",
    "% Invalid input detected at '^' marker.",
  ],
  ['% Ambiguous command:  "sh"\n', '% Ambiguous command:  "sh"'],
  ["% Incomplete command.\n\n", "% Incomplete command."],
  [
    'Translating "shwo"...domain server (255.255.255.255)\n% Unknown command or computer name, or unable to find computer address\n',
    "% Unknown command or computer name, or unable to find computer address",
  ],
  ["Command authorization failed.\n\n", "Command authorization failed."],
  ["% Authorization failed.\n", "% Authorization failed."],
  [
    "*Mar  1 00:11:22.333: %SYS-5-CONFIG_I: Configured from console by vty0\n% Incomplete command.\n",
    "% Incomplete command.",
  ],
  [
    "copied 20 lines\nthen it failed\n% Invalid input detected at '^' marker.\n\n",
    "% Invalid input detected at '^' marker.",
  ],
])("%j is refused", (output, words) => {
  const lines = output.startsWith("show vresion") ? output.slice("show vresion\n".length) : output;
  expect(refusal("command", lines)).toBe(words);
  expect(refusal("config", lines)).toBe(words);
  expect(refusal("command", ...(lines.match(/.*\n/g) ?? []))).toBe(words);
});

test.each([
  [
    "a log that quotes a refusal",
    "*Mar  1 00:01:02.003: %PARSER-5: refused: % Invalid input detected\nmore\n",
  ],
  ["a banner in the configuration", "version 17.3\nbanner motd ^C\n% Invalid input detected\n^C\nend\n"],
  ["an indented line", "interface Vlan1\n description % Incomplete command\n"],
  ["a caret alone", "  ^\n"],
  ["nothing", "\n\n"],
  ["no neighbour: an answer, not a refusal", "% No such neighbor or address family\n"],
])("%s is no refusal of a command", (_what, output) => {
  expect(refusal("command", output)).toBeNull();
});

test.each([
  "% 10.0.0.0 overlaps with GigabitEthernet0/1\n",
  "Bad mask 0xFF00FF00 for address 10.0.0.1\n",
  "% Invalid address\n",
  "%Error: interface does not exist\n",
])("%j is a refusal of a line of configuration", (output) => {
  expect(refusal("config", output)).not.toBeNull();
});

test.each([
  "% Access VLAN does not exist. Creating vlan 10\n",
  "%Warning: portfast should only be enabled on ports connected to a single host.\n",
  "% Interface GigabitEthernet0/1 IPv4 disabled and address(es) removed due to enabling VRF A\n",
])("%j is only a notice", (output) => {
  expect(refusal("config", output)).toBeNull();
});
