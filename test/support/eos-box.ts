export interface EosOptions {
  username?: string;
  password?: string;
  /** Asked for by `enable`; empty: nothing is. */
  enable?: string;
}

export interface RpcRequest {
  jsonrpc: "2.0";
  method: string;
  id: string;
  params: { version: number; cmds: (string | { cmd: string; input?: string })[]; format?: "json" | "text" };
}

/** A command's answer: data and text, or why there is none. `json` null: it is not converted. */
type Answer = { json: Record<string, unknown> | null; text: string } | Failure;

interface Failure {
  code: number;
  why: string;
  errors: string[];
  beside?: Record<string, unknown>;
}

interface Request {
  privileged: boolean;
  section: string | null;
  configuring: boolean;
}

const INVALID = "invalid command";
const NOT_RUN = "could not run command";

/**
 * What EOS answers to JSON-RPC, after the "Arista Command API" overview that a switch serves under `/overview.html`
 * (requests, formats, errors with their data), the docstrings of pyeapi's `eapilib.py` (codes, `enable` with `input`),
 * and recorded answers in the tests of internap/fake-switches and arista's puppet module (`VLAN 999 not found in
 * current VLAN database`, `Invalid input (at token 2: '5001')`, the empty objects before an error). The words of a
 * refused `enable` are not in any of them.
 */
export class EosBox {
  readonly #username: string;
  readonly #password: string;
  readonly #enable: string;
  hostname = "leaf-1";
  /** Lines of configuration, with the section they were given in. */
  running: string[] = [];
  startup: string[] = [];
  /** Who has locked the configuration. */
  lockedBy: string | null = null;
  /** Answers to further commands. */
  readonly extra = new Map<string, { json: Record<string, unknown> | null; text: string } | string>();

  /** Lines that it refuses, with its words. */
  readonly refuses = new Map<string, string>();

  constructor({ username = "admin", password = "admin", enable = "" }: EosOptions) {
    this.#username = username;
    this.#password = password;
    this.#enable = enable;
  }

  knows(credentials: string): boolean {
    return credentials === `${this.#username}:${this.#password}`;
  }

  /** The body of an answer. */
  answer({ id, method, params }: RpcRequest): string {
    if (method !== "runCmds" || !Array.isArray(params?.cmds)) {
      return wrap(id, `"error":{"code":-32601,"message":"Method not found"}`);
    }
    const { cmds, format = "json" } = params;
    const request: Request = { privileged: false, section: null, configuring: false };
    const results: string[] = [];
    for (const [index, entry] of cmds.entries()) {
      const command = typeof entry === "string" ? entry : entry.cmd;
      const answer = this.#run(command, typeof entry === "string" ? undefined : entry.input, request);
      const failure = failureOf(answer, format);
      if (failure === null) {
        results.push(rendered(answer, format));
        continue;
      }
      const message = `CLI command ${index + 1} of ${cmds.length} '${command}' failed: ${failure.why}`;
      const data = [...results, JSON.stringify({ ...failure.beside, errors: failure.errors })];
      return wrap(
        id,
        `"error":{"data":[${data.join(",")}],"message":${JSON.stringify(message)},"code":${failure.code}}`,
      );
    }
    return wrap(id, `"result":[${results.join(",")}]`);
  }

