import { isIP } from "node:net";
import type { FieldError } from "../core/errors.ts";
import { matchesHost, mayReach, type Network } from "../core/networks.ts";
import type { NewWebhook } from "../storage/deliveries.ts";
import type { Sealer } from "./seal.ts";

/** Who is to be told of a job's end, after its shape was checked. Durations in seconds, as in the request. */
export interface WebhookRequest {
  url: string;
  method?: WebhookMethod;
  headers?: Record<string, string>;
  cookies?: Record<string, string>;
  /** User and password. */
  auth?: string[];
  timeout?: number;
  maxRetries?: number;
  retryIntervals?: number[];
  /** Signs what is sent to it, instead of the configured one. */
  secret?: string;
}

export const WEBHOOK_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"] as const;
export type WebhookMethod = (typeof WEBHOOK_METHODS)[number];

/** Where webhooks may go, and what holds where one does not say. */
export interface WebhookTerms {
  /** See `matchesHost`. */
  hosts: readonly string[];
  /** Networks that are reached although they are not public. */
  networks: readonly Network[];
  maxRetries: number;
  /** Seconds. */
  retryIntervals: readonly number[];
}

/** All that it takes to send to a receiver, as it is sealed. */
export interface SealedWebhook {
  url: string;
  method: WebhookMethod;
  /** Its own ones, cookies and authorization. */
  headers: [name: string, value: string][];
  timeoutMs: number;
  maxRetries: number;
  retryIntervalsMs: number[];
  secret: string | null;
}

const DEFAULT_TIMEOUT = 5;

/** Those that say how a message is framed, and those that say what it is: ours. */
const OUR_HEADERS =
  /^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|keep-alive|cookie|proxy-.*|x-netpulse-.*)$/i;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
/** Printable ASCII, blanks inside: what every receiver reads alike. */
const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;
const COOKIE_VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;

/** Every wrong field, as far as those that are there allow to tell. */
export function checkWebhook(terms: WebhookTerms, webhook: Partial<WebhookRequest>): FieldError[] {
  const { url, headers = {}, cookies = {}, auth } = webhook;
  const wrong: FieldError[] = [];
  const add = (path: string[], msg: string) => wrong.push({ loc: ["webhook", ...path], msg });
  const problem = url === undefined ? null : urlProblem(terms, url);
  if (problem !== null) add(["url"], problem);
  for (const [name, value] of Object.entries(headers)) {
    if (!TOKEN.test(name)) add(["headers"], "has a name that is no name of a header");
    else if (OUR_HEADERS.test(name)) add(["headers", name], "is not for a webhook to set");
    else if (auth && name.toLowerCase() === "authorization") add(["headers", name], "is given by auth too");
    else if (!HEADER_VALUE.test(value)) add(["headers", name], "holds what no header can");
  }
  for (const [name, value] of Object.entries(cookies)) {
    if (!TOKEN.test(name)) add(["cookies"], "has a name that is no name of a cookie");
    else if (!COOKIE_VALUE.test(value)) add(["cookies", name], "holds what no cookie can");
  }
  if (auth?.[0]?.includes(":")) add(["auth"], "has a colon in the user's name");
  return wrong;
}

/** What is wrong with where it goes, as far as its name tells; a name's addresses are judged when it is connected to. */
export function urlProblem({ hosts, networks }: WebhookTerms, text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return "is no URL of http:// or https://";
  if (url.username !== "" || url.password !== "") return "holds a user or password; give them as auth";
  const host = hostOf(url);
  if (!matchesHost(host, hosts)) return "is of a host that webhooks may not go to; see webhook.hosts";
  if (isIP(host) !== 0 && !mayReach(host, networks)) {
    return "is of an address that is not public; webhook.networks may allow it";
  }
  return null;
}

/** Its name, or its address without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

export interface SealWebhook {
  sealer: Sealer;
  webhooks: WebhookTerms;
}

/** Only for one that passed `checkWebhook`. */
export function newWebhook(
  { sealer, webhooks }: SealWebhook,
  jobId: string,
  request: WebhookRequest,
): NewWebhook {
  const url = new URL(request.url);
  const timeoutMs = (request.timeout ?? DEFAULT_TIMEOUT) * 1000;
  const intervals = request.retryIntervals ?? webhooks.retryIntervals;
  const webhook: SealedWebhook = {
    url: url.href,
    method: request.method ?? "POST",
    headers: headersOf(request),
    timeoutMs,
    maxRetries: request.maxRetries ?? webhooks.maxRetries,
    retryIntervalsMs: intervals.map((seconds) => seconds * 1000),
    secret: request.secret ?? null,
  };
  const sealed = sealer.seal(boundTo(jobId), new TextEncoder().encode(JSON.stringify(webhook)));
  return { target: url.origin, timeoutMs, sealed };
}

function headersOf({ headers = {}, cookies = {}, auth }: WebhookRequest): SealedWebhook["headers"] {
  const all: SealedWebhook["headers"] = Object.entries(headers);
  const pairs = Object.entries(cookies).map(([name, value]) => `${name}=${value}`);
  if (pairs.length > 0) all.push(["Cookie", pairs.join("; ")]);
  if (auth) all.push(["Authorization", `Basic ${Buffer.from(auth.join(":")).toString("base64")}`]);
  return all;
}

/** Throws when it was sealed with another key, or for another job. */
export function openWebhook(sealer: Sealer, jobId: string, sealed: Uint8Array): SealedWebhook {
  return JSON.parse(new TextDecoder().decode(sealer.open(boundTo(jobId), sealed)));
}

/** Not what the job's operation is bound to: neither opens as the other. */
export function boundTo(jobId: string): string {
  return `webhook ${jobId}`;
}
