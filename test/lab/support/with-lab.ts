import { systemClock } from "../../../src/core/clock.ts";
import { type Lab, type LabOptions, startLab } from "../../../src/lab/lab.ts";
import { CliClient, type ClientOptions } from "./cli-client.ts";

/** A lab for one test; `await using` stops it. */
export async function withLab(
  options: Partial<LabOptions> = {},
): Promise<Lab & AsyncDisposable & { login(options?: ClientOptions, device?: number): Promise<CliClient> }> {
  const lab = await startLab({ clock: systemClock, ...options });
  return {
    ...lab,
    login(client = {}, device = 0) {
      const address = lab.addresses[device];
      if (!address) throw new Error(`the lab has no device ${device}`);
      return CliClient.open(address, client);
    },
    [Symbol.asyncDispose]: () => lab.stop(),
  };
}
