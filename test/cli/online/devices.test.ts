import { beforeEach, describe, expect, test } from "bun:test";
import { isAboutProgram } from "../../../src/cli/commands/config.ts";
import { configureCommand } from "../../../src/cli/online/commands/configure.ts";
import { execCommand } from "../../../src/cli/online/commands/exec.ts";
import { testCommand } from "../../../src/cli/online/commands/test.ts";
import { anEndedJob, anOutput } from "../../api/memory-engine.ts";
import { tempDir } from "../../support/tempdir.ts";
import { type OnlineWorld, onlineWorld, people } from "./support.ts";

let world: OnlineWorld;
beforeEach(async () => {
  world = await onlineWorld({ exec: execCommand, config: configureCommand, test: testCommand });
  world.engine.onWait = async () => {
    const job = world.engine.all.at(-1);
    if (job === undefined) return;
    Object.assign(job, anEndedJob({ id: job.id, seq: job.seq, command: job.command }));
    world.engine.printed.set(job.id, [anOutput({ stdout: "IOS 15.2\n" })]);
  };
});
const asked = () => world.engine.submitted.at(-1)?.request;

describe("netpulse exec", () => {
  test("runs a command and prints what it printed", async () => {
    const { code, out, err } = await world.netpulse([
      "exec",
      "192.0.2.1",
      "show version",
      "-t",
      "cisco_ios",
      "-u",
      "admin",
    ]);
    expect({ code, out, err }).toEqual({ code: 0, out: "IOS 15.2\n", err: "" });
    expect(asked()).toMatchObject({
      driver: "netmiko",
      connectionArgs: { host: "192.0.2.1", device_type: "cisco_ios", username: "admin" },
      operation: { kind: "command", text: "show version" },
    });
  });

  test("--credential stands for a login: nothing is asked, and none of the environment goes with it", async () => {
    const env = { NETPULSE_DEVICE_USERNAME: "eve", NETPULSE_DEVICE_PASSWORD: "s3cret" };
    const vault = '{"name": "vault_kv", "ref": "network/core"}';
    const argv = ["exec", "192.0.2.1", "show version", "-t", "cisco_ios"];
    const { code } = await world.netpulse([...argv, "--credential", "core/admin", "--credential", vault], {
      env,
      terminal: people(),
    });
    expect(code).toBe(0);
    expect(asked()).toMatchObject({
      connectionArgs: { host: "192.0.2.1", device_type: "cisco_ios" },
      credentials: [{ ref: "core/admin" }, { name: "vault_kv", ref: "network/core" }],
    });
    expect(JSON.stringify(asked())).not.toContain("s3cret");
    expect((await world.netpulse([...argv, "--credential", "{core"])).err).toContain(
      "Give a name, or JSON as",
    );
  });

  describe("--parse", () => {
    const argv = (...more: string[]) => ["exec", "192.0.2.1", "show ports", "-t", "cisco_ios", ...more];
    beforeEach(() => {
      const { onWait } = world.engine;
      world.engine.onWait = async (...wait) => {
        await onWait(...wait);
        const parsed = [
          { port: "Et1", vlans: ["1", "2"] },
          { port: "Et2", vlans: [] },
        ];
        const outputs = [anOutput({ command: "show ports", stdout: "as it came\n", parsed })];
        if (world.engine.all.at(-1)?.command.length !== 1) outputs.push(anOutput({ stdout: "no table\n" }));
        world.engine.printed.set(world.engine.all.at(-1)?.id ?? "", outputs);
      };
    });

    test("prints data in the place of output", async () => {
      const { code, out, err } = await world.netpulse(argv("--parse", "textfsm"));
      expect({ code, out, err }).toEqual({ code: 0, out: "Et1\t1, 2\nEt2\t\n", err: "" });
      expect(asked()?.parsing).toMatchObject({ name: "textfsm" });
      expect((await world.netpulse(argv("--parse", "textfsm", "--csv"))).out).toBe(
        'port,vlans\r\nEt1,"1, 2"\r\nEt2,\r\n',
      );
      const table = await world.netpulse(argv("--parse", "textfsm"), { terminal: people("") });
      expect(table.out).toContain("\x1b[1mPORT\x1b[0m");
      const several = await world.netpulse(argv("show clock", "--parse", "textfsm"));
      expect(several.out).toBe("# show ports\nEt1\t1, 2\nEt2\t\n# show version\nno table\n");
    });

    test("sends a template of here, or names one of the API's", async () => {
      const input = "{{ port }} is {{ state }}";
      expect((await world.netpulse(argv("--parse", "ttp", "--template", "-"), { input })).code).toBe(0);
      expect(asked()?.parsing).toMatchObject({
        name: "ttp",
        template: `${input}\n`,
      });
      expect((await world.netpulse(argv("--parse", "ttp", "--stored", "a.ttp"))).code).toBe(0);
      expect(asked()?.parsing).toMatchObject({ template: "a.ttp" });
    });

    test.each([
      [["--parse", "textfms"], "Did you mean textfsm?"],
      [["--parse", "ttp"], "--parse ttp needs --template or --stored"],
      [["--template", "a"], "say with --parse what the template is for"],
      [["--parse", "textfsm", "--follow"], "give --follow or --parse, not both"],
    ])("%p is wrong usage", async (more, message) => {
      const { code, err } = await world.netpulse(argv(...more));
      expect({ code, said: err.includes(message) }).toEqual({ code: 2, said: true });
    });
  });

  test("passes on all that it is told, each with the type its argument has", async () => {
    const args = [
      "-a",
      "timeout=5",
      "-a",
      "legacy=true",
      "-a",
      "password=1234",
      "-a",
      'jump_hosts=[{"host":"b"}]',
    ];
    const how = [
      "-q",
      "fifo",
      "--ttl",
      "60",
      "--execution-timeout",
      "2.5",
      "--priority",
      "-3",
      "--retries",
      "2",
    ];
    const env = {
      NETPULSE_DEVICE_USERNAME: "ops",
      NETPULSE_DEVICE_PASSWORD: "from env",
      NETPULSE_DEVICE_SECRET: "enable",
    };
    const argv = [
      "exec",
      "site/[2001:db8::1]:2222",
      "show a",
      "show b",
      "-t",
      "cisco_ios",
      "--driver-arg",
      "read_timeout=9",
    ];
    await world.netpulse([...argv, ...args, ...how], { env });
    expect(asked()).toMatchObject({
      connectionArgs: {
        host: "2001:db8::1",
        port: 2222,
        site: "site",
        device_type: "cisco_ios",
        username: "ops",
        secret: "enable",
        password: "1234",
        timeout: 5,
        legacy: true,
        jump_hosts: [{ host: "b" }],
      },
      driverArgs: { read_timeout: 9 },
      operation: { kind: "command", text: ["show a", "show b"] },
      queueStrategy: "fifo",
      ttl: 60,
      executionTimeout: 2.5,
      priority: -3,
      retries: 2,
    });
  });

  test("asks people for a password that is missing, and hides it", async () => {
    const questions: unknown[] = [];
    const terminal = {
      ...people(),
      ask: async (...question: unknown[]) => {
        questions.push(question);
        return "typed";
      },
    };
    const argv = ["exec", "192.0.2.1", "show version", "-t", "cisco_ios", "-u", "admin"];
    await world.netpulse(argv, { terminal });
    expect(questions).toEqual([["Password for admin@192.0.2.1: ", { hidden: true }]]);
    expect(asked()?.connectionArgs).toMatchObject({ password: "typed" });
    await world.netpulse([...argv, "--no-password"], { terminal });
    await world.netpulse([...argv, "-a", "allow_agent=true"], { terminal });
    await world.netpulse(argv, { terminal, env: { NETPULSE_DEVICE_PASSWORD: "p" } });
    expect(questions).toHaveLength(1);
  });

  test("Ctrl-C while it is submitted lets that finish, then asks; a second one ends at once", async () => {
    const submit = world.engine.submit.bind(world.engine);
    const submitted = Promise.withResolvers<void>();
    let press = () => {};
    const terminal = {
      ...people("y"),
      onInterrupt(heard: () => void) {
        press = heard;
        return () => {};
      },
    };
    world.engine.submit = async (...given) => {
      press();
      return await submit(...given);
    };
    const argv = ["exec", "192.0.2.1", "show version", "-t", "cisco_ios", "--no-password"];
    const once = await world.netpulse(argv, { terminal });
    expect(once).toMatchObject({ code: 130, err: "\nnetpulse: interrupted; job_1 is cancelled\n" });
    expect(world.engine.all.map(({ status }) => status)).toEqual(["cancelled"]);
    world.engine.submit = async (...given) => {
      press();
      press();
      await submitted.promise;
      return await submit(...given);
    };
    const twice = await world.netpulse(argv, { terminal });
    submitted.resolve();
    expect(twice).toMatchObject({ code: 130, err: "netpulse: interrupted; what was sent goes on\n" });
  });

  test("--no-wait prints the id alone", async () => {
    const argv = ["exec", "192.0.2.1", "show version", "-t", "cisco_ios"];
    expect((await world.netpulse([...argv, "--no-wait"])).out).toBe("job_1\n");
    expect(JSON.parse((await world.netpulse([...argv, "--no-wait", "--json"])).out)[0].status).toBe("queued");
  });

  test("what the API finds wrong is said field by field, with exit code 2", async () => {
    world.engine.wrong = [{ loc: ["connection_args", "username"], msg: "is required" }];
    expect(await world.netpulse(["exec", "192.0.2.1", "show version", "-t", "cisco_ios"])).toEqual({
      code: 2,
      out: "",
      err: "netpulse: wrong fields\n  connection_args.username: is required\n",
    });
  });

  test.each([
    [["-t", "cisco-iso"], 'there is no device_type "cisco-iso"; did you mean "cisco_ios"?'],
    [["-t", "cisco_ois"], 'did you mean "cisco_ios"?'],
    [["-d", "netmko"], 'there is no driver "netmko"; did you mean "netmiko"?'],
    [["-a", "pasword=s3cret"], 'there is no "pasword"; did you mean "password"?'],
    [["-a", "s3cret"], "--arg is written as name=value"],
    [["--driver-arg", "raed_timeout=5"], 'did you mean "read_timeout"?'],
    [["-a", "jump_hosts=s3cret"], "jump_hosts is written as JSON"],
    [["-q", "pined"], "Did you mean pinned?"],
    [["-p", "ssh"], "Give a whole number"],
    [["--follow", "--no-wait"], "give --follow or --no-wait"],
  ])("%p is answered with what is near, before anything is sent", async (argv, message) => {
    const { code, err } = await world.netpulse(["exec", "192.0.2.1", "show version", ...argv]);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toContain("s3cret");
    expect(world.engine.submitted).toEqual([]);
  });

  test.each([[["exec"]], [["exec", "192.0.2.1"]], [["exec", "a:b", "show clock"]]])(
    "%p is wrong usage",
    async (argv) => {
      expect((await world.netpulse(argv)).code).toBe(2);
    },
  );

  test("--help says how to log in, with examples", async () => {
    const { code, out } = await world.netpulse(["exec", "--help"]);
    expect(code).toBe(0);
    expect(out).toContain("NETPULSE_DEVICE_PASSWORD");
    expect(out).toContain("Examples:");
  });
});

