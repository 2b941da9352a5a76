import type { Socket } from "node:net";
import type { Timer } from "../../core/clock.ts";
import { breakAt, type Point } from "../fault.ts";
import { type Caller, LOGIN_TIMEOUT_MS, MAX_LOGIN_TRIES, type Site } from "../site.ts";
import { StreamLine } from "../stream-line.ts";
import type { LineRules } from "../terminal/line-editor.ts";
import type { TypedLine } from "../terminal/terminal.ts";
import { TelnetStream } from "./stream.ts";

const NAME: LineRules = { prompt: "", echo: true, showsControl: true, help: null, history: [] };
const PASSWORD: LineRules = { ...NAME, echo: false };

/** One Telnet connection to a device: login, then its only session. */
export class TelnetConnection implements Caller {
  readonly id: number;
  readonly vty: number;
  readonly address: string;
  readonly lines = new Set<StreamLine>();
  user = "";
  readonly #site: Site;
  readonly #socket: Socket;
  #deadline: Timer | null = null;

  constructor(site: Site, socket: Socket, id: number, vty: number) {
    this.#site = site;
    this.#socket = socket;
    this.id = id;
    this.vty = vty;
    this.address = socket.remoteAddress ?? "";
    socket.on("close", () => this.#onClose());
    socket.on("error", () => socket.destroy());
  }

  /** Serves it until either side ends it. */
  async serve(): Promise<void> {
    const stream = new TelnetStream(this.#socket);
    stream.on("error", () => this.destroy());
    const line = new StreamLine(this.#site, this, stream, stream.screen);
    this.lines.add(line);
    this.#deadline = this.#site.settings.clock.after(LOGIN_TIMEOUT_MS, () => this.destroy());
    try {
      if (breakAt(this.#site.knobs().fault, "banner") === null) stream.open();
      const silent = (await this.#breaksAt(line, "banner")) || (await this.#breaksAt(line, "kex"));
      if (!silent && (await this.#logIn(line)) && !(await this.#breaksAt(line, "prompt"))) {
        await this.#site.machine().shell(line);
      }
      await line.out.idle();
      stream.end();
    } catch (error) {
      this.#site.failed(this, error instanceof Error ? error.message : String(error));
      this.destroy();
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #onClose(): void {
    this.#deadline?.cancel();
    for (const line of this.lines) line.close();
    this.lines.clear();
  }

  /** True when it was to stop there, and is over now. */
  async #breaksAt(line: StreamLine, point: Point): Promise<boolean> {
    const broken = line.breakAt(point);
    if (broken !== null) await line.breakOff(broken);
    return broken !== null;
  }

  async #logIn(line: StreamLine): Promise<boolean> {
    const { telnet } = this.#site.platform;
    const machine = this.#site.machine();
    const say = (text: string) =>
      line.out.write(text.replaceAll("{host}", machine.hostname()).replaceAll("\n", "\r\n"));
    say(telnet.banner);
    for (let tries = 0; tries < MAX_LOGIN_TRIES; tries += 1) {
      const name = await askName(line, () => say(telnet.name));
      say(telnet.password);
      const password = await line.terminal.readLine(PASSWORD);
      if (name.end === "closed" || password.end === "closed") return false;
      if (await this.#breaksAt(line, "auth")) return false;
      if (machine.accepts(name.text, password.text)) {
        this.user = name.text;
        this.#deadline?.cancel();
        this.#site.loggedIn(this);
        return true;
      }
      this.#site.loginRefused(this, name.text);
      say(`${telnet.refused}\n`);
    }
    return false;
  }
}

/** Enter alone is no try. */
async function askName(line: StreamLine, ask: () => void): Promise<TypedLine> {
  for (;;) {
    ask();
    const name = await line.terminal.readLine(NAME);
    if (name.text !== "" || name.end === "closed") return name;
  }
}
