import { MASK } from "../core/mask.ts";

/** `://`, up to the last `@`: also where a password holds an `@` or `/` that should have been escaped. */
const USER_INFO = /(:\/\/)(.*)@/s;
const PASSWORD_PARAMETER = /([?&][^=&]*password[^=&]*=)([^&]*)/gi;

/** Hides the passwords of a URL, and the user where no password follows: it may be one that lacks its colon. */
export function maskUrl(text: string): string {
  return text
    .replace(PASSWORD_PARAMETER, (_all, name: string) => name + MASK)
    .replace(USER_INFO, (_all, start: string, info: string) => `${start}${shownUser(info)}${MASK}@`);
}

/** The passwords that a URL holds, as written and as they are when decoded. */
export function urlSecrets(url: string): string[] {
  const [, , info = ""] = USER_INFO.exec(url) ?? [];
  const written = [info.slice(info.indexOf(":") + 1)];
  for (const [, , value = ""] of url.matchAll(PASSWORD_PARAMETER)) written.push(value);
  return [...new Set(written.flatMap((secret) => [secret, decoded(secret)]))].filter(
    (secret) => secret !== "",
  );
}

function shownUser(info: string): string {
  const colon = info.indexOf(":");
  return colon < 0 ? "" : info.slice(0, colon + 1);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
