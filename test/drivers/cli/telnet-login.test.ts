import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { cliDriver } from "../../../drivers/cli/index.ts";
import { platforms } from "../../../drivers/cli/platforms/index.ts";
import { ASKS_NAME, ASKS_PASSWORD, CLOSED, REFUSED } from "../../../drivers/cli/telnet/login.ts";
import { DeviceError } from "../../../src/device/driver.ts";
import type { ByteChannel, ByteSink } from "../../../src/device/transport/channel.ts";
import { withLab } from "../../lab/support/with-lab.ts";
import { FakeClock } from "../../support/clock.ts";
import { patternCost } from "../../support/pattern-cost.ts";
import { CUTS, type Cut, ends, prints, ReplayDevice, reads, type Step } from "../../support/replay.ts";
import { context } from "../support.ts";
import { type OpenOptions, open } from "./support/session.ts";

/** What IOS is told once it has let us in. */
const inside: Step[] = [
  prints("\r\nRouter>"),
  reads("terminal width 511\n"),
  prints("terminal width 511\r\nRouter>"),
  reads("terminal length 0\n"),
  prints("terminal length 0\r\nRouter>"),
];

const LOGIN = { username: "admin", password: "s3cret-word" };
const name: Step[] = [
  prints("\r\nUser Access Verification\r\n\r\nUsername: "),
  reads("admin\n"),
  prints("admin\r\n"),
];
const password: Step[] = [prints("Password: "), reads("s3cret-word\n")];

interface Attempt {
  telnet?: typeof LOGIN & OpenOptions["telnet"];
  cut?: Cut;
  deviceType?: string;
}

async function attempt(steps: Step[], { telnet = LOGIN, cut = "whole", ...more }: Attempt = {}) {
  const clock = new FakeClock();
  const device = new ReplayDevice(steps, cut);
  const opening = open(device, { clock, telnet, secrets: [telnet.password], ...more }).then(
    (session) => ({ prompt: session.prompt ?? null, error: null }),
    (error: unknown) => ({ prompt: null, error }),
  );
  const done = opening.then(() => true);
  // Doubtful questions count after a while; a device that is silent is given up.
  for (let passed = 0; passed < 60_000; passed += 250) {
    while (!device.idle) await clock.settle();
    if (await Promise.race([done, clock.advance(250).then(() => false)])) break;
  }
  return { ...(await opening), device, clock };
}

describe.each(CUTS)("a login that comes %p", (cut) => {
  test("gives name and password, each where it is asked for", async () => {
    const { prompt, error, device, clock } = await attempt([...name, ...password, ...inside], { cut });
    expect(error).toBeNull();
    expect(prompt).toBe("Router>");
    expect(device.typed).toStartWith("admin\ns3cret-word\nterminal");
    expect(clock.timers).toBe(0);
  });

  test("takes neither `Last login:` nor a banner for a question", async () => {
    const telnet = { ...LOGIN };
    const steps = [
      prints("Authorized login only.\r\nEnter password: yes, really\r\n\r\nsrv-1 login: "),
      reads("admin\n"),
      prints("admin\r\n"),
      ...password,
      prints("\r\nLast login: Fri Nov 27 08:00:00 UTC 2026\r\n"),
      ...inside,
    ];
    const { error, device } = await attempt(steps, { cut, telnet });
    expect(error).toBeNull();
    expect(device.typed).toStartWith("admin\ns3cret-word\nterminal");
  });

  test.each([
    ["% Login invalid\r\n\r\nUsername: "],
    ["Login incorrect\r\nlogin: "],
    ["% Authentication failed!\r\nlogin: "],
    ["% Bad passwords\r\n"],
    ["% User Authentication failed\r\n"],
    ["Error: Failed to log in.\r\n"],
    ["Error: Username or password error.\r\n"],
    ["Invalid password\r\n"],
    ["Access denied.\r\n"],
    ["Login failed, incorrect username or password\r\n"],
  ])("is refused by %j: the password is not given again, and not shown", async (words) => {
    const steps = [...name, ...password, prints(`\r\n${words}`), reads("never\n")];
    const { error, device } = await attempt(steps, { cut });
    expect(error).toMatchObject({ type: "AuthenticationError", retryable: false });
    expect(String(error)).toContain("login of admin on 192.0.2.1 port 23 failed: the device says");
    expect(String(error)).not.toContain("s3cret");
    expect(device.typed).toBe("admin\ns3cret-word\n");
  });
});

