import type { Contract } from "../support/openapi.ts";
import type { Wire } from "./requests.ts";
import { SECRET, STRAY } from "./values.ts";
import type { Reply } from "./wire.ts";

/** What Bun's parser answers by itself, with no body; others have our envelope. */
const PARSER = new Set([400, 431, 505]);
/** How what is no operation is answered. */
const REFUSED = new Set([400, 401, 403, 404, 405, 414, 431]);
/** Refusals that come before a handler is asked. */
const BEFORE = new Set([400, 401, 403, 405, 408, 413, 414, 415, 431]);

const FAILURE = { $ref: "#/components/schemas/Failure" };

const SAFETY = {
  "cache-control": /^no-(store|cache)$/,
  "content-security-policy": /^default-src 'none'/,
  "x-content-type-options": /^nosniff$/,
  "x-frame-options": /^DENY$/,
};

/** Holds answers to the document, and counts how far requests came. */
export class Judge {
  readonly #contract: Contract;
  readonly #key: string;
  readonly statuses = new Map<number, number>();
  /** Asked of a handler at all, and found valid by it. */
  readonly reached = { handler: 0, valid: 0 };
  /** Refused by the parser, or hung up on. */
  parser = 0;
  requests = 0;

  constructor(contract: Contract, key: string) {
    this.#contract = contract;
    this.#key = key;
  }

  /** What is wrong with an answer; nothing when all is well. */
  judge(wire: Wire, reply: Reply | null): string[] {
    this.requests += 1;
    if (wire.manner === "truncated") return [];
    if (reply === null || this.#isParsers(reply)) {
      this.parser += 1;
      if (wire.manner === "broken" || isFile(wire)) return [];
      return ["the parser refused a request that was HTTP, or nobody answered"];
    }
    const { status } = reply;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (status >= 500 && !isIllness(wire, status)) return [`a fault: ${status}`];
    return [...this.#leaks(wire, reply), ...this.#unsafe(reply), ...this.#asPromised(wire, reply)];
  }

  #isParsers({ status, headers, body }: Reply): boolean {
    return PARSER.has(status) && body === "" && !headers.has("content-type");
  }

  #leaks(wire: Wire, { status, headers, body }: Reply): string[] {
    const all = `${JSON.stringify([...headers])}${body}`;
    const found: string[] = [];
    if (all.includes(SECRET)) found.push("a secret is repeated");
    if (all.includes(this.#key)) found.push("the API key is repeated");
    // Names of fields and parameters are repeated on purpose, and a batch names the hosts that it refused.
    // What a device's name came to is no refusal of the request, and who wrote a template is told where it is wrong.
    const refused = status >= 400 && status !== 409 && !isIllness(wire, status) && !isTemplate(wire);
    const values = refused && !wire.target.includes(STRAY) ? body.replace(/"loc":\[[^\]]*\]/g, "") : "";
    if (values.includes(STRAY)) found.push("a refusal repeats what was sent");
    return found;
  }

  #unsafe({ headers }: Reply): string[] {
    return Object.entries(SAFETY)
      .filter(([name, value]) => !value.test(headers.get(name) ?? ""))
      .map(([name]) => `the header ${name} is missing`);
  }

  #asPromised(wire: Wire, reply: Reply): string[] {
    const { status, headers, body } = reply;
    const path = pathOf(wire.target);
    if (status >= 400 && wire.method !== "HEAD") {
      const wrong = this.#contract.departures(FAILURE, JSON.parse(body));
      if (wrong.length > 0) return wrong;
    }
    if (wire.manner === "broken" || PAGES.test(path)) return [];
    const operation = this.#contract.find(wire.method, path);
    if (operation === null) return this.#refused(path, reply);
    if (!BEFORE.has(status)) this.reached.handler += 1;
    if (!BEFORE.has(status) && status !== 422) this.reached.valid += 1;
    if (wire.method === "HEAD")
      return operation.responses[status] ? [] : [`an undocumented ${status} to HEAD`];
    return this.#contract.answer(operation, status, headers.get("content-type") ?? "", body);
  }

  #refused(path: string, { status, headers }: Reply): string[] {
    const known = this.#contract.hasPath(path);
    if (!REFUSED.has(status)) return [`${status} for what is no operation`];
    if (status === 404 && known) return ["404 for a path that there is"];
    if (status === 405 && !(known && headers.has("allow")))
      return ["405 for a path that there is not, or without Allow"];
    return [];
  }
}

/** What is for browsers is not in the document. */
const PAGES = /^\/(?:$|(?:swagger|dashboard)(?:\/|$))/;

function isTemplate({ target }: Wire): boolean {
  return target.startsWith("/template/");
}

/** A file that is removed just as it is sent leaves nothing to answer with. */
function isFile({ method, target }: Wire): boolean {
  return method === "GET" && /^\/storage\/file_/.test(target);
}

/** Who has all workers stopped hears for a moment that none is alive. */
function isIllness({ target }: Wire, status: number): boolean {
  return status === 503 && /^\/(health|readyz|system\/stats)$/.test(pathOf(target));
}

function pathOf(target: string): string {
  try {
    return new URL(`http://np${target.split(/[?#]/)[0]}`).pathname;
  } catch {
    return "/"; // no URL: nothing but a refusal can come
  }
}
