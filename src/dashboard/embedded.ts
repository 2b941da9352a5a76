import { bundledPage } from "./bundled-page.ts" with { type: "macro" };

/**
 * The page's files as JSON, put here while a program is compiled. From source this module is not to be loaded: it would
 * be made while all else waits.
 */
export const EMBEDDED: string = bundledPage();
