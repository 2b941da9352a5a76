import type { Socket } from "node:net";
import type { AuthContext, ServerChannel, Connection as SshConnection, Session as SshSession } from "ssh2";
import type { Timer } from "../core/clock.ts";
import { breakAt } from "./fault.ts";
import type { Line, Machine } from "./platform.ts";
import { LOGIN_TIMEOUT_MS, MAX_LOGIN_TRIES, type Peer, type Site } from "./site.ts";
import { type Screen, StreamLine } from "./stream-line.ts";

/** How long the other side may take to close once the device has hung up. */
const LINGER_MS = 5_000;

/** One TCP connection to a device: login, then its sessions. */
export class Connection implements Peer {
  readonly id: number;
  readonly vty: number;
  readonly address: string;
  readonly lines = new Set<StreamLine>();
  user = "";
  readonly #site: Site;
  readonly #socket: Socket;
  #ssh: SshConnection | null = null;
  /** Ends the connection if it neither logs in nor goes away in time. */
  #deadline: Timer | null = null;
  #tries = 0;
  #channels = 0;

  constructor(site: Site, socket: Socket, id: number, vty: number) {
    this.#site = site;
    this.#socket = socket;
    this.id = id;
    this.vty = vty;
    this.address = socket.remoteAddress ?? "";
    socket.on("close", () => this.#onClose());
    socket.on("error", () => socket.destroy());
  }

  /** The SSH client said who it is; from here on it is served. */
  serve(ssh: SshConnection): void {
    this.#ssh = ssh;
    this.#endIn(LOGIN_TIMEOUT_MS);
    ssh.on("error", () => this.destroy());
    ssh.on("authentication", (context) => this.#authenticate(context));
    ssh.on("ready", () => {
      this.#deadline?.cancel();
      this.#site.loggedIn(this);
    });
    ssh.on("session", (accept, reject) => {
      if (this.#channels >= this.#site.platform.channels) reject();
      else this.#openSession(accept());
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #hangUp(): void {
    this.#ssh?.end();
    this.#endIn(LINGER_MS);
  }

  #endIn(ms: number): void {
    this.#deadline?.cancel();
    this.#deadline = this.#site.settings.clock.after(ms, () => this.destroy());
  }

  #onClose(): void {
    this.#deadline?.cancel();
    for (const line of this.lines) line.close();
    this.lines.clear();
  }

  #authenticate(context: AuthContext): void {
    const broken = breakAt(this.#site.knobs().fault, "auth");
    if (broken === "drop") this.destroy();
    if (broken !== null || this.#tries >= MAX_LOGIN_TRIES) return;
    switch (context.method) {
      case "password":
        this.#decide(context, context.password);
        return;
      case "keyboard-interactive":
        context.prompt([{ prompt: "Password: ", echo: false }], (answers) => {
          this.#decide(context, answers[0] ?? "");
        });
        return;
      default:
        context.reject(["password", "keyboard-interactive"]);
    }
  }

  #decide(context: AuthContext, password: string): void {
    if (this.#site.machine().accepts(context.username, password)) {
      this.user = context.username;
      context.accept();
      return;
    }
    this.#tries += 1;
    this.#site.loginRefused(this, context.username);
    context.reject(["password", "keyboard-interactive"]);
    if (this.#tries >= MAX_LOGIN_TRIES) this.#hangUp();
  }

  #openSession(session: SshSession): void {
    this.#channels += 1;
    let screen: Screen | null = null;
    session.on("close", () => {
      this.#channels -= 1;
    });
    session.on("pty", (accept, _reject, info) => {
      screen = { rows: info.rows };
      accept?.();
    });
    session.on("window-change", (accept, _reject, info) => {
      if (screen) screen.rows = info.rows;
      accept?.();
    });
    session.on("env", (accept) => accept?.());
    session.on("shell", (accept) => {
      void this.#run(accept(), screen, (machine, line) => machine.shell(line).then(() => 0));
    });
    session.on("exec", (accept, _reject, info) => {
      void this.#run(accept(), screen, (machine, line) => machine.exec(line, info.command));
    });
  }

  async #run(
    channel: ServerChannel,
    screen: Screen | null,
    program: (machine: Machine, line: Line) => Promise<number>,
  ): Promise<void> {
    channel.on("error", () => this.destroy());
    const line = new StreamLine(this.#site, this, channel, screen);
    this.lines.add(line);
    try {
      const broken = line.breakAt("prompt");
      if (broken !== null) await line.breakOff(broken);
      const status = await program(this.#site.machine(), line);
      await line.out.idle();
      await this.#finish(channel, line, status);
    } catch (error) {
      this.#site.failed(this, error instanceof Error ? error.message : String(error));
      this.destroy();
    } finally {
      this.lines.delete(line);
    }
  }

  /** Everything printed goes out before the channel, and with some platforms the connection, closes. */
  async #finish(channel: ServerChannel, line: Line, status: number): Promise<void> {
    if (line.isClosed()) return;
    channel.exit(status);
    // Until the client has closed it too: a connection that ends before may cost it what it has not read.
    await new Promise<void>((resolve) => {
      const late = this.#site.settings.clock.after(LINGER_MS, resolve);
      channel.once("close", () => {
        late.cancel();
        resolve();
      });
      channel.end();
    });
    if (this.#site.platform.hangsUp) this.#hangUp();
  }
}
