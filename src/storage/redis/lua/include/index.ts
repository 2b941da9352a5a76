import hints from "./hints.lua" with { type: "text" };
import now from "./now.lua" with { type: "text" };

/** Every shared part that a script may name, by its file's name without `.lua`. */
export const INCLUDES: Readonly<Record<string, string>> = { hints, now };
