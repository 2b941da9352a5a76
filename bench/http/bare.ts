/**
 * What the runtime and the framework can do on this machine, without anything of ours:
 * `bun bench/http/bare.ts bun|elysia`. Answers a GET with the JSON that is given by standard input, and a POST, whose
 * body it parses, with the same. Prints its port.
 */
import { Elysia } from "elysia";

const answer = await Bun.stdin.json();
const headers = { "Content-Type": "application/json" };

const servers = {
  bun: () =>
    Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      routes: {
        "/job": { GET: () => Response.json(answer) },
        "/device/exec": {
          POST: async (request) => {
            await request.json();
            return new Response(JSON.stringify(answer), { status: 201, headers });
          },
        },
      },
    }).port,
  elysia: () =>
    new Elysia()
      .get("/job", () => answer)
      .post("/device/exec", ({ status }) => status(201, answer), { parse: "json" })
      .listen({ hostname: "127.0.0.1", port: 0 }).server?.port,
};

const which = Bun.argv[2];
if (which !== "bun" && which !== "elysia") throw new Error("say bun or elysia");
console.log(`port ${servers[which]()}`);
