# One image with every service and the command line; which one runs is the container's command.
FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
        gcc g++ cmake ninja-build pkg-config librdkafka-dev libhiredis-dev libjansson-dev libhyperscan-dev \
        libsimdjson-dev libmicrohttpd-dev libsqlite3-dev libcsv-dev libgeos-dev libssl-dev liblinear-dev \
        libgoogle-perftools-dev unicode-data bzip2 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json ./
COPY libcommon libcommon
COPY services services
COPY tools/chuishao tools/chuishao
RUN cmake --preset release && cmake --build build/release -j "$(nproc)" && strip build/release/bin/chuishao*

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends \
        librdkafka1 libhiredis0.14 libjansson4 libhyperscan5 libtcmalloc-minimal4 libsimdjson14 libmicrohttpd12 libsqlite3-0 libcsv3 libgeos-c1v5 \
        libssl3 liblinear4 ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/chuishao --shell /usr/sbin/nologin chuishao \
    && install -d -o chuishao -g chuishao -m 0750 /var/lib/chuishao /var/lib/chuishao-key
COPY --from=build /src/build/release/bin/ /usr/local/bin/
COPY policy /etc/chuishao/policy
ENV CHUISHAO_POLICY=/etc/chuishao/policy HTTP_ADDR=0.0.0.0:8080
USER chuishao
WORKDIR /var/lib/chuishao
EXPOSE 8080
CMD ["chuishao", "--help"]
