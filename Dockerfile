# docker build -t pulsestream:0.1.0 .
# The process is the only program in the image: no shell, no package manager, no npm. It runs as a user that is not root
# and needs no writable file system. Pin both images by digest in your registry.
ARG BUILD_IMAGE=docker.io/library/node:24-trixie-slim
ARG BASE_IMAGE=gcr.io/distroless/cc-debian13:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY packages packages
COPY client/package.json client/package.json
COPY client/bin client/bin
RUN npm ci
COPY . .
RUN npm run build

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="PulseStream" \
      org.opencontainers.image.description="Control plane for GitHub connections" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /src/.next/standalone /app
WORKDIR /app
ENV NODE_ENV=production HOSTNAME=0.0.0.0 PORT=3000
USER 65532:65532
EXPOSE 3000
HEALTHCHECK --start-period=60s CMD ["/usr/local/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/api/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The operator's commands are arguments, too: `docker run … pulsestream cli/migrate.mjs`.
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["--import", "./lib/observability/hold-output.mjs", "--import", "./lib/server/hold-requests.mjs", "server.js"]
