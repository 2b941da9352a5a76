import { Elysia } from "elysia";
import favicon from "swagger-ui-dist/favicon-32x32.png" with { type: "file" };
import styles from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import bundle from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import { noQuery, readQuery } from "../../query.ts";
import { JSON_HEADERS, SECURITY_HEADERS } from "../../reply.ts";
import { ASSETS_PATH, DOCUMENT_PATH, INITIALIZER, PAGE, PAGE_POLICY } from "./page.ts";

const hide = { detail: { hide: true } };

/** The API's documentation for people (`/swagger`) and programs (`/swagger/json`), all of it served by us. */
export function docsRoutes(document: () => Promise<string>) {
  let json: Promise<string> | undefined;
  return new Elysia({ name: "docs" })
    .onBeforeHandle(({ request }) => void readQuery(request.url, noQuery))
    .get("/swagger", () => page(), hide)
    .get(
      DOCUMENT_PATH,
      async () => {
        json ??= document();
        return new Response(await json, { headers: JSON_HEADERS });
      },
      hide,
    )
    .get(`${ASSETS_PATH}/swagger-ui.css`, () => file(styles, "text/css; charset=utf-8"), hide)
    .get(`${ASSETS_PATH}/swagger-ui-bundle.js`, () => file(bundle, "text/javascript; charset=utf-8"), hide)
    .get(`${ASSETS_PATH}/favicon-32x32.png`, () => file(favicon, "image/png"), hide)
    .get(`${ASSETS_PATH}/initializer.js`, () => text(INITIALIZER, "text/javascript; charset=utf-8"), hide);
}

function page(): Response {
  const headers = {
    "content-security-policy": PAGE_POLICY,
    "content-type": "text/html; charset=utf-8",
    // The page holds the key: no window that opened it, or that it opens, reaches in.
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
  };
  return new Response(PAGE, { headers: { ...SECURITY_HEADERS, ...headers } });
}

function file(path: string, type: string): Response {
  return new Response(Bun.file(path), { headers: assetHeaders(type) });
}

function text(content: string, type: string): Response {
  return new Response(content, { headers: assetHeaders(type) });
}

/** Asked for again at each visit: the files change with the version of the program, their names do not. */
function assetHeaders(type: string): Record<string, string> {
  return { ...SECURITY_HEADERS, "cache-control": "no-cache", "content-type": type };
}
