import { isIP } from "node:net";
import { HttpError } from "../../http-error.ts";

/**
 * Whether a page of this origin may use the API's MCP. `host` is how the request names this server. That both are the same
 * says nothing while it is a name: a name can be made to lead here (DNS rebinding), an address and `localhost` cannot.
 */
export function originJudge(corsOrigins: string | null): (origin: string, host: string | null) => boolean {
  const allowed = new Set(corsOrigins?.split(",").map((origin) => origin.trim()));
  return (origin, host) => {
    if (allowed.has("*") || allowed.has(origin)) return true;
    if (!URL.canParse(origin)) return false;
    const { host: named, hostname } = new URL(origin);
    return named === host?.toLowerCase() && isFixed(hostname);
  };
}

function isFixed(hostname: string): boolean {
  return hostname === "localhost" || isIP(hostname.replace(/^\[|\]$/g, "")) !== 0;
}

export function foreignOrigin(): HttpError {
  return new HttpError(
    403,
    "pages of this origin may not use MCP; name it in server.cors_origins, where they should",
  );
}
