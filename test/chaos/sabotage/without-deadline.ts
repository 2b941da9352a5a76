import { startWithout } from "./edit.ts";

const file = "worker/session-hosts.ts";

/** Session hosts may write for an hour after the lease has lapsed. */
await startWithout([
  {
    file,
    find: "mayWriteUntil: at(order.mayWriteUntil)",
    put: "mayWriteUntil: at(order.mayWriteUntil) + 3_600_000",
  },
  { file, find: "mayWriteUntil: at(mayWriteUntil)", put: "mayWriteUntil: at(mayWriteUntil) + 3_600_000" },
]);
