/** What a job's first output says on `stderr` where its device was asked what it is. */
export function detectedLine(deviceType: string): string {
  return `device_type: ${deviceType}\n`;
}

/** The device that `stderr` names so; null where it names none. */
export function detectedIn(stderr: string): string | null {
  return /^device_type: (\S+)$/m.exec(stderr)?.[1] ?? null;
}
