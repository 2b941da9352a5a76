import { connect } from "node:net";

/** Sends bytes as they are; answers with all that came back once the server closes the connection. */
export class RawClient {
  readonly #socket;
  readonly closed: Promise<string>;
  #received = "";
  #wake: () => void = () => {};

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    const closed = Promise.withResolvers<string>();
    this.closed = closed.promise;
    this.#socket.on("data", (data) => {
      this.#received += data.toString("latin1");
      this.#wake();
    });
    this.#socket.on("error", () => {}); // a reset after the answer; "close" follows
    this.#socket.on("close", () => closed.resolve(this.#received));
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** Waits until so many answers have begun. */
  async answers(count: number): Promise<string[]> {
    for (;;) {
      const parts = this.#received.split(/(?=HTTP\/1\.1 )/);
      if (parts.filter((part) => part.endsWith("}")).length >= count) return parts;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  end(): void {
    this.#socket.destroy();
  }
}