  #run(command: string, input: string | undefined, request: Request): Answer {
    if (command === "enable") return this.#enter(input, request);
    const extra = this.extra.get(command);
    if (typeof extra === "string") return { json: raw(extra), text: "" };
    if (extra !== undefined) return extra;
    const refused = this.refuses.get(command);
    if (refused !== undefined) return { code: 1002, why: INVALID, errors: [refused] };
    if (request.configuring) return this.#configure(command, request);
    switch (command) {
      case "show hostname":
        return {
          json: { hostname: this.hostname, fqdn: this.hostname },
          text: `Hostname: ${this.hostname}\n`,
        };
      case "show version":
        return {
          json: { modelName: "DCS-7050TX-64-F", version: "4.22.1F", memTotal: 3818208 },
          text: "Arista DCS-7050TX-64-F\nSoftware image version: 4.22.1F\n",
        };
      case "show clock":
        return { json: null, text: "Fri Nov 27 08:00:00 2026\nTimezone: UTC\n" };
      case "show vlan 999": {
        const errors = ["VLAN 999 not found in current VLAN database"];
        return { code: 1000, why: NOT_RUN, errors, beside: { vlans: {}, sourceDetail: "" } };
      }
      case "bash timeout 10 id":
        return {
          code: 1005,
          why: "unauthorized",
          errors: ["Authorization denied for command 'bash' input=admin"],
        };
      default:
        return request.privileged ? this.#privileged(command, request) : unprivileged(command);
    }
  }

  #enter(input: string | undefined, request: Request): Answer {
    if (this.#enable !== "" && input !== this.#enable) {
      return { code: 1000, why: NOT_RUN, errors: ["Bad secret"] };
    }
    request.privileged = true;
    return { json: {}, text: "" };
  }

  #privileged(command: string, request: Request): Answer {
    switch (command) {
      case "show running-config":
        return { json: { cmds: {} }, text: this.running.map((line) => `${line}\n`).join("") };
      case "copy running-config startup-config":
        this.startup = [...this.running];
        return {
          json: { messages: ["Copy completed successfully."] },
          text: "Copy completed successfully.\n",
        };
      case "configure":
        if (this.lockedBy !== null) {
          const errors = [`Unable to enter configuration mode: locked by ${this.lockedBy}`];
          return { code: 1000, why: NOT_RUN, errors };
        }
        request.configuring = true;
        return { json: {}, text: "" };
      default:
        return invalid(command);
    }
  }

  #configure(line: string, request: Request): Answer {
    const text = line.trim();
    const [word = "", ...rest] = text.split(" ");
    if (word === "hostname") this.hostname = rest.join(" ");
    else if (word === "interface" || word === "vlan") request.section = text;
    else if (word !== "description" && word !== "name" && word !== "ip" && word !== "exit")
      return invalid(text);
    if (text === "ip address 300.0.0.1/24") {
      return { code: 1002, why: INVALID, errors: ["Invalid input (at token 2: '300.0.0.1/24')"] };
    }
    if (text === "vlan 5001") return { code: 1000, why: NOT_RUN, errors: ["VLAN 5001 is not available"] };
    this.running.push(
      request.section === null || request.section === text ? text : `${request.section} ${text}`,
    );
    return text.startsWith("vlan") ? { json: { messages: ["note"] }, text: "note" } : { json: {}, text: "" };
  }
}

const RAW = Symbol("raw");

/** JSON that is to be sent as it is written. */
function raw(text: string): Record<string, unknown> {
  return { [RAW]: text };
}

function rendered(answer: Answer, format: "json" | "text"): string {
  if ("code" in answer) throw new Error("a failure has no result");
  if (format === "text") return JSON.stringify({ output: answer.text });
  const asIs = (answer.json as { [RAW]?: string } | null)?.[RAW];
  return asIs ?? JSON.stringify(answer.json);
}

function failureOf(answer: Answer, format: "json" | "text"): Failure | null {
  if ("code" in answer) return answer;
  if (format === "text" || answer.json !== null) return null;
  return { code: 1003, why: "unconverted command", errors: ["This is an unconverted command"] };
}

function unprivileged(command: string): Answer {
  if (!/^(?:show running-config|configure|copy )/.test(command)) return invalid(command);
  return { code: 1002, why: INVALID, errors: ["Invalid input (privileged mode required)"] };
}

function invalid(command: string): Answer {
  const [word = ""] = command.split(" ");
  return { code: 1002, why: INVALID, errors: [`Invalid input (at token 0: '${word}')`] };
}

function wrap(id: string, rest: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},${rest}}`;
}
