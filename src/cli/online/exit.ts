import {
  ApiError,
  BadAnswer,
  Conflict,
  Forbidden,
  JobFailed,
  NetworkError,
  NotFound,
  Unauthorized,
  Unavailable,
  ValidationError,
  WaitTimeout,
} from "../../client/index.ts";

import { EXIT_UNREAD } from "../cli.ts";

/** What the commands over HTTP end with; docs/command-line.md explains each. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  partly: 4,
  refused: 5,
  timeout: 124,
  interrupted: 130,
  unread: EXIT_UNREAD,
} as const;

/** Ends a command with its message on stderr and its code. */
export class CommandError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** What the user gave is wrong. */
export function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, message);
}

/** A failure as it is told: lines without control of the terminal, and the exit code. Null: not one of ours. */
export function failureOf(error: unknown, url: string): { code: number; lines: string[] } | null {
  if (error instanceof CommandError) return { code: error.code, lines: [error.message] };
  if (error instanceof ValidationError)
    return { code: EXIT.usage, lines: [error.message, ...fieldLines(error)] };
  if (error instanceof Unauthorized) {
    return { code: EXIT.unreachable, lines: [`${url}: ${error.message}; netpulse login keeps one`] };
  }
  if (error instanceof Forbidden) return { code: EXIT.unreachable, lines: [error.message] };
  if (error instanceof NotFound || error instanceof Conflict)
    return { code: EXIT.refused, lines: [error.message] };
  if (error instanceof NetworkError) {
    return { code: EXIT.unreachable, lines: [`${url}: ${error.message}`, ELSEWHERE] };
  }
  if (error instanceof BadAnswer || error instanceof Unavailable) {
    return { code: EXIT.unreachable, lines: [`${url}: ${error.message}`] };
  }
  if (error instanceof WaitTimeout) return { code: EXIT.timeout, lines: [`${error.message}; it goes on`] };
  if (error instanceof JobFailed || error instanceof ApiError)
    return { code: EXIT.failed, lines: [error.message] };
  return null;
}

const ELSEWHERE =
  "netpulse serve starts a service on this machine; --url, NETPULSE_URL or netpulse login say where another is";

function fieldLines({ fields }: ValidationError): string[] {
  return fields.map(({ loc, msg }) => `  ${loc.slice(1).join(".") || loc.join(".")}: ${msg}`);
}
