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
}
