import { DeviceError } from "../../core/errors.ts";

/** What is wrong with a private key, in words that show nothing of it. */
export class UnusableKey extends DeviceError {
  constructor(why: string) {
    super("AuthenticationError", `the private key (pkey) cannot be used: ${why}`);
  }
}
