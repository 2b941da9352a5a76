import { startWithout } from "./edit.ts";

/** Whoever once had a run writes for the one that has it now, wherever that one's output ends. */
await startWithout([
  {
    file: "storage/redis/lua/settle.lua",
    find: " or job[RUN] ~= run or job[NONCE] ~= nonce then\n    return settled_before",
    put: " then\n    return settled_before",
  },
  {
    file: "storage/redis/lua/settle.lua",
    find: 'if append_log(id, s[4], tail) == "gap" then return "lost" end',
    put: "append_log(id, s[4], tail)",
  },
  {
    file: "storage/redis/lua/append-output.lua",
    find: "if not mine or mine[R_RUN] ~= run or mine[R_NONCE] ~= nonce then",
    put: "if not mine then",
  },
]);
