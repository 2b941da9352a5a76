import { DeviceError } from "../../src/device/driver.ts";
import type { HttpResponse } from "../../src/device/transport/http/response.ts";
import { parsed, readObject } from "./raw-json.ts";

/** A command, or one with what it is answered when it asks back. */
export type RpcCommand = string | { cmd: string; input: string };
export type Encoding = "json" | "text";

export interface RunCmds {
  commands: readonly RpcCommand[];
  encoding: Encoding;
  /** Further parameters, by the names of eAPI. */
  more: Readonly<Record<string, boolean>>;
}

/** What came back: of each command, as JSON text; or why one of them failed, with what those before it answered. */
export type RpcAnswer =
  | { ok: true; results: readonly string[] }
  | { ok: false; code: number; message: string; results: readonly string[] };

export const PATH = "/command-api";

/** The body of a request. */
export function runCmds(id: string, { commands, encoding, more }: RunCmds): string {
  const params = { version: 1, cmds: commands, format: encoding, ...more };
  return JSON.stringify({ jsonrpc: "2.0", method: "runCmds", params, id });
}

/** Throws a `DeviceError` for an answer that is none to a command. */
export async function readAnswer(response: HttpResponse, where: string): Promise<RpcAnswer> {
  if (response.status !== 200) throw httpError(response, where);
  const object = await readObject(response.body);
  const results = object?.members.get("result");
  if (results !== undefined) return { ok: true, results };
  const error = await readError(object?.members.get("error")?.[0]);
  if (error === null) throw notEapi(where, "it answers no JSON-RPC");
  return error;
}

async function readError(text: string | undefined): Promise<(RpcAnswer & { ok: false }) | null> {
  if (text === undefined) return null;
  const object = await readObject(Buffer.from(text));
  const one = (name: string) => parsed(object?.members.get(name)?.[0] ?? "");
  const [code, message] = [one("code"), one("message")];
  if (typeof code !== "number" || typeof message !== "string") return null;
  return { ok: false, code, message, results: object?.members.get("data") ?? [] };
}

function httpError({ status, headers }: HttpResponse, where: string): DeviceError {
  switch (status) {
    case 401:
      return new DeviceError("AuthenticationError", `${where} refused the user name or the password`);
    case 403:
      return new DeviceError("AuthenticationError", `${where} does not let this user use eAPI`);
    case 404:
      return notEapi(where, 'nothing is at /command-api; "management api http-commands" turns eAPI on');
    default:
      if (status >= 300 && status < 400) return notEapi(where, redirection(headers.get("location")));
      return new DeviceError("ConnectionError", `${where} answered the request with HTTP status ${status}`, {
        retryable: status >= 500,
      });
  }
}

/** Followed it is not: the password would go to wherever it leads. */
function redirection(to: string | undefined): string {
  const scheme = /^https:/i.test(to ?? "") ? '; set connection_args.transport to "https"' : "";
  return `it sends requests elsewhere${scheme}`;
}

function notEapi(where: string, why: string): DeviceError {
  return new DeviceError("ConnectionError", `${where} speaks no eAPI: ${why}`, { retryable: false });
}
