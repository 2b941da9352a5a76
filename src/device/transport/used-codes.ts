import { createHash } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import type { SshSurroundings, SshTarget } from "./ssh-target.ts";
import { type Totp, totpCode } from "./totp.ts";

type Around = Pick<SshSurroundings, "signal" | "clock" | "progress">;
type Account = Pick<SshTarget, "host" | "port" | "site" | "username" | "totp">;

/** A login's right to give the code of the moment. */
export interface CodeTurn {
  /** The code; from here on it counts as used. */
  code(): string;
  /** The login is over: a code that nobody asked for is there for the next one. */
  end(): void;
}

/** Servers take a one-time code once: who logs in again within its period waits for the next. */
export class UsedCodes {
  /** By account, until when no other login may give a code; monotonic, as the wall clock may be set meanwhile. */
  readonly #until = new Map<string, number>();

  /** `undefined` for an account without codes. Rejects with the signal's reason. */
  async turn(account: Account, around: Around): Promise<CodeTurn | undefined> {
    const { totp } = account;
    if (totp === undefined) return undefined;
    const { clock } = around;
    const key = keyOf(account);
    while (!this.#isFree(key, clock.monotonic())) await this.#next(key, around);
    let reserved = this.#reserve(key, totp, clock);
    let given = false;
    return {
      code: () => {
        given = true;
        reserved = this.#reserve(key, totp, clock);
        return totpCode(totp, clock.now());
      },
      end: () => {
        if (!given && this.#until.get(key) === reserved) this.#until.delete(key);
      },
    };
  }

  #isFree(key: string, now: number): boolean {
    this.#forget(now);
    return !this.#until.has(key);
  }

  #reserve(key: string, totp: Totp, clock: Clock): number {
    const until = clock.monotonic() + leftOfPeriod(totp, clock.now());
    this.#until.set(key, until);
    return until;
  }

  #next(key: string, { clock, signal, progress }: Around): Promise<void> {
    progress("waiting for the next one-time password, as the server has had this one");
    const left = (this.#until.get(key) ?? 0) - clock.monotonic();
    return new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        timer.cancel();
        reject(signal.reason);
      };
      const timer = clock.after(left, () => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      });
      signal.addEventListener("abort", giveUp, { once: true });
      if (signal.aborted) giveUp();
    });
  }

  #forget(now: number): void {
    for (const [key, until] of this.#until) if (until <= now) this.#until.delete(key);
  }
}

function leftOfPeriod({ period }: Totp, now: number): number {
  return period * 1000 - (now % (period * 1000));
}

/** Hashed, so that no key of a map holds a secret. */
function keyOf({ host, port, site, username, totp }: Account): string {
  return createHash("sha256")
    .update(JSON.stringify([host, port, site, username, totp]))
    .digest("base64url");
}
