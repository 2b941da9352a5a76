import type { CliState, Handler } from "../../cli/model.ts";

/** The one account of a lab device. */
export function acceptsSeed({ seed }: CliState, username: string, password: string): boolean {
  return username === seed.username && password === seed.password;
}

/** `enable`: asks for the password of the privileged mode, so often, and says `refused` after that. */
export function askEnable(tries: number, refused: string): Handler {
  return async ({ session, state }) => {
    const wanted = state.seed.enable;
    for (let asked = 0; wanted !== "" && session.mode !== "privileged"; asked++) {
      if (asked === tries) return refused;
      const given = await session.ask("Password: ", { hidden: true });
      if (given === null) return null;
      if (given === wanted) break;
    }
    session.enter("privileged");
    return null;
  };
}
