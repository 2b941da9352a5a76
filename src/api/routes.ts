/** The routes there are, and which of them a path is of. */
export class Routes {
  readonly #exact = new Set<string>();
  readonly #patterns = new Map<string, RegExp>();

  /** As the router has it: `/batch/:id/retry`. */
  add(route: string): void {
    if (!route.includes(":")) this.#exact.add(route);
    else this.#patterns.set(route, new RegExp(`^${route.replace(/:[a-z]+/g, "[^/]+")}$`));
  }

  /** null: of none. */
  find(path: string): string | null {
    if (this.#exact.has(path)) return path;
    for (const [route, pattern] of this.#patterns) if (pattern.test(path)) return route;
    return null;
  }
}
