# Any image with Node >= 20.19 and npm will do; nothing is compiled against it.
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/bundle.mjs scripts/
COPY src src
RUN npm run build && npm prune --omit=dev

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY assets assets
COPY package.json LICENSE ./
COPY scripts/healthcheck.mjs scripts/
COPY playbooks playbooks
# the restore marker: mount a volume here that outlives the container (docs/how-to/restore.md)
RUN mkdir .data && chown 1000:1000 .data
# by number, so that it works in any base image and Kubernetes sees that it is not root
USER 1000:1000
EXPOSE 9095
# /-/healthy: whether to restart it. Whether to send it anything is /-/ready's to say.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "scripts/healthcheck.mjs"]
# node itself is process 1: it gets SIGTERM and drains
CMD ["node", "dist/main.js", "serve"]
