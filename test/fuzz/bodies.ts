import { builtinDrivers } from "../../drivers/index.ts";
import type { Random } from "../support/faults/random.ts";
import type { Contract, Json, Operation } from "../support/openapi.ts";
import { NASTY_KEYS, put, SECRET, STRAY, type Values } from "./values.ts";

/** Bodies of requests: valid, nearly valid, and none. */
export class Bodies {
  readonly #dice: Random;
  readonly #values: Values;
  readonly #contract: Contract;

  constructor(dice: Random, values: Values, contract: Contract) {
    this.#dice = dice;
    this.#values = values;
    this.#contract = contract;
  }

  valid({ body, id }: Operation): Json {
    const drawn = this.#dice.chance(0.5)
      ? structuredClone(this.#dice.pick(body?.examples ?? []))
      : this.#values.valid(body?.schema);
    return this.#made(drawn as Json, id);
  }

  /** A valid one with a mistake or two. */
  nearly(operation: Operation): Json {
    const body = this.valid(operation);
    for (let mistakes = this.#dice.whole(1, 3); mistakes > 0; mistakes--) this.#spoil(body);
    return body;
  }

  /** The bytes of something that may be no JSON at all. */
  garbage(operation: Operation): Uint8Array {
    const json = JSON.stringify(this.valid(operation));
    const encoder = new TextEncoder();
    switch (this.#dice.whole(0, 11)) {
      case 0:
        return encoder.encode(json.slice(0, this.#dice.whole(0, json.length)));
      case 1:
        return new Uint8Array(
          Array.from({ length: this.#dice.whole(0, 200) }, () => this.#dice.whole(0, 256)),
        );
      case 2:
        return encoder.encode(`\ufeff${json}`);
      case 3:
        return new Uint8Array(Buffer.from(json, "utf16le"));
      case 4:
        return encoder.encode(JSON.stringify(this.#values.nasty()));
      case 5:
        return encoder.encode(`${json}${STRAY}`);
      case 6:
        return encoder.encode(json.replace("{", `{"__proto__":{"driver":"${STRAY}"},`));
      case 7:
        return encoder.encode(`{"a":${"[".repeat(this.#dice.pick([63, 65, 5000]))}`);
      case 8:
        return new Uint8Array(
          Buffer.concat([
            Buffer.from(json.slice(0, -2)),
            Buffer.from([0xc3, 0x28, 0xff]),
            Buffer.from(json.slice(-2)),
          ]),
        );
      case 9:
        return encoder.encode(`${json}${" ".repeat(this.#dice.pick([60_000, 70_000, 300_000]))}`);
      default:
        return encoder.encode(json.replace(/:\s*"/, `:1e999,"x":"`));
    }
  }

  /** With what schemas do not tell: which arguments a driver takes, and that there is one thing to do. */
  #made(body: Json, id: string): Json {
    const driver = builtinDrivers.find(({ name, aliases }) => [name, ...aliases].includes(body.driver));
    if (!driver) return body;
    const schema = this.#contract.document.components.schemas[`ConnectionArgs_${driver.name}`];
    const plain = {
      host: this.#values.valid({ type: "string" }, "host"),
      port: 9,
      username: "admin",
      password: SECRET,
    };
    const drawn = this.#dice.chance(0.7)
      ? { ...plain, ...(driver.name === "cli" && { device_type: "cisco_ios" }) }
      : this.#values.valid(schema);
    body.connection_args = drawn;
    if (this.#dice.chance(0.8)) delete body.driver_args;
    if (id.startsWith("test")) return body;
    if (driver.name === "linux") delete body.config;
    if (body.command === undefined && body.config === undefined) body.command = "show version";
    if (body.command !== undefined) delete body.config;
    if (body.options && this.#dice.chance(0.8)) body.options = {};
    return body;
  }

  #spoil(body: Json): void {
    const places = [...objectsIn(body)];
    const object = this.#dice.pick(places);
    const keys = Object.keys(object);
    const key = keys.length > 0 ? this.#dice.pick(keys) : "a";
    switch (this.#dice.whole(0, 6)) {
      case 0:
        delete object[key];
        break;
      case 1:
        object[`${key}x`] = object[key];
        delete object[key];
        break;
      case 2:
        if (Array.isArray(object)) object.push(this.#values.nasty());
        else put(object, this.#dice.pick(NASTY_KEYS), this.#values.nasty());
        break;
      default:
        object[key] = this.#values.nasty();
    }
  }
}

function* objectsIn(value: Json): Generator<Json> {
  if (value === null || typeof value !== "object") return;
  yield value;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}
