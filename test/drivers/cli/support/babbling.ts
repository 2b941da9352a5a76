import { DeviceError } from "../../../../src/device/driver.ts";
import type { ByteChannel, ByteSink } from "../../../../src/device/transport/channel.ts";

/** Prints the next of its answers whenever something is typed to it, whatever that is. */
export class BabblingDevice {
  readonly #answers: Uint8Array[][];
  #sink: ByteSink | null = null;
  #talking = 0;
  ended = false;

  constructor(answers: Uint8Array[][]) {
    this.#answers = answers.map((chunks) => [...chunks]);
  }

  /** It has said all that it wants to. */
  get silent(): boolean {
    return this.#talking === 0 || this.ended;
  }

  open = async (sink: ByteSink): Promise<ByteChannel> => {
    this.#sink = sink;
    this.#answer();
    return {
      write: () => this.#answer(),
      pause() {},
      resume() {},
      close: async () => this.#end(),
      destroy: () => this.#end(),
    };
  };

  #answer(): void {
    const chunks = this.#answers.shift() ?? [];
    this.#talking += 1;
    const next = () => {
      const chunk = chunks.shift();
      if (chunk === undefined || this.ended) {
        this.#talking -= 1;
        return;
      }
      this.#sink?.onData(chunk);
      setImmediate(next);
    };
    setImmediate(next);
  }

  #end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#sink?.onEnd(new DeviceError("ConnectionError", "ended"));
  }
}
