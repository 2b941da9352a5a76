import manifest from "../../package.json" with { type: "json" };

/** The version of the program. */
export const VERSION: string = manifest.version;

/** Put in by the build of the binary. */
declare const NETPULSE_COMMIT: string | undefined;

/** What a binary was built from; `null` when the program runs from source. */
export const COMMIT: string | null = typeof NETPULSE_COMMIT === "string" ? NETPULSE_COMMIT : null;

/** Tells builds apart that have one version: a binary that was replaced while it runs starts hosts of another. */
export const BUILD: string = COMMIT === null ? VERSION : `${VERSION}+${COMMIT}`;
