import { Duplex } from "node:stream";
import type { ClientChannel } from "./ssh2.ts";

/**
 * A channel through a jump host, as a socket. Unlike ssh2's own, it can be destroyed: what is still
 * buffered then never leaves.
 */
export class Tunnel extends Duplex {
  readonly #channel: ClientChannel;

  constructor(channel: ClientChannel) {
    super({ allowHalfOpen: false });
    this.#channel = channel;
    channel.on("data", (bytes: Buffer) => {
      if (!this.push(bytes)) channel.pause();
    });
    channel.once("end", () => this.push(null));
    channel.once("close", () => this.destroy());
    channel.on("error", (error: Error) => this.destroy(error));
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    if (this.#channel.write(bytes)) done();
    else this.#channel.once("drain", done);
  }

  override _final(done: () => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // From here on ssh2 sends nothing of the channel any more, whatever window it is given.
    this.#channel.close();
    done(error);
  }
}
