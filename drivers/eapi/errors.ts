import { DeviceError, type ErrorType } from "../../src/device/driver.ts";
import { hide, type Redactor } from "../../src/device/redact.ts";
import { wordsOf } from "./results.ts";
import type { RpcAnswer } from "./rpc.ts";

/** Codes of eAPI. */
export const UNCONVERTED = 1003;
const CODES: Readonly<Record<number, string>> = {
  1000: "the device could not run it",
  1001: "the device failed internally",
  1002: "the device does not know it",
  1003: "the device has no JSON for it; set driver_args.encoding to text",
  1004: "the device does not have it in this version",
  1005: "the user may not run it",
};

/** Where a request for a job failed. */
export interface Place {
  /** The command, and as it may be shown. */
  command: string;
  shown: string;
  type: ErrorType;
  /** Of a line of configuration: its number, from 1. */
  line?: number;
}

type Failure = RpcAnswer & { ok: false };

/** The index of the command that failed: the answers to those before it, and its own, came back. */
export function failedAt({ results, message }: Failure): number {
  const [, counted] = /^CLI command (\d{1,6}) of \d/.exec(message) ?? [];
  return counted === undefined ? Math.max(0, results.length - 1) : Number(counted) - 1;
}

export function commandError(failure: Failure, place: Place, redactor: Redactor): DeviceError {
  if (failure.code < 0) return protocolError(failure, redactor);
  const { shown, type, line } = place;
  const words = wordsOf(failure.results[failedAt(failure)]) || (CODES[failure.code] ?? failure.message);
  const what = line === undefined ? JSON.stringify(shown) : `line ${line}`;
  const code = `(eAPI code ${failure.code})`;
  return new DeviceError(type, `${what} was refused: ${withoutSecrets(words, place)} ${code}`);
}

/** A refusal quotes a word of the command, which may be the one that is hidden. */
function withoutSecrets(words: string, { command, shown }: Place): string {
  const hidden = command.split(/\s+/).filter((word) => word !== "" && !shown.includes(word));
  return withoutInput(hide(words, hidden));
}

/** The codes of JSON-RPC itself: the device did not understand the request. */
function protocolError({ code, message }: Failure, redactor: Redactor): DeviceError {
  const said = redactor.text(withoutInput(message)).slice(0, 200);
  return new DeviceError("ConnectionError", `the device did not understand the request (${code}): ${said}`, {
    retryable: false,
  });
}

/** A refusal may quote what a command was answered: a password. */
function withoutInput(words: string): string {
  return words.replace(/(\binput=)\S+/g, "$1******");
}

const LOCKED = /\blocked\b|\block held\b/i;

/** Why configuration mode, or privileged mode, was not entered. */
export function wayError(failure: Failure, command: string, redactor: Redactor): DeviceError {
  if (failure.code < 0) return protocolError(failure, redactor);
  const said = wordsOf(failure.results[failedAt(failure)]) || failure.message;
  const words = redactor.text(withoutInput(said));
  if (command === "enable") {
    const message = `the device did not let the user into privileged mode (connection_args.secret, enable_mode): ${words}`;
    return new DeviceError("AuthenticationError", message);
  }
  if (!LOCKED.test(words)) return new DeviceError("ConfigError", `configuration mode was refused: ${words}`);
  return new DeviceError("ConfigLocked", `someone else has locked the configuration: ${words}`, {
    retryable: true,
  });
}
