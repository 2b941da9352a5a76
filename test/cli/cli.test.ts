import { describe, expect, test } from "bun:test";
import manifest from "../../package.json" with { type: "json" };
import { type CliCommand, runCli } from "../../src/cli/cli.ts";
import { StartupError } from "../../src/core/errors.ts";

async function run(argv: string[], commands: CliCommand[] = []) {
  let out = "";
  let err = "";
  const io = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
  };
  return { code: await runCli(argv, commands, io), out, err };
}

function command(name: string, act: CliCommand["run"]): CliCommand {
  return { name, summary: `does ${name}`, run: act };
}

describe("netpulse", () => {
  test("--version prints the version and what it is of", async () => {
    expect(await run(["--version"])).toEqual({
      code: 0,
      out: `${manifest.version} (from source)\n`,
      err: "",
    });
  });

  test("--help lists the commands, but not the program's own", async () => {
    const hidden = { ...command("session-host", async () => 0), hidden: true };
    const { code, out } = await run(["--help"], [command("serve", async () => 0), hidden]);
    expect(code).toBe(0);
    expect(out).toContain("does serve");
    expect(out).not.toContain("session-host");
  });

  test("help COMMAND is what the command says of itself", async () => {
    const seen: string[][] = [];
    const serve = command("serve", async (argv) => {
      seen.push([...argv]);
      return 0;
    });
    expect((await run(["help", "serve"], [serve])).code).toBe(0);
    expect(seen).toEqual([["--help"]]);
    expect((await run(["help"], [serve])).out).toContain("does serve");
  });

  test("--help names commands by their groups, with examples", async () => {
    const { out } = await run(["--help"], [{ ...command("serve", async () => 0), group: "Services" }]);
    expect(out).toMatch(/^Services:\n {2}serve +does serve$/m);
    expect(out).toMatch(/^Examples:\n {2}netpulse /m);
  });

  test("without a command prints the help and fails", async () => {
    const { code, err } = await run([], [command("serve", async () => 0)]);
    expect(code).toBe(2);
    expect(err).toContain("does serve");
  });

  test("names the nearest command for an unknown one", async () => {
    const { code, err, out } = await run(["serv"], [command("serve", async () => 0)]);
    expect(code).toBe(2);
    expect(err).toContain("unknown command 'serv'");
    expect(err).toContain("Did you mean serve?");
    expect(out).toBe("");
  });

  test("refuses an unknown option", async () => {
    expect((await run(["--prot"], [])).code).toBe(2);
  });

  test("hands a command its own arguments untouched, also options it does not know itself", async () => {
    const seen: string[][] = [];
    const lab = command("lab", async (argv) => {
      seen.push([...argv]);
      return 0;
    });
    await run(["lab", "--devices", "3", "--help", "-V", "x", "--", "--y"], [lab]);
    expect(seen).toEqual([["--devices", "3", "--help", "-V", "x", "--", "--y"]]);
  });

  test("ends with the command's exit code", async () => {
    expect((await run(["x"], [command("x", async () => 7)])).code).toBe(7);
  });

  test("a start that the operator must mend is one line and exit code 2", async () => {
    const fails = command("serve", async () => {
      throw new StartupError("port 9000 is in use");
    });
    expect(await run(["serve"], [fails])).toEqual({
      code: 2,
      out: "",
      err: "netpulse: port 9000 is in use\n",
    });
  });

  test("anything else that fails is exit code 1, without a secret", async () => {
    const fails = command("serve", async () => {
      throw new Error("login with password hunter2hunter2 failed");
    });
    const { code, err } = await run(["serve"], [fails]);
    expect(code).toBe(1);
    expect(err).toBe("netpulse: login with password ****** failed\n");
  });
});
