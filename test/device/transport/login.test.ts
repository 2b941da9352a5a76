import { describe, expect, test } from "bun:test";
import { DeviceError } from "../../../src/core/errors.ts";
import { Answers } from "../../../src/device/transport/answers.ts";
import { type LoginSources, startLogin } from "../../../src/device/transport/login.ts";
import type { BaseAgent, ParsedKey } from "../../../src/device/transport/ssh2.ts";

const KEY = { type: "ssh-ed25519" } as ParsedKey;
const AGENT_KEY = {} as BaseAgent;
const code = () => "287082";

function sources(more: Partial<LoginSources> = {}): LoginSources {
  return {
    username: "bob",
    password: undefined,
    answers: [],
    code: undefined,
    key: undefined,
    agentKeys: [],
    giveUp: () => {},
    ...more,
  };
}

/** What is tried against a server that answers each method with what is left, a `+` meaning it accepted it. */
function tried(given: Partial<LoginSources>, ...replies: string[]): { methods: string[]; error: string } {
  const login = startLogin(sources(given));
  const methods: string[] = [];
  for (const reply of replies) {
    const method = login.next();
    if (method === false) break;
    methods.push(method.type);
    login.answered(reply.replace("+", "").split(","), reply.startsWith("+"));
  }
  if (login.next() !== false) methods.push("…");
  return { methods, error: login.error("r1 port 22").message };
}

describe("what is offered to a server", () => {
  test.each<[string, Partial<LoginSources>, string[], string[]]>([
    [
      "key, then password",
      { key: KEY, password: "p" },
      ["publickey,password", "password"],
      ["publickey", "password"],
    ],
    [
      "each key of the agent before the password",
      { agentKeys: [AGENT_KEY, AGENT_KEY], password: "p" },
      ["publickey,password", "publickey,password", "password"],
      ["agent", "agent", "password"],
    ],
    [
      "the password after a key that was not enough",
      { key: KEY, password: "p" },
      ["+password", "password"],
      ["publickey", "password"],
    ],
    [
      "again what the server did not take yet when it came",
      { key: KEY, password: "p" },
      ["keyboard-interactive", "+publickey", "publickey"],
      ["publickey", "keyboard-interactive", "publickey"],
    ],
    [
      "no more keys once one was enough",
      { key: KEY, agentKeys: [AGENT_KEY], password: "p" },
      ["+keyboard-interactive", "keyboard-interactive"],
      ["publickey", "keyboard-interactive"],
    ],
    [
      "questions after a password that was not enough",
      { password: "p" },
      ["+keyboard-interactive", "keyboard-interactive"],
      ["password", "keyboard-interactive"],
    ],
    [
      "a refused password not again as an answer",
      { password: "p" },
      ["password,keyboard-interactive"],
      ["password"],
    ],
    [
      "questions first, where there are answers for them, and the password not after them",
      { password: "p", code },
      ["password,keyboard-interactive"],
      ["keyboard-interactive"],
    ],
    ["nothing, to a server that may take everybody", {}, ["password"], ["none"]],
  ])("%s", (_what, given, replies, methods) => {
    // The first method is sent before the server has said what it takes.
    expect(tried(given, ...replies).methods).toEqual(methods);
  });

  test("the password where the server asks no questions, whatever answers there are", () => {
    const login = startLogin(sources({ key: KEY, password: "p", answers: [{ prompt: "x", answer: "y" }] }));
    expect(login.next()).toMatchObject({ type: "publickey" });
    login.answered(["publickey", "password"], false);
    expect(login.next()).toMatchObject({ type: "password" });
  });

  test("an error tells how far it came", () => {
    const chain = tried({ key: KEY, password: "p" }, "+password", "password");
    expect(chain.error).toBe(
      "login of bob on r1 port 22 failed: accepted publickey but wants more, refused password; the device takes password",
    );
    expect(tried({ key: KEY }, "+keyboard-interactive").error).toBe(
      "login of bob on r1 port 22 failed: accepted publickey but wants more; the device takes keyboard-interactive",
    );
    expect(tried({}).error).toBe("login of bob on r1 port 22 failed: no usable credential was given");
  });
});

test("questions without end are given up", () => {
  const given: DeviceError[] = [];
  const login = startLogin(sources({ password: "p", code, giveUp: (error) => void given.push(error) }));
  const method = login.next();
  if (method === false || method.type !== "keyboard-interactive") throw new Error("no questions are taken");
  let answered = 0;
  for (let n = 0; n < 12 && given.length === 0; n++) {
    const count = () => {
      answered += 1;
    };
    method.prompt("", "", "", [{ prompt: "Press enter", echo: true }], count);
  }
  expect(answered).toBe(10);
  expect(given.map(({ type }) => type)).toEqual(["AuthenticationError"]);
});

describe("answers", () => {
  const given = {
    username: "bob",
    password: "p4ssword",
    answers: [
      { prompt: "pin", answer: "1234" },
      { prompt: "PIN", answer: "5678" },
      { prompt: "favourite", answer: "blue" },
    ],
    code,
  };

  test.each([
    ["a scripted one, in any case", "Enter PIN: ", false, "1234"],
    ["a scripted one, to a question that is shown", "Your favourite colour? ", true, "blue"],
    ["a code", "Verification code: ", false, "287082"],
    ["a code, as pam_oath asks for it", "One-time password (OATH) for `bob': ", false, "287082"],
    ["a code, shown", "Token: ", true, "287082"],
    ["the password", "Password: ", false, "p4ssword"],
    ["the name", "User name: ", true, "bob"],
    ["nothing, to what is shown and asks for nothing", "Press enter ", true, ""],
  ])("%s", (_what, prompt, echo, expected) => {
    expect(new Answers(given).to({ prompt, echo })).toBe(expected);
  });

  test("each is given once, the next of its kind after it", () => {
    const answers = new Answers(given);
    const ask = (prompt: string) => answers.to({ prompt, echo: false });
    expect([ask("PIN:"), ask("PIN:"), ask("Password:")]).toEqual(["1234", "5678", "p4ssword"]);
    expect(ask("Code:")).toBe("287082");
    expect(() => ask("Password:")).toThrow(DeviceError);
  });

  test("a question without an answer left is named, no secret is", () => {
    const answers = new Answers({ ...given, password: undefined, code: undefined });
    expect(() => answers.to({ prompt: "\x1b[1mSmart\u0007 card:\r\n", echo: false })).toThrow(
      'the login asks "[1mSmart card:", to which no answer is left',
    );
  });

  test("the password is what a code is asked for with, where there is no other: a PIN and a token's digits", () => {
    const answers = new Answers({ ...given, code: undefined, answers: [] });
    expect(answers.to({ prompt: "Enter PASSCODE: ", echo: false })).toBe("p4ssword");
    expect(() => answers.to({ prompt: "Wait for the code to change: ", echo: false })).toThrow(
      "Wait for the code",
    );
  });
});
