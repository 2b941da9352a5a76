import { DeviceError } from "../../core/errors.ts";
import { printable } from "./handshake-watch.ts";

/** What to say when a server asks this. */
export interface ScriptedAnswer {
  /** Part of the question, in any case. */
  prompt: string;
  answer: string;
}

export interface Question {
  prompt: string;
  echo?: boolean;
}

export interface AnswerSources {
  username: string;
  password: string | undefined;
  answers: readonly ScriptedAnswer[];
  /** Makes the one-time code of the moment. */
  code: (() => string) | undefined;
}

const ASKS_FOR_CODE = /\b(?:code|otp|oath|token|one[- ]time|verification|passcode|authenticator|2fa|mfa)\b/i;
const ASKS_FOR_NAME = /user|login|name/i;
/** A device's words in an error. */
const MAX_SHOWN = 60;

/**
 * Answers the questions of keyboard-interactive. Each secret is given once: who asks again has refused
 * it, and another try would count against the account.
 */
export class Answers {
  readonly #sources: AnswerSources;
  readonly #scripted: ScriptedAnswer[];
  #password: string | undefined;
  #code: (() => string) | undefined;

  constructor(sources: AnswerSources) {
    this.#sources = sources;
    this.#scripted = [...sources.answers];
    this.#password = sources.password;
    this.#code = sources.code;
  }

  /** Throws an `AuthenticationError` that names the question there is no answer to. */
  to({ prompt, echo }: Question): string {
    const asked = prompt.toLowerCase();
    const at = this.#scripted.findIndex((each) => asked.includes(each.prompt.toLowerCase()));
    if (at >= 0) return this.#scripted.splice(at, 1)[0]?.answer ?? "";
    const code = this.#code;
    if (ASKS_FOR_CODE.test(prompt) && code !== undefined) {
      this.#code = undefined;
      return code();
    }
    // What is shown while it is typed is no secret: a name, or nothing but a key to go on.
    if (echo === true) return ASKS_FOR_NAME.test(prompt) ? this.#sources.username : "";
    const password = this.#password;
    if (password === undefined) throw unanswered(prompt);
    this.#password = undefined;
    return password;
  }
}

function unanswered(prompt: string): DeviceError {
  const shown = printable(prompt).slice(0, MAX_SHOWN);
  return new DeviceError(
    "AuthenticationError",
    `the login asks ${JSON.stringify(shown)}, to which no answer is left: it refused the one it got, or none was given ` +
      "(password, totp, login_answers)",
  );
}
