# One image for every role and command: docker run IMAGE serve | lab | config
# The version of Bun is the one package.json names under engines.

FROM oven/bun:1.4.5 AS packages
WORKDIR /app
COPY package.json bun.lock ./
# Install scripts stay off: the packages need none, and one of them would call home.
RUN bun install --frozen-lockfile --production --ignore-scripts

FROM oven/bun:1.4.5-slim
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
COPY drivers ./drivers
# The database, the sealing key and the API key: nobody else's to read.
RUN install -d -o bun -g bun -m 0700 /data
USER bun
ENV NODE_ENV=production \
    NETPULSE_DATA_DIR=/data \
    NETPULSE_SERVER__HOST=0.0.0.0
VOLUME /data
EXPOSE 9000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["bun", "--no-install", "-e", "const { NETPULSE_SERVER__PORT: port = '9000', NETPULSE_SERVER__TLS__CERT: cert } = process.env; const { ok } = await fetch(`http${cert ? 's' : ''}://127.0.0.1:${port}/livez`, { tls: { rejectUnauthorized: false } }); process.exit(ok ? 0 : 1)"]
ENTRYPOINT ["bun", "--no-env-file", "src/main.ts"]
CMD ["serve"]
