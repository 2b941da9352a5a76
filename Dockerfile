# One image for every role and command: docker run IMAGE serve | api | node | lab | doctor | …
# docker build --build-arg COMMIT=$(git rev-parse --short=12 HEAD) -t netpulse .
# The version of Bun is the one package.json names under engines.
ARG BUN=oven/bun:1.4.5
ARG BASE=debian:bookworm-slim

FROM ${BUN} AS build
WORKDIR /netpulse
COPY package.json bun.lock ./
# Install scripts stay off: the packages need none, and one of them would call home.
RUN bun install --frozen-lockfile --production --ignore-scripts
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
COPY drivers ./drivers
ARG COMMIT=unknown
RUN NETPULSE_COMMIT=$COMMIT bun scripts/build.ts --outdir /out

# Of this the binary needs the C library alone.
FROM ${BASE}
COPY --from=build /out/netpulse /usr/local/bin/netpulse
# The database, the sealing key and the API key: nobody else's to read.
RUN install -d -o 65532 -g 65532 -m 0700 /data
USER 65532:65532
WORKDIR /data
ENV NETPULSE_DATA_DIR=/data \
    NETPULSE_SERVER__HOST=0.0.0.0
VOLUME /data
EXPOSE 9000
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["netpulse", "alive"]
ENTRYPOINT ["netpulse"]
CMD ["serve"]
