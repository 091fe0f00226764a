#!/usr/bin/python3
"""HTTP/2 beside HAProxy: CPU of the proxy for a request, h2load before and nginx behind, in turns.

    bench/h2.py [--build build/release] [--reps 5] [--requests 60000]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import processes
from proxies import free_port

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
NGINX = """worker_processes 1; daemon off; error_log /dev/null; pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {folder};
proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
server {{ listen 127.0.0.1:{h1}; location / {{ return 200 "{body}"; }} }}
server {{ listen 127.0.0.1:{h2} http2; location / {{ return 200 "{body}"; }} }} }}
"""
HAPROXY = """global
    nbthread 1
defaults
    mode http
    timeout connect 5s
    timeout client 300s
    timeout server 300s
    http-reuse always
frontend bench
    bind 127.0.0.1:{port} proto h2
    option forwardfor
    default_backend backends
backend backends
    server a 127.0.0.1:{backend} {proto}
"""
WEIR = """admin: {{ bind: "127.0.0.1:{admin}" }}
state: {{ path: {folder}/state.db }}
log: {{ level: warn }}
workers: 1
listeners:
  bench: {{ bind: "127.0.0.1:{port}", default: {{ forward: backends }} }}
target_groups:
  backends:
    protocol_version: {version}
    endpoints: ["127.0.0.1:{backend}"]
    health_check: {{ path: /, interval: 2s }}
"""


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as stat:
            total += sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13]))
    return total / TICK


def h2load(port, requests, connections, streams, cpu):
    out = subprocess.run(processes.pinned(cpu, ["h2load", "-n", str(requests), "-c", str(connections), "-m",
                                                str(streams), f"http://127.0.0.1:{port}/"]),
                         capture_output=True, text=True, check=True).stdout
    line = next(part for part in out.split("\n") if part.startswith("requests:"))
    good = int(next(part for part in line.split(",") if "succeeded" in part).split()[0])
    if good != requests:
        raise SystemExit(f"only {good} of {requests} requests succeeded:\n{out}")


def run(proxy, build, backend, over_h2, options, cpus, folder):
    port = free_port()
    if proxy == "weir":
        text = WEIR.format(admin=free_port(), folder=folder, port=port, backend=backend,
                           version="HTTP2" if over_h2 else "HTTP1")
        config = pathlib.Path(folder, "weir.yaml")
        command = [str(build / "weir"), "serve", str(config)]
    else:
        text = HAPROXY.format(port=port, backend=backend, proto="proto h2" if over_h2 else "")
        config = pathlib.Path(folder, "haproxy.cfg")
        command = ["/usr/sbin/haproxy", "-db", "-f", str(config)]
    config.write_text(text)
    process = subprocess.Popen(processes.pinned(cpus[1], command), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            time.sleep(0.05)
            if subprocess.run(["nghttp", "-n", f"http://127.0.0.1:{port}/"], capture_output=True).returncode == 0:
                break
        h2load(port, options.requests // 10, options.connections, options.streams, cpus[0])
        pids = processes.family(process.pid)
        before = cpu_seconds(pids)
        h2load(port, options.requests, options.connections, options.streams, cpus[0])
        return (cpu_seconds(pids) - before) * 1e6 / options.requests
    finally:
        processes.stop(process)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--requests", type=int, default=60000)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--streams", type=int, default=16, help="at once on each connection")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build" / "bench" / "h2.json")
    options = parser.parse_args()
    cpus = (0, 1) if (os.cpu_count() or 1) > 1 else (None, None)
    rows = []
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as folder:
        os.chmod(folder, 0o755)
        h1, h2 = free_port(), free_port()
        config = pathlib.Path(folder, "nginx.conf")
        config.write_text(NGINX.format(folder=folder, h1=h1, h2=h2, body="x" * 200))
        behind = subprocess.Popen(processes.pinned(cpus[0], ["/usr/sbin/nginx", "-c", str(config)]))
        try:
            time.sleep(0.3)
            for workload, backend in (("h2_to_h1", h1), ("h2_to_h2", h2)):
                taken = {"weir": [], "haproxy": []}
                for _ in range(options.reps):
                    for proxy, list_of in taken.items():
                        list_of.append(run(proxy, options.build, backend, workload == "h2_to_h2", options, cpus, folder))
                weir, haproxy = (statistics.median(taken[name]) for name in ("weir", "haproxy"))
                rows.append({"workload": workload, "weir_us": weir, "haproxy_us": haproxy, "ratio": weir / haproxy})
                print(f"{workload}  weir {weir:.2f} us  haproxy {haproxy:.2f} us  ratio {weir / haproxy:.2f}"
                      f"  (at most 1.00)", flush=True)
        finally:
            processes.stop(behind)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
