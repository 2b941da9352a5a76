import { DeviceError } from "../../../src/device/driver.ts";
import type { Answers } from "../../../src/device/transport/answers.ts";
import type { Dialogue } from "../engine/dialogue.ts";
import type { Question } from "../platform.ts";

export interface TelnetLogin {
  /** How messages name the device. */
  where: string;
  username: string;
  /** Gives the password once: who asks again has refused it. */
  answers: Answers;
  /** Parts of questions to which `answers` has an answer of its own. */
  scripted: readonly string[];
  /** What the platform asks before its first prompt. */
  questions: readonly Question[];
  /**
   * Silence that is too long before the device asks who we are, and after that; one that goes on talking has twice as
   * long for each step.
   */
  seconds: { banner: number; login: number };
}

/** Questions before the first prompt. */
const MAX_QUESTIONS = 16;
/** Of what a device says, as much as an error shows. */
const MAX_WORDS = 120;

/** `Last login:` asks nothing. */
export const ASKS_NAME =
  /^(?!.{0,60}\b(?:last|previous|failed)\b)(?:.{0,100}[\s>])?(?:user ?name|user|login(?: name)?|account)\s?:$/i;
export const ASKS_PASSWORD =
  /^(?:.{0,100}[\s'])?(?:password|passcode|passphrase)(?: for [\w.@+-]{1,64})?\s?:$/i;

/** A whole line, after a password was given, by which devices refuse a login. */
export const REFUSED =
  /^(?:% ?|error: ?)?(?:login (?:incorrect|invalid|failed|failure)\b(?:, .{0,60})?|bad (?:passwords?|secrets|login)|(?:user |aaa )?authentication (?:fail(?:ed|ure)?|error)|access denied|permission denied|(?:invalid|incorrect|wrong) (?:login|user ?name|password|credentials)\b.{0,60}|(?:user ?name|user) or password (?:is )?(?:incorrect|invalid|error|wrong)|failed to (?:log ?in|authenticate)\b.{0,60}|unable to verify credentials)[.!]*$/i;

/** Lines by which a device lets nobody in, whoever it is. */
export const CLOSED = /^(?:% ?)?(?:password required, but none set|no password set)[.!]*$/i;
const SPEAKS_SSH = /^SSH-\d\.\d{1,2}-/;

type Asked = "name" | "password" | "scripted" | "platform";

type Alarm = ReturnType<Dialogue["alarm"]>;

interface Asking {
  what: Asked;
  question: Question;
  line: string;
}

/** Logs in, and waits for the first prompt. Each credential is given once. */
export async function logIn(dialogue: Dialogue, login: TelnetLogin): Promise<void> {
  const attempt = new Attempt(dialogue, login);
  try {
    await attempt.run();
  } catch (error) {
    throw attempt.explain(error);
  }
}

class Attempt {
  readonly #dialogue: Dialogue;
  readonly #login: TelnetLogin;
  readonly #given = new Set<Asked>();

  constructor(dialogue: Dialogue, login: TelnetLogin) {
    this.#dialogue = dialogue;
    this.#login = login;
  }

  async run(): Promise<void> {
    for (let asked = 0; asked <= MAX_QUESTIONS; asked += 1) {
      const question = await this.#nextQuestion();
      if (question === null) return;
      this.#answer(question);
    }
    throw this.#failed("it asks on and on");
  }

  /** A connection that a device closes in the middle of a login is not understood without its last words. */
  explain(error: unknown): unknown {
    const { ended } = this.#dialogue;
    if (!(error instanceof DeviceError) || error !== ended) return error;
    const message = `${error.message} during the login; last received: ${this.#dialogue.shown()}`;
    return new DeviceError(error.type, message, { retryable: error.retryable });
  }

  /** `null`: the device shows a prompt. */
  async #nextQuestion(): Promise<Asking | null> {
    const { banner, login } = this.#login.seconds;
    const seconds = this.#given.size === 0 ? banner : login;
    const alarm = this.#dialogue.alarm(2 * seconds * 1000);
    try {
      return await this.#listen(seconds, alarm);
    } finally {
      alarm.cancel();
    }
  }

  async #listen(seconds: number, alarm: Alarm): Promise<Asking | null> {
    const kinds = this.#questions();
    const after = this.#given.size === 0 ? "nor a question for a login" : "in the login";
    for (;;) {
      const reply = await this.#dialogue.next({ after, seconds, questions: [...kinds.keys()], alarm });
      switch (reply.kind) {
        case "prompt":
          return null;
        case "text":
          this.#judge(reply.text);
          break;
        case "alarm":
          throw this.#tooSlow(2 * seconds);
        case "question":
          return {
            what: kinds.get(reply.question) ?? "platform",
            question: reply.question,
            line: reply.line,
          };
      }
    }
  }

  /** A banner that was cut behind such a word would be given the password: the device has to wait there. */
  #questions(): Map<Question, Asked> {
    const { scripted, questions } = this.#login;
    const asked = (asks: RegExp): Question => ({ asks, answer: { text: "" }, loose: true });
    return new Map<Question, Asked>([
      ...scripted.map((part) => [asked(new RegExp(RegExp.escape(part), "i")), "scripted"] as const),
      [asked(ASKS_NAME), "name"],
      [asked(ASKS_PASSWORD), "password"],
      ...questions.map((question) => [question, "platform"] as const),
    ]);
  }

  #answer({ what, question, line }: Asking): void {
    const { answers, username } = this.#login;
    if (what === "platform") this.#dialogue.send(answerOf(question), "platform");
    else if (what !== "name")
      this.#dialogue.sendHidden(answers.to({ prompt: line, echo: false }), "platform");
    else if (this.#given.has("name")) throw this.#failed("it asks for the user name again");
    else this.#dialogue.send(username, "platform");
    this.#given.add(what);
  }

  #judge(text: string): void {
    for (const line of text.split("\n").map((each) => each.trim())) {
      if (SPEAKS_SSH.test(line)) throw this.#speaksSsh();
      if (CLOSED.test(line) || (this.#given.has("password") && REFUSED.test(line))) {
        throw this.#failed(`the device says ${JSON.stringify(line.slice(0, MAX_WORDS))}`);
      }
    }
  }

  #failed(why: string): DeviceError {
    const { username, where } = this.#login;
    return new DeviceError("AuthenticationError", `login of ${username} on ${where} failed: ${why}`);
  }

  #speaksSsh(): DeviceError {
    const message = `${this.#login.where} speaks SSH, not Telnet; leave _telnet out of the device_type, or name the port of Telnet`;
    return new DeviceError("ConnectionError", message, { retryable: false });
  }

  #tooSlow(seconds: number): DeviceError {
    const { where } = this.#login;
    const what = this.#given.size === 0 ? "ask for a login" : "let us in";
    const message = `${where} did not ${what} within ${seconds} s; last received: ${this.#dialogue.shown()}`;
    return new DeviceError("TimeoutError", message);
  }
}

function answerOf({ answer }: Question): string {
  if (answer === "secret") throw new Error("no platform asks for a second password at login");
  return answer.text;
}
