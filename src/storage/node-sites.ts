import type { Site } from "../core/device.ts";

/** A node's sites as a store keeps them; null is the default one, as everywhere. */
export function encodeSites(sites: readonly Site[] | null): string | null {
  return sites && JSON.stringify(sites);
}

export function decodeSites(stored: string | null): Site[] | null {
  // Safe: written by `encodeSites` only.
  return stored === null ? null : (JSON.parse(stored) as Site[]);
}
