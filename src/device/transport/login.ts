import { DeviceError } from "../../core/errors.ts";
import type { AnyAuthMethod, AuthenticationType, ParsedKey } from "./ssh2.ts";

interface Credentials {
  username: string;
  password: string | undefined;
  key: ParsedKey | undefined;
}

/** Offers what we have, best first, and each thing once: a wrong password must not lock the account. */
export interface Login {
  /** The next method, given what the server still takes; `false` when there is none. */
  next(methodsLeft: readonly string[] | null, partial: boolean | null): AnyAuthMethod | false;
  /** Why the server did not let us in. */
  error(where: string): DeviceError;
  /** Whether the server has turned something down. */
  refused(): boolean;
}

/** A server may ask keyboard-interactive questions over and over; ours are answered this often. */
const MAX_QUESTION_ROUNDS = 10;

export function startLogin(credentials: Credentials): Login {
  const untried = methodsFor(credentials);
  const tried: AuthenticationType[] = [];
  let allowed: readonly string[] | null = null;
  return {
    next(methodsLeft, partial) {
      allowed = methodsLeft ?? allowed;
      const last = tried.at(-1);
      if (partial !== true && last === "password" && methodsLeft?.includes("password")) {
        // The server takes passwords and refused this one: asking it another way only counts against us.
        remove(untried, "keyboard-interactive");
      }
      const method = untried.find(({ type }) => methodsLeft === null || methodsLeft.includes(type));
      if (method === undefined) return false;
      remove(untried, method.type);
      tried.push(method.type);
      return method;
    },
    error: (where) => loginError(where, credentials.username, tried, allowed),
    refused: () => allowed !== null,
  };
}

function methodsFor({ username, password, key }: Credentials): AnyAuthMethod[] {
  const methods: AnyAuthMethod[] = [];
  if (key !== undefined) methods.push({ type: "publickey", username, key });
  if (password !== undefined) {
    methods.push({ type: "password", username, password });
    methods.push({ type: "keyboard-interactive", username, prompt: answering(username, password) });
  }
  // Devices without any authentication exist; they let "none" in.
  if (methods.length === 0) methods.push({ type: "none", username });
  return methods;
}

function remove(methods: AnyAuthMethod[], type: AuthenticationType): void {
  const index = methods.findIndex((method) => method.type === type);
  if (index >= 0) methods.splice(index, 1);
}

interface Question {
  prompt: string;
  echo?: boolean;
}

/** Answers hidden questions with the password and visible ones for a name with the user name. */
function answering(username: string, password: string) {
  let rounds = 0;
  return (
    _name: string,
    _instructions: string,
    _language: string,
    questions: Question[],
    answer: (answers: string[]) => void,
  ) => {
    rounds += 1;
    if (rounds > MAX_QUESTION_ROUNDS) return;
    answer(questions.map((question) => answerTo(question, username, password)));
  };
}

function answerTo({ prompt, echo }: Question, username: string, password: string): string {
  if (echo !== true) return password;
  return /user|login|name/i.test(prompt) ? username : "";
}

function loginError(
  where: string,
  username: string,
  tried: readonly string[],
  allowed: readonly string[] | null,
): DeviceError {
  const takes = allowed === null || allowed.length === 0 ? "" : `; the device takes ${allowed.join(", ")}`;
  const what = tried.length === 0 ? "no usable credential was given" : `refused ${tried.join(", ")}`;
  return new DeviceError("AuthenticationError", `login of ${username} on ${where} failed: ${what}${takes}`);
}
