# Any image with Node >= 20.19 will do; nothing is compiled against it. The program and its packages are one bundle
# (scripts/bundle.mjs), so that no packages are in the image.
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Jidoka" \
      org.opencontainers.image.description="Alert-driven remediation for Docker Swarm and AWS Auto Scaling" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /app
COPY assets assets
COPY package.json LICENSE ./
COPY scripts/healthcheck.mjs scripts/
COPY playbooks playbooks
# the restore marker: mount a volume here that outlives the container (docs/how-to/restore.md)
RUN mkdir .data && chown 1000:1000 .data && ln -s /app/dist/main.js /usr/local/bin/jidoka
# by number, so that it works in any base image and Kubernetes sees that it is not root
USER 1000:1000
EXPOSE 9095
# /-/healthy: whether to restart it. Whether to send it anything is /-/ready's to say.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "scripts/healthcheck.mjs"]
# node itself is process 1: it gets SIGTERM and drains
CMD ["node", "dist/main.js", "serve"]

# for builds that reach no registry of packages: takes what `npm run build` has written outside
FROM runtime AS prebuilt
COPY dist dist

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/bundle.mjs scripts/
COPY src src
RUN npm run build

FROM runtime
COPY --from=build /app/dist/main.js dist/
COPY --from=build /app/dist/cli/process.js dist/cli/
COPY --from=build /app/dist/app/worker-entry.js /app/dist/app/trial-thread.js /app/dist/app/vet-thread.js dist/app/
COPY --from=build /app/dist/bundle dist/bundle
