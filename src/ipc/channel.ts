/** What carries messages to the other process: `process.send` in a child, `Subprocess.send` in a parent. */
export type Send = (envelope: Envelope<unknown>) => void;

interface Envelope<T> {
  n: number;
  m: T;
}

/** Thrown when the peer breaks the protocol; the peer cannot be trusted any more and is killed. */
export class ProtocolError extends Error {}

/** Numbers what goes out and checks the numbers of what comes in: a lost or repeated message is a fault. */
export class Channel<Out, In> {
  readonly #send: Send;
  readonly #onMessage: (message: In) => void;
  #sent = 0;
  #received = 0;

  constructor(send: Send, onMessage: (message: In) => void) {
    this.#send = send;
    this.#onMessage = onMessage;
  }

  send(message: Out): void {
    this.#sent += 1;
    this.#send({ n: this.#sent, m: message });
  }

  /** Feeds one raw message from the peer. */
  receive(raw: unknown): void {
    const envelope = raw as Envelope<In>;
    if (envelope?.n !== this.#received + 1) {
      throw new ProtocolError(
        `expected message ${this.#received + 1} of the peer, got ${String(envelope?.n)}`,
      );
    }
    this.#received += 1;
    this.#onMessage(envelope.m);
  }
}