describe("netpulse config", () => {
  const argv = ["config", "192.0.2.1", "-t", "cisco_ios"];

  test("applies lines, saved or on trial where wanted", async () => {
    const { code } = await world.netpulse([
      ...argv,
      "interface Loopback0",
      "description core",
      "--save",
      "--commit-confirm",
      "60",
    ]);
    expect(code).toBe(0);
    expect(asked()).toMatchObject({
      operation: { kind: "config", text: ["interface Loopback0", "description core"] },
      driverArgs: { save: true, commit_confirm: 60 },
    });
  });

  test("takes them from a file or from stdin", async () => {
    const folder = tempDir("lines");
    await Bun.write(folder.file("ntp.txt"), "ntp server 192.0.2.200\r\n\n ntp server 192.0.2.201\n");
    await world.netpulse([...argv, "--file", folder.file("ntp.txt")]);
    expect(asked()?.operation).toEqual({
      kind: "config",
      text: ["ntp server 192.0.2.200", " ntp server 192.0.2.201"],
    });
    await world.netpulse([...argv, "--file", "-"], { input: "hostname a\n" });
    expect(asked()?.operation).toEqual({ kind: "config", text: ["hostname a"] });
    folder.remove();
  });

  test.each([
    [[], "give the lines, or --file"],
    [["a", "--file", "b"], "give the lines, or --file"],
    [["--file", "/nowhere/ntp.txt"], "/nowhere/ntp.txt cannot be read (ENOENT)"],
    [["--file", "-"], "stdin holds no line"],
  ])("%p is wrong usage", async (more, message) => {
    const { code, err } = await world.netpulse([...argv, ...more]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  test.each<[string[], boolean]>([
    [[], true],
    [["--json", "--set", "job.ttl=5", "--config=a.yaml", "--config", "b"], true],
    [["192.0.2.1", "line"], false],
    [["--json", "192.0.2.1", "line"], false],
    [["--help"], false],
  ])("%p is about the program itself: %p", (words, expected) => {
    expect(isAboutProgram(words)).toBe(expected);
  });
});

describe("netpulse test", () => {
  test("says how it went", async () => {
    const { code, out } = await world.netpulse(["test", "192.0.2.1", "-t", "cisco_ios"]);
    expect({ code, out }).toEqual({
      code: 0,
      out: "device\t192.0.2.1\nresult\tok\nerror\t\ntime\t0.41 s\nprompt\tcore-1#\njob\tjob_1\n",
    });
    expect(world.engine.tested[0]?.request.connectionArgs).toEqual({
      host: "192.0.2.1",
      device_type: "cisco_ios",
    });
  });

  test("ends with 1 when the device could not be reached", async () => {
    const error = { type: "AuthenticationError", message: "wrong password", retryable: false } as const;
    const job = anEndedJob({ status: "failed", result: { type: "failed", error } });
    world.engine.onTest = async () => ({ job, outputs: [], waiting: null });
    const { code, out } = await world.netpulse(["test", "192.0.2.1", "-t", "cisco_ios"], {
      terminal: people("p"),
    });
    expect(code).toBe(1);
    expect(out).toContain("\x1b[31mAuthenticationError: wrong password\x1b[0m");
  });
});
