import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "netpulse-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PROGRAM = `
  import { runCli } from "${import.meta.dir}/../../src/cli/cli.ts";
  import { configCommand } from "${import.meta.dir}/../../src/cli/commands/config.ts";
  process.exitCode = await runCli(process.argv.slice(1), [configCommand]);`;

async function netpulse(argv: string[], env: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, "-e", PROGRAM, "--", ...argv], {
    env,
    cwd: folder,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, out, err };
}

const SECRET = "not-to-be-seen-anywhere";

test("config prints each key, its value and where that came from; secrets are masked", async () => {
  const env = { NETPULSE_SERVER__PORT: "9100", NETPULSE_SERVER__API_KEY: SECRET };
  const { code, out, err } = await netpulse(["config", "--set", "worker.fifo=3"], env);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^server\.port +9100 +environment NETPULSE_SERVER__PORT$/m);
  expect(out).toMatch(/^worker\.fifo +3 +command line --set$/m);
  expect(out).toMatch(/^server\.max_body +4MiB +default$/m);
  expect(out).toMatch(/^server\.api_key +\*{6} +environment NETPULSE_SERVER__API_KEY$/m);
  expect(out).not.toContain(SECRET);
});

test("config --json prints the same for programs", async () => {
  const { out } = await netpulse(["config", "--json"], { NETPULSE_SECRET_KEY: SECRET });
  const rows: { key: string; value: unknown }[] = JSON.parse(out);
  expect(rows.find((row) => row.key === "worker.lease")).toMatchObject({ value: 10, unit: "seconds" });
  expect(out).not.toContain(SECRET);
});

test("a file may be named", async () => {
  await Bun.write(join(folder, "my.yaml"), "job: {ttl: 60}\n");
  const { out } = await netpulse(["config", "--config", "my.yaml"]);
  expect(out).toMatch(/^job\.ttl +60 s +file my\.yaml$/m);
});

test("a wrong value is one line on standard error and exit code 2", async () => {
  const { code, out, err } = await netpulse(["config"], { NETPULSE_SERVER__PORT: "http" });
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toBe(
    'netpulse: NETPULSE_SERVER__PORT: "http" is not allowed; give an integer from 0 to 65535\n',
  );
});

test("--help says what there is; an unknown option is exit code 2", async () => {
  const help = await netpulse(["config", "--help"]);
  expect({ code: help.code, err: help.err }).toEqual({ code: 0, err: "" });
  expect(help.out).toContain("--set <section.key=value>");
  const wrong = await netpulse(["config", "--jsn"]);
  expect({ code: wrong.code, out: wrong.out }).toEqual({ code: 2, out: "" });
  expect(wrong.err).toContain("Did you mean --json?");
});