test("a device that asks for a password only gets that", async () => {
  const { error, device } = await attempt([...password, ...inside]);
  expect(error).toBeNull();
  expect(device.typed).toStartWith("s3cret-word\nterminal");
});

test("a device that asks for nothing is let in to", async () => {
  expect((await attempt(inside)).prompt).toBe("Router>");
});

test.each<[string, Step[], string]>([
  ["name", [...name, ...password, prints("\r\nUsername: ")], "it asks for the user name again"],
  ["password", [...name, ...password, prints("\r\nPassword: ")], "to which no answer is left"],
])("a device that asks for the %s again, without a word, has refused it", async (_what, steps, words) => {
  const { error, device } = await attempt(steps);
  expect(error).toMatchObject({ type: "AuthenticationError", retryable: false });
  expect(String(error)).toContain(words);
  expect(device.typed).toBe("admin\ns3cret-word\n");
});

test("a device without a password for its lines lets nobody in", async () => {
  const { error } = await attempt([prints("\r\n\r\nPassword required, but none set\r\n"), ends("hung up")]);
  expect(error).toMatchObject({ type: "AuthenticationError" });
  expect(String(error)).toContain("Password required, but none set");
});

test("a device that hangs up in the login is quoted", async () => {
  const { error } = await attempt([
    ...name,
    prints("\r\nAll lines are in use\r\n"),
    ends("it closed the connection"),
  ]);
  expect(error).toMatchObject({ type: "ConnectionError", retryable: true });
  expect(String(error)).toMatch(
    /it closed the connection during the login; last received: ".*All lines are in use/,
  );
});

test.each<[string, Step[], string]>([
  ["asks nothing", [prints("\r\nWelcome\r\n")], "no prompt nor a question for a login for 10 s"],
  ["says nothing after the password", [...name, ...password], "no prompt in the login for 10 s"],
])("a device that %s is given up", async (_what, steps, words) => {
  const { error } = await attempt(steps);
  expect(error).toMatchObject({ type: "TimeoutError" });
  expect(String(error)).toContain(words);
});

test("a device that prints on and on before it asks is given up, too", async () => {
  const chatter = Array.from({ length: 400 }, (_, line) => `line ${line}\r\n`).join("");
  const clock = new FakeClock();
  const device = {
    open: async (sink: ByteSink): Promise<ByteChannel> => {
      const next = () => {
        sink.onData(new TextEncoder().encode(chatter));
        timer = clock.after(1000, next);
      };
      let timer = clock.after(0, next);
      const end = () => timer.cancel();
      return { write() {}, pause() {}, resume() {}, close: async () => end(), destroy: end };
    },
  };
  const opening = open(device, { clock, telnet: LOGIN }).catch((error: unknown) => error);
  await clock.advance(21_000);
  expect(await opening).toMatchObject({ type: "TimeoutError" });
  expect(String(await opening)).toContain("192.0.2.1 port 23 did not ask for a login within 20 s");
  expect(clock.timers).toBe(0);
});

test("login_answers are given where their part of a question stands, once", async () => {
  const telnet = { ...LOGIN, login_answers: [{ prompt: "otp", answer: "123456" }] };
  const otp = [prints("\r\nYour OTP? "), reads("123456\n")];
  const { error, device } = await attempt([...name, ...password, ...otp, ...inside], { telnet });
  expect(error).toBeNull();
  expect(device.typed).toStartWith("admin\ns3cret-word\n123456\nterminal");
});

