import { deviceName } from "../core/device.ts";
import type { HostKeyPolicy, HostKeyQuestion } from "../ipc/messages.ts";
import type { HostKeyStore } from "../storage/host-keys.ts";

/** Null when a device's host key may be trusted under the policy; else what is wrong and the way out. */
export async function judgeHostKey(
  store: HostKeyStore,
  policy: HostKeyPolicy,
  key: HostKeyQuestion,
): Promise<string | null> {
  if (policy === "off") return null;
  const verdict = await store.checkHostKey({ ...key, record: policy === "accept-new" });
  switch (verdict) {
    case "recorded":
    case "same":
      return null;
    case "changed":
      return (
        `the host key of ${deviceName(key)} has changed; it offers ${key.algorithm} ${key.fingerprint}. ` +
        `If the device was replaced, forget the old key: netpulse hostkeys forget ${deviceName(key)} ` +
        "(or DELETE /hostkeys)"
      );
    case "unknown":
      return (
        `the host key of ${deviceName(key)} is not known (${key.algorithm} ${key.fingerprint}), ` +
        "and ssh.host_key_policy is strict"
      );
  }
}
