import type { TlsFiles } from "./tls.ts";

/** The part of the configuration that the API needs; `Config` fits. Durations in seconds, sizes in bytes. */
export interface ApiSettings {
  /** Zone of the times in answers. */
  readonly timeZone: string;
  readonly server: {
    readonly host: string;
    readonly port: number;
    readonly maxBody: number;
    readonly bodyTimeout: number;
    readonly idleTimeout: number;
    readonly maxStreams: number;
    readonly streamStall: number;
    readonly keyCache: number;
    readonly rateLimit: number;
    readonly maxUrl: number;
    readonly maxHeaders: number;
    readonly headerTimeout: number;
    /** Networks; null: none. */
    readonly trustProxy: string | null;
    /** Origins; null: none. */
    readonly corsOrigins: string | null;
    readonly tls: TlsFiles;
  };
  readonly job: { readonly maxBulk: number };
  readonly storageFiles: { readonly ttl: number; readonly uploadTimeout: number };
  readonly mcp: {
    readonly maxSessions: number;
    readonly sessionsPerKey: number;
    readonly sessionIdle: number;
    readonly sessionAge: number;
  };
  readonly health: { readonly maxErrorRate: number };
}