test("what the platform asks at login is answered, before it and after", async () => {
  const steps = [
    prints("Press any key to continue"),
    reads("\n"),
    prints("\r\nUsername: "),
    reads("admin\n"),
    prints("admin\r\n"),
    ...password,
    prints("\r\nbox>"),
  ];
  const { error, prompt } = await attempt(steps, { deviceType: "generic_telnet" });
  expect(error).toBeNull();
  expect(prompt).toBe("box>");
});

test("a device that asks on and on is left", async () => {
  const endless = Array.from({ length: 30 }, () => [prints("Press any key to continue"), reads("\n")]).flat();
  const { error, device } = await attempt(endless, { deviceType: "generic_telnet" });
  expect(error).toMatchObject({ type: "AuthenticationError" });
  expect(String(error)).toContain("it asks on and on");
  expect(device.typed.length).toBeLessThan(20);
});

test("whatever a device says at a login, it ends, and the password is given once at most", async () => {
  const piece = fc.constantFrom(
    ...[
      "login: ",
      "Username: ",
      "Password: ",
      "\r\n",
      "\r",
      "Router>",
      "Router#",
      "(y/n)",
      "--More--",
      "\x1b[2J",
    ],
    ...[
      "Login incorrect\r\n",
      "Last login: ",
      "\xff",
      "\0",
      "s3cret-word",
      "admin\r\n",
      "Press any key to continue",
    ],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.boolean(), async (pieces, hangsUp) => {
      const steps = [...pieces.map((each) => prints(each)), ...(hangsUp ? [ends("hung up")] : [])];
      const { error, device } = await attempt(steps);
      if (error !== null) expect(error).toBeInstanceOf(DeviceError);
      expect(String(error)).not.toContain("s3cret-word");
      expect(device.typed.split("s3cret-word").length).toBeLessThanOrEqual(2);
    }),
    { numRuns: 150 },
  );
}, 60_000);

test.each(Object.entries({ ASKS_NAME, ASKS_PASSWORD, REFUSED, CLOSED }))("%s is cheap", (_name, pattern) => {
  expect(patternCost(pattern)).toBeLessThan(1000);
});

test.each(platforms.flatMap(({ telnet, deviceType }) => telnet.map((type) => [type, deviceType] as const)))(
  "%s: the lab refuses a wrong password after one try",
  async (deviceType, platform) => {
    await using lab = await withLab({
      platform: platform === "generic" ? "linux" : platform,
      telnetPort: 0,
      chunkSize: 1,
    });
    const device = lab.device(0);
    const args = {
      host: "127.0.0.1",
      port: device.telnetPort ?? 0,
      username: "admin",
      password: "not-admin",
      device_type: deviceType,
    };
    const error = await cliDriver.connect(context(args)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ type: "AuthenticationError", retryable: false });
    expect(device.counts()).toMatchObject({ refusedLogins: 1, logins: 0 });
  },
);

test("what is SSH's alone, and what would press other keys, is refused with Telnet", () => {
  const connectionArgs = {
    ...LOGIN,
    host: "192.0.2.1",
    device_type: "cisco_ios_telnet",
    pkey: "x",
    legacy: true,
    allow_agent: false,
    password: "two\nlines",
  };
  const operation = { kind: "command" as const, commands: ["show version"] };
  const found = cliDriver.check({ connectionArgs, driverArgs: {}, operation });
  expect(found.map(({ loc }) => loc[1])).toEqual(["pkey", "legacy", "password"]);
  expect(found[0]?.msg).toBe("is of SSH; this device_type is reached over Telnet");
  const overSsh = { ...connectionArgs, device_type: "cisco_ios" };
  expect(cliDriver.check({ connectionArgs: overSsh, driverArgs: {}, operation })).toEqual([]);
});

test("the port of Telnet is 23 where none is named", () => {
  expect(cliDriver.usualPort?.({ device_type: "cisco_ios_telnet" })).toBe(23);
  expect(cliDriver.usualPort?.({ device_type: "cisco_ios" })).toBe(22);
  expect(cliDriver.usualPort?.({})).toBe(22);
});
