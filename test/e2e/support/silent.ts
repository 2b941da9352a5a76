/** A TCP server that accepts connections, says `greeting` and nothing more. */
export interface SilentServer {
  readonly port: number;
  /** Resolves when a client has closed its connection. */
  readonly closed: Promise<void>;
  [Symbol.dispose](): void;
}

export function silentServer(greeting = ""): SilentServer {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => void (greeting !== "" && socket.write(greeting)),
      data() {},
      close: () => resolve(),
    },
  });
  return { port: listener.port, closed, [Symbol.dispose]: () => listener.stop(true) };
}
