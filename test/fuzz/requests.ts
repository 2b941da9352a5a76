import type { Random } from "../support/faults/random.ts";
import type { Contract, Operation } from "../support/openapi.ts";
import { Bodies } from "./bodies.ts";
import { NASTY_NUMBERS, NASTY_TEXTS, type Pool, STRAY, Values } from "./values.ts";

/** A request as it goes over the wire. */
export interface Wire {
  method: string;
  target: string;
  headers: [name: string, value: string][];
  body: Uint8Array | null;
  /** `slow`: its body comes in two parts. `truncated`: it breaks off. `broken`: no HTTP that a server must understand. */
  manner: "plain" | "slow" | "truncated" | "broken";
}

const WAITING = /^test|^(get|delete|discover)DetachedTask/;
const METHODS = ["GET", "POST", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND"];
/** What an id in a path is one of. */
const OF: Record<string, string> = {
  webhook: "id",
  batch: "batch_id",
  storage: "file_id",
  "detached-tasks": "task_id",
};
const SLOW_FIELDS = new Set(["wait"]);

/** Draws requests from the document: most are right or nearly so, some are not meant to be. */
export class Requests {
  readonly #dice: Random;
  readonly #contract: Contract;
  readonly #values: Values;
  readonly #bodies: Bodies;
  readonly #key: string;

  constructor(dice: Random, contract: Contract, { pool, key }: { pool: Pool; key: string }) {
    this.#dice = dice;
    this.#contract = contract;
    this.#values = new Values(dice, contract, pool);
    this.#bodies = new Bodies(dice, this.#values, contract);
    this.#key = key;
  }

  next(): Wire {
    const operation = this.#operation();
    const wire = this.#for(operation, this.#dice.chance(0.45));
    if (this.#dice.chance(0.08)) wire.method = this.#dice.pick(METHODS);
    if (this.#dice.chance(0.05)) wire.target = this.#strangeTarget(wire.target);
    if (this.#dice.chance(0.1)) this.#strangeHeaders(wire);
    const manner = this.#dice.share();
    if (manner < 0.01) wire.manner = "slow";
    else if (manner < 0.02) wire.manner = "truncated";
    else if (manner < 0.04) this.#break(wire);
    return wire;
  }

  /** What waits for a device takes long, and others learn nothing meanwhile: it is seldom drawn. */
  #operation(): Operation {
    const drawn = this.#dice.pick(this.#contract.operations);
    return WAITING.test(drawn.id) && this.#dice.chance(0.8) ? this.#operation() : drawn;
  }

  /** `right`: as the document says, as far as it says it. */
  #for(operation: Operation, right: boolean): Wire {
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => this.#inPath(operation, name, right));
    const query = this.#query(operation, right);
    const body = this.#content(operation, right);
    const headers: Wire["headers"] = [["X-API-KEY", this.#key]];
    if (body)
      headers.push(["Content-Type", operation.body ? "application/json" : "application/octet-stream"]);
    for (const { name, schema, in: where } of operation.parameters) {
      if (where !== "header" || this.#dice.chance(0.8)) continue;
      const value = right ? this.#values.valid(schema, name) : this.#dice.pick(NASTY_TEXTS);
      headers.push([name, printable(String(value))]);
    }
    return { method: operation.method, target: `${path}${query}`, headers, body, manner: "plain" };
  }

  #content(operation: Operation, right: boolean): Uint8Array | null {
    if (operation.body) return this.#body(operation, right);
    return operation.takesFile ? new TextEncoder().encode(this.#values.text(0, 3000, STRAY)) : null;
  }

  #inPath({ path }: Operation, name: string, right: boolean): string {
    if (!right && this.#dice.chance(0.3)) return encode(this.#dice.pick(NASTY_TEXTS)) || "x";
    const of = OF[path.split("/")[1] ?? ""] ?? name;
    return encode(String(this.#values.valid({ type: "string", minLength: 1 }, of)));
  }

  #query({ parameters, method }: Operation, right: boolean): string {
    const inQuery = parameters.filter((parameter) => parameter.in === "query");
    const share = method === "GET" ? 0.15 : 0.35;
    const pairs = inQuery
      .filter(({ name, required }) => required || this.#dice.chance(name === "limit" ? 0.95 : share))
      .map(({ name, schema }): [string, string] => [name, this.#text(name, schema, right)]);
    if (!right && this.#dice.chance(0.4)) pairs.push(...this.#strangePairs(pairs));
    const text = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
    return text === "" ? "" : `?${text}`;
  }

  #text(name: string, schema: unknown, right: boolean): string {
    if (!right && this.#dice.chance(0.4)) return this.#strangeText();
    // A wait is worth as much when it is short.
    return SLOW_FIELDS.has(name)
      ? String(this.#dice.pick([0, 0.01, 0.05]))
      : String(this.#values.valid(schema, name));
  }

  #strangeText(): string {
    return this.#dice.chance(0.3)
      ? String(this.#dice.pick(NASTY_NUMBERS))
      : `${STRAY}${this.#dice.pick(NASTY_TEXTS)}`;
  }

  #strangePairs(pairs: [string, string][]): [string, string][] {
    const again = pairs.length > 0 ? [this.#dice.pick(pairs)] : [];
    const name = this.#dice.pick([
      "__proto__",
      "constructor",
      "id[]",
      "limit%00",
      "X-API-KEY",
      "",
      "statsu",
      "queue.x",
    ]);
    return this.#dice.chance(0.5) ? again : [[name, this.#strangeText()]];
  }

  #body(operation: Operation, right: boolean): Uint8Array {
    if (right) return json(this.#bodies.valid(operation));
    return this.#dice.chance(0.7) ? json(this.#bodies.nearly(operation)) : this.#bodies.garbage(operation);
  }

  #strangeTarget(target: string): string {
    const [path = "", query = ""] = target.split("?");
    switch (this.#dice.whole(0, 10)) {
      case 0:
        return `/${path}`;
      case 1:
        return `${path}/?${query}`;
      case 2:
        return `${path}/../..${path}`;
      case 3:
        return path.toUpperCase();
      case 4:
        return `${path}%00`;
      case 5:
        return `${path}?${"&".repeat(100)}${query}`;
      case 6:
        return `${path}?a=%E0%A4%A&b=%&c=%ff`;
      case 7:
        return `${path}?${query}&x=${"y".repeat(this.#dice.pick([100, 7000, 9000]))}`;
      case 8:
        return `/swagger${this.#dice.pick(["", "/json", "/assets/initializer.js", "/none", "/../job", "?url=//evil"])}`;
      default:
        return `/${encode(this.#dice.pick(NASTY_TEXTS))}`;
    }
  }

  #strangeHeaders(wire: Wire): void {
    const [name, value] = this.#dice.pick<[string, string]>([
      ["Accept", "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"],
      ["Accept", "\u00ff;q=x, */*;q=-1"],
      ["Content-Type", "text/plain"],
      ["Content-Type", "application/json; charset=utf-16"],
      ["Content-Type", "multipart/form-data"],
      ["Content-Encoding", "gzip"],
      ["Last-Event-ID", this.#dice.pick(["1-0", "1-0-end", "9-9999", "x", "-1-0"])],
      ["Idempotency-Key", printable(this.#dice.pick(NASTY_TEXTS))],
      ["Cookie", `X-API-KEY=${STRAY}; a=b`],
      ["Origin", "https://evil.example"],
      ["X-HTTP-Method-Override", "DELETE"],
      ["Range", "bytes=0-10"],
      ["X-Forwarded-For", "127.0.0.1"],
      ["X-Forwarded-Host", `${STRAY}.example`],
      ["X-Long", STRAY.repeat(this.#dice.pick([10, 1700, 2000]))],
      ["Expect", "100-continue"],
      ["Upgrade", "websocket"],
    ]);
    const kept = wire.headers.filter(([each]) => each.toLowerCase() !== name.toLowerCase());
    wire.headers = [...kept, [name, value]];
    if (this.#dice.chance(0.2)) {
      const key = this.#dice.pick([null, STRAY, "", `Bearer ${STRAY}`]);
      wire.headers = wire.headers.filter(([each]) => each !== "X-API-KEY");
      if (key !== null) wire.headers.push(["X-API-KEY", key]);
    }
  }

  /** What the parser refuses, or reads as something else. */
  #break(wire: Wire): void {
    wire.manner = "broken";
    switch (this.#dice.whole(0, 7)) {
      case 0:
        wire.method = this.#dice.pick(["FOO", "get", "", "G ET", "CONNECT"]);
        break;
      case 1:
        wire.headers.push(["Host", this.#dice.pick(["a b", "a/b", "[", "", "evil@np"])]);
        break;
      case 2:
        wire.headers.push(["X-A\u0000", "b"]);
        break;
      case 3:
        wire.headers.push(["Transfer-Encoding", this.#dice.pick(["chunked", "gzip", "chunked, identity"])]);
        break;
      case 4:
        wire.headers.push(["Content-Length", this.#dice.pick(["-1", "99999999999999999999", "1, 2", "x"])]);
        break;
      case 5:
        wire.headers.push(...Array.from({ length: 300 }, (_, n): [string, string] => [`X-${n}`, STRAY]));
        break;
      default:
        wire.target = `${wire.target} ${STRAY}`;
    }
  }
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** What may stand in a header. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
