import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { resolve } from "node:path";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { must, run } from "../support/process.ts";
import { netpulseCommand, typedNetpulse } from "../support/product.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { startTmux, type TmuxTerminal } from "../support/tmux.ts";
import { type Device, startDevice } from "./support/device.ts";
import { gone } from "./support/processes.ts";

setDefaultTimeout(60_000);

let netpulse: Netpulse;
let device: Device;
let home: TempDir;
let where: string;
beforeAll(async () => {
  [netpulse, device] = await Promise.all([startNetpulse(), startDevice()]);
  home = tempDir("home");
  where = `${device.handle.host}:${device.handle.port}`;
});
afterAll(async () => {
  await netpulse.stop();
  await device.stop();
  home.remove();
});

const env = () => ({
  PATH: process.env.PATH ?? "",
  HOME: home.path,
  NETPULSE_URL: netpulse.url,
  NETPULSE_API_KEY: netpulse.key,
});
const login = { NETPULSE_DEVICE_USERNAME: "admin", NETPULSE_DEVICE_PASSWORD: "admin" };

describe("in a pipe", () => {
  const netpulse = (argv: string[], stdin = "", more: Record<string, string> = login) =>
    run(netpulseCommand(...argv), { stdin, env: { ...env(), ...more } });

  test("exec prints the device's words alone, and ends as the job does", async () => {
    const { code, stdout, stderr } = await netpulse(["exec", where, "show clock", "-t", "cisco_ios"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^\*?\d\d:\d\d:\d\d.*\n$/);
    const refused = await netpulse(["exec", where, "show nothing", "-t", "cisco_ios"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^netpulse: CommandError: /);
  });

  test("config applies lines from a file, test reaches the device, a wrong password does not", async () => {
    const lines = "interface Loopback7\n description by command\n";
    const { code, stderr } = await netpulse(
      ["config", where, "-t", "cisco_ios", "--file", "-", "-a", "secret=admin"],
      lines,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(device.count("interface Loopback7")).toBe(1);
    expect((await netpulse(["test", where, "-t", "cisco_ios"])).stdout).toContain("result\tok\n");
    const wrong = { NETPULSE_DEVICE_USERNAME: "eve", NETPULSE_DEVICE_PASSWORD: "wrong" };
    const failed = await netpulse(["test", where, "-t", "cisco_ios"], "", wrong);
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain("error\tAuthenticationError: ");
  });

  test("config without a device prints the program's own", async () => {
    const { code, stdout } = await netpulse(["config", "--set", "job.ttl=60"], "", {});
    expect(code).toBe(0);
    expect(stdout).toMatch(/^job\.ttl +60 s +command line --set$/m);
  });

  test("bulk runs a list, and batch and jobs find it again", async () => {
    const list = `host,port,command\n${device.handle.host},${device.handle.port},show clock\n127.0.1.250,1,\n`;
    const { code, stdout, stderr } = await netpulse(
      ["bulk", "-", "show users", "-t", "cisco_ios", "--csv"],
      list,
    );
    expect({ code, stderr }).toEqual({ code: 4, stderr: "1 of 2 finished well\n" });
    const [head, failed, finished] = stdout.split("\r\n");
    expect(head).toBe("host,status,duration,job,error,output");
    expect(failed).toMatch(/^127\.0\.1\.250,failed,.*ConnectionError/);
    expect(finished).toMatch(new RegExp(`^${device.handle.host},finished,`));
    const [job] = JSON.parse(
      (await netpulse(["jobs", "ls", "--status", "failed", "--host", "127.0.1.250", "--json"])).stdout,
    );
    const batch = await netpulse(["batch", "wait", job.batch_id]);
    expect(batch.code).toBe(4);
    expect(batch.stdout).toContain("finished\t1\nfailed\t1\n");
  });

  test("bulk takes a workbook that a spreadsheet wrote, by its name or through stdin", async () => {
    const file = home.file("devices.xlsx");
    const rows = [
      ["host", "port"],
      [device.handle.host, device.handle.port],
    ];
    const script = resolve(import.meta.dir, "../cli/online/workbook.py");
    await must(["/usr/bin/python3", script, file], { stdin: JSON.stringify({ Devices: rows }) });
    const { code, stdout, stderr } = await netpulse(["bulk", file, "show clock", "-t", "cisco_ios"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "1 of 1 finished well\n" });
    expect(stdout).toStartWith(`${device.handle.host}\tfinished\t`);
    const command = `${typedNetpulse()} bulk - x --sheet Devices --dry-run < '${file}'`;
    const piped = await run(["sh", "-c", command], { env: env() });
    expect(piped.stdout).toBe(`${device.handle.host}\t\t\tcommand: x\n`);
  });

  test("workers and health know of the device's session", async () => {
    await netpulse(["exec", where, "show clock", "-t", "cisco_ios"]);
    const { stdout } = await netpulse(["workers", "ls", "--host", device.handle.host]);
    expect(stdout).toContain(`\t${device.queue}\tconnected\t`);
    expect((await netpulse(["health"])).stdout).toStartWith("status\tok\n");
  });

  test("a reader that goes away ends it without a word", async () => {
    const command = `${typedNetpulse()} top --interval 0.05 | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await run(["bash", "-c", command], { env: env() });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT\S+\t.*\n141\n$/);
  });

  test("a mistyped command is answered with the nearest", async () => {
    const { code, stderr } = await netpulse(["exce", where, "show clock"]);
    expect(code).toBe(2);
    expect(stderr).toContain("Did you mean exec?");
  });
});

describe("in a real terminal", () => {
  const command = (argv: string) => `${typedNetpulse()} ${argv}; echo "ended with $?"`;

  async function types(terminal: TmuxTerminal, argv: string): Promise<void> {
    await terminal.type(command(argv));
    await terminal.press("Enter");
  }

  test("exec asks for the password without showing it, then prints the output", async () => {
    await using terminal = await startTmux({ env: env() });
    await types(terminal, `exec ${where} 'show clock' 'show users' -t cisco_ios -u admin`);
    await terminal.shows(/Password for admin@127\.\S+: $/m);
    await terminal.type("admix");
    await terminal.press("BSpace");
    await terminal.type("n");
    await terminal.press("Enter");
    const shown = await terminal.shows(/ended with 0/);
    expect(shown).toMatch(/# show clock\n\*?\d\d:\d\d:\d\d/);
    expect(shown).not.toContain("admix");
    expect(await terminal.screen({ codes: true })).toContain("\x1b[36m# show clock");
  });

  test("Ctrl-C at the password ends it, and the terminal echoes again", async () => {
    await using terminal = await startTmux({ env: env() });
    await types(terminal, `exec ${where} 'show clock' -t cisco_ios -u admin`);
    await terminal.shows(/Password for/);
    await terminal.press("C-c");
    await terminal.shows(/ended with 130/);
    await terminal.type("echo seen again");
    await terminal.shows(/echo seen again/);
  });

  test("Ctrl-C while a job runs asks, also after a password was asked for", async () => {
    await using terminal = await startTmux({ env: env() });
    device.hold("show users");
    await types(terminal, `exec ${where} 'show users' -t cisco_ios -u admin`);
    await terminal.shows(/Password for/);
    const before = device.count("show users");
    await terminal.type("admin");
    await terminal.press("Enter");
    await device.received("show users", before + 1);
    await terminal.shows(/job_\w+ on 127\S+: started {2}\d+ s/);
    await terminal.press("C-c");
    await terminal.shows(/job_\w+: cancel it\? \[y\/N\]/);
    await terminal.type("y");
    await terminal.press("Enter");
    expect(await terminal.shows(/ended with 130/)).toMatch(/has started: netpulse jobs cancel --abort job_/);
    device.release();
  });

  test("jobs ls has colours, and none with NO_COLOR", async () => {
    await using terminal = await startTmux({ env: { ...env(), ...login } });
    await types(terminal, "jobs ls --limit 5");
    await terminal.shows(/ended with 0/);
    expect(await terminal.screen({ codes: true })).toMatch(/\x1b\[1mID/);
    await terminal.clear();
    await terminal.type(`NO_COLOR=1 ${command("jobs ls --limit 5")}`);
    await terminal.press("Enter");
    expect(await terminal.shows(/ended with 0/)).toContain("STATUS");
    expect(await terminal.screen({ codes: true })).not.toMatch(/\x1b\[(1|3\d)m/);
  });

  test("bulk draws how far it is; Ctrl-C asks, and cancels what is queued", async () => {
    await using terminal = await startTmux({ env: { ...env(), ...login } });
    const { host, port } = device.handle;
    await Bun.write(home.file("list.csv"), `host,port\n${`${host},${port}\n`.repeat(5)}`);
    device.hold("show users");
    await types(terminal, `bulk ${home.file("list.csv")} 'show users' -t cisco_ios`);
    await terminal.shows(/\[\.{24}\] 0\/5/);
    await terminal.press("C-c");
    await terminal.shows(/batch_\w+: cancel it\? \[y\/N\]/);
    await terminal.type("y");
    await terminal.press("Enter");
    const shown = await terminal.shows(/ended with 130/);
    expect(shown).toContain("interrupted; 4 queued jobs cancelled; what has started goes on");
    device.release();
  });

  test("top takes the screen, follows its size, and gives all of it back", async () => {
    await using terminal = await startTmux({ env: env(), columns: 100, rows: 20 });
    await terminal.type('echo what was th""ere');
    await terminal.press("Enter");
    await terminal.shows(/what was there$/m);
    await types(terminal, "top --interval 0.1");
    const shown = await terminal.shows(/q ends, p pauses/);
    expect(shown).not.toContain("what was there");
    expect(shown).toMatch(/^workers +1 node/m);
    await terminal.resize(70, 12);
    await terminal.shows(/^(?:.*\n){11}q ends, p pauses\n?$/);
    await terminal.press("p");
    await terminal.shows(/paused: p goes on, q ends/);
    await terminal.press("q");
    const after = await terminal.shows(/ended with 0/);
    expect(after).toContain("what was there");
    await terminal.type('echo seen a""gain');
    await terminal.press("Enter");
    await terminal.shows(/seen again$/m);
  });

  test.each([
    ["Ctrl-C", 130],
    ["SIGTERM", 143],
  ])("top that %s ends leaves the terminal as it was", async (how, code) => {
    await using terminal = await startTmux({ env: env(), columns: 100, rows: 20 });
    await terminal.type('echo what was th""ere');
    await terminal.press("Enter");
    const own = home.file("top.pid");
    await terminal.type(`sh -c 'echo $$ > ${own}; exec ${typedNetpulse()} top'; echo "ended with $?"`);
    await terminal.press("Enter");
    await terminal.shows(/q ends, p pauses/);
    if (how === "Ctrl-C") await terminal.press("C-c");
    else process.kill(Number(await Bun.file(own).text()), "SIGTERM");
    expect(await terminal.shows(new RegExp(`ended with ${code}`))).toContain("what was there");
    await terminal.type('echo seen a""gain');
    await terminal.press("Enter");
    await terminal.shows(/seen again$/m);
  });

  test("top ends with its terminal", async () => {
    const own = home.file("lost.pid");
    {
      await using terminal = await startTmux({ env: env() });
      await terminal.type(`sh -c 'echo $$ > ${own}; exec ${typedNetpulse()} top -i 0.1'`);
      await terminal.press("Enter");
      await terminal.shows(/q ends, p pauses/);
    }
    await gone([Number(await Bun.file(own).text())], 20_000);
  });

  test("login asks for the key without showing it, keeps it, and the next command needs nothing else", async () => {
    const { NETPULSE_URL: url, NETPULSE_API_KEY: key, ...rest } = env();
    await using terminal = await startTmux({ env: rest });
    await types(terminal, `login ${url}`);
    await terminal.shows(/API key for http/);
    await terminal.type(key);
    await terminal.press("Enter");
    const shown = await terminal.shows(/ended with 0/);
    expect(shown).toContain(`kept in ${home.path}/.config/netpulse/login.json`);
    expect(shown).not.toContain(key);
    await terminal.clear();
    await types(terminal, "health");
    expect(await terminal.shows(/ended with 0/)).toMatch(/^status +ok$/m);
  });
});
