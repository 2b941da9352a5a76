import { isScope } from "../core/access.ts";
import type { Caller } from "../engine/engine.ts";
import { HttpError } from "./http-error.ts";

/** With it a request is made with no more than some of its key's scopes. */
export const FEWER_SCOPES = "x-netpulse-scopes";

/** The caller without the scopes that the request does not name; the same object where it names none. */
export function fewerScopes(caller: Caller, headers: Headers): Caller {
  const text = headers.get(FEWER_SCOPES);
  if (text === null) return caller;
  const named = text === "" ? [] : text.split(",").map((scope) => scope.trim());
  if (!named.every(isScope)) {
    throw new HttpError(
      400,
      "the header X-NetPulse-Scopes names some of read, exec, config and admin, with commas between them",
    );
  }
  const { access } = caller;
  return { ...caller, access: { ...access, scopes: access.scopes.filter((scope) => named.includes(scope)) } };
}
