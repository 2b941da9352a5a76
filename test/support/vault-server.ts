/** What a request has brought. */
export interface VaultRequest {
  method: string;
  path: string;
  namespace: string | null;
  token: string | null;
}

interface Login {
  role_id?: string;
  secret_id?: string;
}

interface Token {
  /** What is left of it, seconds; 0: it never ends. */
  ttl: number;
  renewable: boolean;
  /** What it may read, as `mount/path`; null: anything. */
  paths: string[] | null;
}

/**
 * Vault's HTTP API as its documentation describes it, as far as it takes tokens, the AppRole method and version 2 of the
 * KV engine. It is no Vault: it keeps no time of its own, a test says when a token is over.
 */
export class VaultServer implements Disposable {
  readonly requests: VaultRequest[] = [];
  readonly tokens = new Map<string, Token>();
  readonly roles = new Map<string, { secretId: string; token: Token }>();
  /** Versions of a secret by namespace, mount and path; null: it was deleted. */
  readonly #secrets = new Map<string, (Record<string, unknown> | null)[]>();
  readonly #server: ReturnType<typeof Bun.serve>;
  /** Answers every request with this. */
  failing: { status: number; body?: string; headers?: Record<string, string> } | null = null;
  /** Requests wait for it. */
  gate: Promise<void> = Promise.resolve();
  #count = 0;

  constructor(options: { tls?: { cert: string; key: string } } = {}) {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      ...(options.tls && { tls: options.tls }),
      fetch: (request) => this.#answer(request),
    });
  }

  get addr(): string {
    return this.#server.url.href.replace(/\/$/, "");
  }

  put(path: string, data: Record<string, unknown> | null, { mount = "secret", namespace = "" } = {}): void {
    const place = `${namespace}|${mount}/${path}`;
    this.#secrets.set(place, [...(this.#secrets.get(place) ?? []), data]);
  }

  reads(): VaultRequest[] {
    return this.requests.filter(({ path }) => path.includes("/data/"));
  }

  [Symbol.dispose](): void {
    void this.#server.stop(true);
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const token = request.headers.get("x-vault-token");
    const namespace = request.headers.get("x-vault-namespace");
    const path = url.pathname.replace("/v1/", "");
    this.requests.push({ method: request.method, path: path + url.search, namespace, token });
    await this.gate;
    if (this.failing !== null) {
      const { status, body = "", headers = {} } = this.failing;
      return new Response(body, { status, headers });
    }
    if (request.method === "POST" && /^auth\/[\w/-]+\/login$/.test(path))
      return this.#logIn((await request.json()) as Login);
    const known = this.tokens.get(token ?? "");
    if (known === undefined) return errors(403, "permission denied");
    if (path === "auth/token/lookup-self")
      return Response.json({ data: { ttl: known.ttl, renewable: known.renewable, policies: ["default"] } });
    if (path === "auth/token/renew-self" && request.method === "POST") return renewed(token ?? "", known);
    return this.#read(path, url.searchParams.get("version"), namespace ?? "", known);
  }

  #logIn({ role_id, secret_id }: Login): Response {
    const role = this.roles.get(role_id ?? "");
    if (role === undefined || role.secretId !== secret_id) return errors(400, "invalid role or secret ID");
    const token = `hvs.${++this.#count}`;
    this.tokens.set(token, { ...role.token });
    return renewed(token, role.token);
  }

  #read(path: string, version: string | null, namespace: string, { paths }: Token): Response {
    const [mount = "", rest] = path.split("/data/");
    if (rest === undefined) return errors(404, "no handler for route");
    const place = `${decodeURIComponent(mount)}/${decodeURIComponent(rest)}`;
    if (paths !== null && !paths.includes(place)) return errors(403, "permission denied");
    const versions = this.#secrets.get(`${namespace}|${place}`) ?? [];
    const number = version === null ? versions.length : Number(version);
    const data = versions[number - 1];
    if (data === undefined) return Response.json({ errors: [] }, { status: 404 });
    const metadata = {
      created_time: "2024-01-01T12:00:00Z",
      deletion_time: data === null ? "2024-01-02T12:00:00Z" : "",
      destroyed: false,
      version: number,
    };
    return Response.json(
      { request_id: "r", data: { data, metadata } },
      { status: data === null ? 404 : 200 },
    );
  }
}

function renewed(token: string, { ttl, renewable }: Token): Response {
  if (!renewable) return errors(400, "lease is not renewable");
  return Response.json({ auth: { client_token: token, accessor: "a", lease_duration: ttl, renewable } });
}

function errors(status: number, text: string): Response {
  return Response.json({ errors: [text] }, { status });
}
