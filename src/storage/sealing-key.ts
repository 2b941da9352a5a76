/** Which key the operations in the store are sealed with. One store, one key: another could open none of them. */
export interface SealingKeyStore {
  /**
   * Records the key's id (see `Sealer.keyId`) when there is none yet, and compares it ever after, in one atom.
   * Called by every role that seals or opens, before it begins; `changed` refuses its start.
   */
  checkSealingKey(params: { keyId: string }): Promise<"recorded" | "same" | "changed">;
}
