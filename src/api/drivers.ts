import type { TObject } from "@sinclair/typebox";

/** What the API's documentation says of a driver; `Driver` of the device seam fits. */
export interface DriverInfo {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly defaultQueue: "fifo" | "pinned";
  readonly operations: readonly string[];
  readonly connectionArgs: TObject;
  readonly driverArgs: TObject;
  readonly commandArgs?: TObject;
}
