"""What is measured, and the bars that weir is held to."""

import dataclasses

import grpc_call


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    what: str  # one request, for the reader of the table
    load: dict  # the load generator's command
    half_load: bool = False  # latency is taken again, at half of the better peer's saturation
    left_out: tuple = ("haproxy_default",)  # proxies that take no part
    bar: float = 0  # weir's ratio to the better peer is at most this
    bytes_bar: int = 0  # of memory for a connection, at most
    p50_bar: float = 0  # ratio of the median latency at half load, at most
    door: str = "http"  # where the load knocks: a port of proxies.py
    client: str = "bench_load"  # or h2load
    workers: int = 1  # of the proxy; with more, it has the CPU of the load too


WORKLOADS = [
    Workload("h1_get", "GET, 200 byte answer, 64 connections",
             dict(mode="closed", path="/", connections=64), half_load=True, bar=0.78, p50_bar=1.0),
    Workload("h1_post_1k", "POST of 1 KiB, 200 byte answer, 64 connections",
             dict(mode="closed", path="/", post=1, connections=64), bar=0.78),
    Workload("h1_64k", "GET, 64 KiB answer, 64 connections",
             dict(mode="closed", path="/64k", connections=64), bar=0.85),
    Workload("l4_small", "the GET of h1_get, forwarded as bytes (layer 4)",
             dict(mode="closed", path="/", connections=64), bar=0.95, door="l4"),
    Workload("l4_64k", "the GET of h1_64k, forwarded as bytes (layer 4)",
             dict(mode="closed", path="/64k", connections=64), bar=1.0, door="l4"),
    Workload("tls_keepalive", "GET over TLS 1.3 (AES-128-GCM), 200 byte answer, 64 connections",
             dict(mode="closed", path="/", connections=64, tls=1), door="tls",
             left_out=("haproxy_default", "relay"), bar=0.85),
    Workload("tls_64k", "GET over TLS 1.3, 64 KiB answer, 64 connections",
             dict(mode="closed", path="/64k", connections=64, tls=1), door="tls",
             left_out=("haproxy_default", "relay")),
    Workload("tls_new", "connection, full handshake (TLS 1.3, ECDSA P-256) and GET, 16 at once",
             dict(mode="fresh", path="/", connections=16, tls=1), door="tls",
             left_out=("haproxy_default", "relay"), bar=1.0),
    Workload("tls_resumed", "connection, resumed handshake (TLS 1.3) and GET, 16 at once",
             dict(mode="fresh", path="/", connections=16, tls=1, resume=1), door="tls",
             left_out=("haproxy_default", "relay"), bar=1.0),
    Workload("sse", "one relayed event; 1,000 streams of 20 events a second",
             dict(mode="sse", path="/sse", connections=1000), left_out=(), bar=0.80),
    Workload("idle", "one keep-alive connection with one request behind it; 9,000 of them",
             dict(mode="idle", path="/", connections=9000),
             left_out=("haproxy_default", "relay"), bytes_bar=700),
    Workload("tls_idle", "one keep-alive connection over TLS with one request behind it; 4,000",
             dict(mode="idle", path="/", connections=4000, tls=1), door="tls",
             left_out=("haproxy_default", "relay"), bytes_bar=40_000),
    Workload("h2_to_h1", "GET over HTTP/2, 200 byte answer of an endpoint of HTTP/1, 16 connections of 16 streams",
             dict(mode="closed", path="/", connections=16, streams=16, answer_bytes=200),
             client="h2load", door="h2", left_out=("haproxy_default", "relay"), bar=1.0),
    Workload("h2_to_h2", "the GET of h2_to_h1, of an endpoint of HTTP/2 (nginx has no such proxy_pass)",
             dict(mode="closed", path="/", connections=16, streams=16, answer_bytes=200),
             client="h2load", door="h2_to_h2", left_out=("haproxy_default", "relay", "nginx")),
    Workload("grpc_unary", "gRPC call of 107 bytes, 200 byte answer and trailer, 16 connections of 16 streams",
             dict(mode="closed", path=grpc_call.PATH, grpc=True, connections=16, streams=16, answer_bytes=200),
             client="h2load", door="grpc", left_out=("haproxy_default", "relay"), bar=1.0),
    Workload("h1_get_2w", "the GET of h1_get, two workers on two CPUs, one of them with the load",
             dict(mode="closed", path="/", connections=64), workers=2,
             left_out=("haproxy_default", "relay"), bar=0.78),
    Workload("h1_post_1k_2w", "the POST of h1_post_1k, two workers on two CPUs, one of them with the load",
             dict(mode="closed", path="/", post=1, connections=64), workers=2,
             left_out=("haproxy_default", "relay"), bar=0.78),
]
