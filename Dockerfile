# syntax=docker/dockerfile:1
# Build:  docker build -t presence --build-arg VERSION=v1.2.3 --build-arg REVISION=$(git rev-parse HEAD) .
# Run:    docker run --rm -p 127.0.0.1:8080:8080 -e PRESENCE_AUTH=insecure -e PRESENCE_ALLOW_INSECURE=true presence
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
# There is no git here to say what is built.
ARG VERSION=
ARG REVISION=
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags="-s -w -X main.givenVersion=$VERSION -X main.givenRevision=$REVISION" -o /presence ./cmd/presence

FROM scratch
# Certificates, for a JWKS over https.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /presence /presence
COPY LICENSE NOTICE /
# 65532 is "nonroot" in the usual images; no file here belongs to it.
USER 65532:65532
# A container has only its own loopback, so clients come from beyond it. Tokens must then be signed: give
# PRESENCE_JWT_KEY_FILE or PRESENCE_JWT_JWKS_URL, or PRESENCE_AUTH=insecure with PRESENCE_ALLOW_INSECURE=true to try it out.
# So do operators and probes: whoever reaches port 8081 of the container reads /metrics there. Publish it to nobody, or give
# PRESENCE_ADMIN_TOKEN_FILE, a mounted file; probes of /healthz and /readyz need no token.
ENV PRESENCE_LISTEN=:8080 PRESENCE_ADMIN_LISTEN=:8081 PRESENCE_AUTH=jwt PRESENCE_LOG_FORMAT=json
EXPOSE 8080 8081
# The health check takes PRESENCE_ADMIN_LISTEN like the server itself.
HEALTHCHECK --interval=10s --timeout=4s --start-period=10s --retries=3 CMD ["/presence", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/presence"]
CMD ["serve"]
