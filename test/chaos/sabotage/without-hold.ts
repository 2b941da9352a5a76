import { startWithout } from "./edit.ts";

/**
 * A pinned queue yields a job though one of it has started, and several nodes may have a worker for it. Only both
 * together are seen from outside: with its pin alone a device still has one worker, whose host dies with its node.
 */
await startWithout([
  {
    file: "storage/redis/lua/claim.lua",
    find: "local serial = held or is_pinned(queue) and #waiting > 0",
    put: "local serial = false",
  },
  { file: "storage/redis/lua/add-worker.lua", find: "local taken = owner()", put: "local taken = false" },
]);
