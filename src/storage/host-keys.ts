/** A known key, and whose it is. */
export interface KnownHostKey {
  site: string | null;
  /** Canonical. */
  host: string;
  port: number;
  algorithm: string;
  /** `SHA256:` and unpadded base64, as OpenSSH prints it. */
  fingerprint: string;
  /** Milliseconds since the epoch. */
  firstSeen: number;
}

/** Which keys to list; `site` null means devices without one. What is absent does not narrow. */
export interface HostKeyFilter {
  site?: string | null;
  host?: string;
  port?: number;
}

/** A device's SSH host key as first seen. Shared by all nodes: the first use is recorded once for all. */
export interface HostKeyStore {
  /**
   * Records the key of a device on first use and compares it ever after, in one atom. With `record`
   * false an unknown key is not recorded (`strict` policy). A device has one key: one of another algorithm
   * is `changed`, or whoever answers could choose what is compared.
   */
  checkHostKey(params: {
    site: string | null;
    host: string;
    port: number;
    algorithm: string;
    /** `SHA256:` and unpadded base64, as OpenSSH prints it. */
    fingerprint: string;
    record: boolean;
    now?: number;
  }): Promise<"recorded" | "same" | "changed" | "unknown">;
  /** Forgets a device's key: its next one is taken as its first. `unknown`: there was none. */
  forgetHostKey(params: {
    site: string | null;
    host: string;
    port: number;
  }): Promise<"forgotten" | "unknown">;
  /**
   * A page of the known keys, by site (those without first), host and port. Goes on after `next` of the
   * page before; null when there are no more.
   */
  listHostKeys(params: {
    filter: HostKeyFilter;
    limit: number;
    after?: string;
  }): Promise<{ keys: KnownHostKey[]; next: string | null }>;
}

type Place = Pick<KnownHostKey, "site" | "host" | "port">;

/** One text for each device: neither a site nor a host has a NUL. */
export function hostKeyPlace({ site, host, port }: Place): string {
  return `${site ?? ""}\0${host}\0${port}`;
}

/** Back from the text. */
export function parseHostKeyPlace(place: string): Place {
  const [site = "", host = "", port = ""] = place.split("\0");
  return { site: site || null, host, port: Number(port) };
}
