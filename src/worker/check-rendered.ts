import { DeviceError, type Driver } from "../device/driver.ts";
import type { RunOrder } from "../ipc/messages.ts";

/** What was rendered is judged as a request's own lines are, before its device is touched. Throws `DeviceError`. */
export function checkRendered(
  driver: Driver | null,
  { connectionArgs, driverArgs, operation }: RunOrder,
): void {
  if (driver === null || (operation.kind !== "command" && operation.kind !== "config")) return;
  const [wrong] = driver.check({ connectionArgs, driverArgs, operation });
  if (wrong === undefined) return;
  const [field, place] = wrong.loc;
  const which = typeof place === "number" ? ` ${place + 1}` : "";
  const what = field === "config" ? "line" : "command";
  throw new DeviceError("TemplateError", `${what}${which} that was rendered ${wrong.msg}`, {
    retryable: false,
  });
}
