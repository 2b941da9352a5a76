import type { DeviceError } from "../../core/errors.ts";

/**
 * A two-way stream of bytes with a device's command line: a shell over SSH, a Telnet connection, a
 * recorded transcript. Drivers see no more of a transport than this.
 */
export interface ByteChannel {
  /**
   * Sends text to the device. Throws a `DeviceError` when the write guard refuses or the channel has
   * ended; the connection is destroyed then.
   */
  write(text: string): void;
  /** Stops reading: the device is held back by the transport's own flow control. */
  pause(): void;
  resume(): void;
  /** Ends in order, within a second. Never throws. Idempotent. */
  close(): Promise<void>;
  /** Ends at once, without another byte. Idempotent. */
  destroy(): void;
}

/** Where a channel delivers what it reads. */
export interface ByteSink {
  /** The array is the receiver's to keep. */
  onData(bytes: Uint8Array): void;
  /** Called once, after the last byte, however the channel ended. */
  onEnd(reason: DeviceError): void;
}
