import { addressArgs, defineDriver, portArg, Type } from "netpulse/driver";

/**
 * A driver that does not come with the product, `busy`: no device, but commands that do to a session host what no driver may.
 * `spin` holds its event loop for ever, `wait` waits until it is told to end, and whatever else is echoed.
 */
export default defineDriver({
  name: "busy",
  aliases: [],
  summary: "for tests",
  defaultQueue: "pinned",
  defaultPort: 22,
  operations: ["command"],
  connectionArgs: Type.Object({ ...addressArgs, port: portArg(22) }, { additionalProperties: false }),
  driverArgs: Type.Object({}, { additionalProperties: false }),
  check: () => [],
  async connect() {
    return {
      async *run({ operation, signal }) {
        if (operation.kind !== "command") throw new Error("commands only");
        for (const [index, command] of operation.commands.entries()) {
          yield { kind: "start", index };
          yield { kind: "data", index, stream: "stdout", text: `${command}\n` };
          if (command === "spin") spin();
          if (command === "wait") await told(signal);
          signal.throwIfAborted();
          yield { kind: "end", index, ok: true, exitStatus: null };
        }
      },
      health: async () => true,
      async close() {},
      destroy() {},
    };
  },
});

function spin(): never {
  for (;;);
}

function told(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}
