export type { Audit } from "./audit.ts";
export { type Batches, isOver, type WatchOptions } from "./batches.ts";
export type { Deliveries } from "./deliveries.ts";
export type { Devices } from "./devices.ts";
export {
  ApiError,
  BadAnswer,
  Conflict,
  Forbidden,
  JobFailed,
  NetpulseError,
  NetworkError,
  NotFound,
  ServerError,
  TooManyRequests,
  Unauthorized,
  Unavailable,
  ValidationError,
  WaitTimeout,
} from "./errors.ts";
export type { FollowOptions } from "./events.ts";
export type { Files } from "./files.ts";
export type { HostKeys } from "./host-keys.ts";
export type { CallOptions, Fetch, SubmitOptions } from "./http.ts";
export type { Jobs } from "./jobs.ts";
export type { Keys } from "./keys.ts";
export { type ClientOptions, Netpulse } from "./netpulse.ts";
export type { System } from "./system.ts";
export type { Tasks } from "./tasks.ts";
export type { Templates } from "./templates.ts";
export type * from "./types.ts";
export { orThrow, type WaitOptions } from "./wait.ts";
export type { Workers } from "./workers.ts";
