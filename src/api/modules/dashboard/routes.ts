import { Elysia } from "elysia";
import { HttpError } from "../../http-error.ts";
import { SCOPES_WORD } from "../../openapi.ts";
import { noQuery, readQuery } from "../../query.ts";
import { SECURITY_HEADERS } from "../../reply.ts";

/** The files of the page for people, made when they are first asked for. */
export type DashboardFiles = () => Promise<{
  html: string;
  assets: ReadonlyMap<
    string,
    { type: string; bytes: Uint8Array<ArrayBuffer>; gzip: Uint8Array<ArrayBuffer> }
  >;
}>;

/** Where the page looks for its files, relative to itself. */
export const DASHBOARD_FOLDER = "dashboard";

/** Devices print what they like: no script runs but the page's own, and nothing is loaded from, or sent, elsewhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const PAGE_HEADERS = {
  ...SECURITY_HEADERS,
  "cache-control": "no-cache",
  "content-security-policy": POLICY,
  "content-type": "text/html; charset=utf-8",
  // The page holds the key: no window that opened it, or that it opens, reaches in.
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
};

/** Needs no key: the page asks for it, and then the API for all that it shows. */
const open = { detail: { hide: true, [SCOPES_WORD]: "open" } };

export function dashboardRoutes(files: DashboardFiles) {
  return new Elysia({ name: "dashboard" })
    .onBeforeHandle(({ request }) => void readQuery(request.url, noQuery))
    .get("/", async () => new Response((await files()).html, { headers: PAGE_HEADERS }), open)
    .get(
      `/${DASHBOARD_FOLDER}/:file`,
      ({ params, request }) => asset(files, params.file, request.headers),
      open,
    );
}

async function asset(files: DashboardFiles, name: string, headers: Headers): Promise<Response> {
  const found = (await files()).assets.get(name);
  if (found === undefined) throw new HttpError(404, "no such file; load the page again");
  const zipped = /\bgzip\b/.test(headers.get("accept-encoding") ?? "");
  return new Response(zipped ? found.gzip : found.bytes, {
    headers: {
      ...SECURITY_HEADERS,
      "cache-control": "public, max-age=31536000, immutable",
      "content-type": found.type,
      vary: "accept-encoding",
      ...(zipped && { "content-encoding": "gzip" }),
    },
  });
}
