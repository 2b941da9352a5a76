import { DeviceError } from "../../core/errors.ts";
import { type AnswerSources, Answers, type Question } from "./answers.ts";
import type { AnyAuthMethod, AuthenticationType, BaseAgent, ParsedKey } from "./ssh2.ts";

export interface LoginSources extends AnswerSources {
  key: ParsedKey | undefined;
  /** One for each key of the SSH agent that may be offered. */
  agentKeys: readonly BaseAgent[];
  /** Ends the login at once: a question cannot be answered. */
  giveUp(error: DeviceError): void;
}

/** Offers what we have, best first, and each thing once: a wrong password must not lock the account. */
export interface Login {
  /** The server has turned the last method down, or wants another one after it (`partial`). */
  answered(methodsLeft: readonly string[], partial: boolean): void;
  /** The next method the server still takes; `false` when there is none. */
  next(): AnyAuthMethod | false;
  /** Why the server did not let us in. */
  error(where: string): DeviceError;
  /** Whether the server has turned something down. */
  refused(): boolean;
}

/** A server may ask keyboard-interactive questions over and over, also such as need no secret. */
const MAX_QUESTION_ROUNDS = 10;

export function startLogin(sources: LoginSources): Login {
  const untried = methodsFor(sources);
  const progress: Progress = { accepted: [], refused: [], allowed: null };
  let last: Method | null = null;
  return {
    answered(methodsLeft, partial) {
      progress.allowed = methodsLeft;
      if (last === null) return;
      if (partial) progress.accepted.push(last.name);
      // It was not looked at: the first one goes out before we know what is taken, and may be wanted later.
      else if (!methodsLeft.includes(last.name)) untried.unshift(last);
      else {
        progress.refused.push(last.name);
        dropTwin(untried, last.name);
      }
      last = null;
    },
    next() {
      const { allowed } = progress;
      const at = untried.findIndex(({ name }) => allowed === null || allowed.includes(name));
      if (at < 0) return false;
      const [method] = untried.splice(at, 1);
      last = method ?? null;
      return method?.auth ?? false;
    },
    error: (where) => loginError(where, sources.username, progress),
    refused: () => progress.allowed !== null,
  };
}

interface Method {
  /** As the server calls it: an agent's key is a public key like any other. */
  name: AuthenticationType;
  auth: AnyAuthMethod;
}

function methodsFor(sources: LoginSources): Method[] {
  const { username, password, key, agentKeys, answers, code } = sources;
  const methods: Method[] = [];
  if (key !== undefined) methods.push({ name: "publickey", auth: { type: "publickey", username, key } });
  for (const agent of agentKeys) {
    methods.push({ name: "publickey", auth: { type: "agent", username, agent } });
  }
  const passwords: Method[] =
    password === undefined ? [] : [{ name: "password", auth: { type: "password", username, password } }];
  const isScripted = answers.length > 0 || code !== undefined;
  if (password !== undefined || isScripted) {
    const name = "keyboard-interactive";
    const auth: AnyAuthMethod = { type: name, username, prompt: answering(sources) };
    // Who has answers for its questions means it to be asked: a password alone would be refused.
    if (isScripted) passwords.unshift({ name, auth });
    else passwords.push({ name, auth });
  }
  methods.push(...passwords);
  // Devices without any authentication exist; they let "none" in.
  if (methods.length === 0) methods.push({ name: "none", auth: { type: "none", username } });
  return methods;
}

/** A password that was refused, or the answers with it: giving it another way only counts against us. */
function dropTwin(untried: Method[], refused: AuthenticationType): void {
  const twin =
    refused === "password" ? "keyboard-interactive" : refused === "keyboard-interactive" ? "password" : null;
  const at = untried.findIndex(({ name }) => name === twin);
  if (at >= 0) untried.splice(at, 1);
}

function answering(sources: LoginSources) {
  const known = new Answers(sources);
  let rounds = 0;
  return (
    _name: string,
    _instructions: string,
    _language: string,
    questions: Question[],
    answer: (answers: string[]) => void,
  ) => {
    rounds += 1;
    if (rounds > MAX_QUESTION_ROUNDS) return sources.giveUp(endlessQuestions());
    try {
      answer(questions.map((question) => known.to(question)));
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      sources.giveUp(error);
    }
  };
}

function endlessQuestions(): DeviceError {
  return new DeviceError(
    "AuthenticationError",
    "the login asks one question after another and lets nobody in",
  );
}

interface Progress {
  accepted: AuthenticationType[];
  refused: AuthenticationType[];
  allowed: readonly string[] | null;
}

function loginError(where: string, username: string, { accepted, refused, allowed }: Progress): DeviceError {
  const list = (methods: readonly string[]) => [...new Set(methods)].join(", ");
  const takes = allowed === null || allowed.length === 0 ? "" : `; the device takes ${list(allowed)}`;
  const steps = [
    ...(accepted.length === 0 ? [] : [`accepted ${list(accepted)} but wants more`]),
    ...(refused.length === 0 ? [] : [`refused ${list(refused)}`]),
  ];
  const what = steps.length === 0 ? "no usable credential was given" : steps.join(", ");
  return new DeviceError("AuthenticationError", `login of ${username} on ${where} failed: ${what}${takes}`);
}
