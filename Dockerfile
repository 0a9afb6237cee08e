# The client.
FROM node:22-bookworm-slim AS client
WORKDIR /src/webui
COPY webui/package.json webui/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY webui ./
RUN npm run build

# The binary, with the client inside.
FROM golang:1.26-bookworm AS binary
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=client /src/webui/dist webui/dist
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /watchroom ./cmd/watchroom \
 && mkdir -p /rootfs/data /rootfs/tmp && chmod 1777 /rootfs/tmp

# Nothing but the binary and what it reads.
FROM scratch
COPY --from=binary /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=binary /usr/local/go/lib/time/zoneinfo.zip /zoneinfo.zip
COPY --from=binary --chown=65532:65532 /rootfs/ /
COPY --from=binary /watchroom /watchroom
ENV ZONEINFO=/zoneinfo.zip \
    WATCHROOM_LISTEN=0.0.0.0:8080 \
    WATCHROOM_DATA=/data
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["/watchroom", "healthcheck"]
ENTRYPOINT ["/watchroom"]
CMD ["serve"]
