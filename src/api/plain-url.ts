import { HttpError } from "./http-error.ts";

const PLAIN = "http://";
/** What is well-formed at a glance. */
const USUAL = /^http:\/\/[\w.-]+(:\d{1,4})?\//;
const SECURE = "https://";

/**
 * Gives a request the one form of URL in which the router and the check of the key look for the path at the same place:
 * Elysia takes what follows the seventh character, whatever is there. Throws `HttpError`, 400.
 */
export function makeUrlPlain(request: Request): void {
  const { url, headers } = request;
  if (USUAL.test(url)) return;
  if (!url.startsWith(PLAIN)) Object.defineProperty(request, "url", { value: plain(url, headers) });
  // Bun hands on what it cannot parse.
  if (!URL.canParse(request.url)) throw noHost();
}

function plain(url: string, headers: Headers): string {
  if (url.startsWith(SECURE)) return PLAIN + url.slice(SECURE.length);
  // HTTP/1.0 needs no Host; the path alone is the URL then, as it is with a Host that is none.
  const nameless = (headers.get("host") ?? "") === "";
  if (nameless && url.startsWith("/")) return `${PLAIN}localhost${url}`;
  throw noHost();
}

function noHost(): HttpError {
  return new HttpError(400, "the header Host is not the name of a host");
}
