#!/usr/bin/env python3
"""Choice of endpoint: weir, HAProxy and nginx in front of stand-in model servers that differ.

Three scenarios, each proxy in front of servers of its own (bench_choice):

  B1 slow_replica   11 servers of 167 ms, 1,000 requests a second; one takes 2 s for half the time
  B2 unequal_fleet  14 servers of 50 ms and 2 of 800 ms, 500 requests a second
  B3 load_ramp      20 servers of 4 slots, 50 ms; 5 of them three times slower; the load rises in
                    steps from 0.75 to 2.38 of what round robin can carry; deadline 0.5 s

Rows {scenario, proxy, algorithm, success_share, p50_ms, p99_ms, p999_ms} go to
build/bench/balance.json, and a table with the bars into docs/benchmarks.md. `--together N` runs N
proxies of a scenario at once, under the same disturbances; by default one after another.
"""

import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import processes
from proxies import HERE, free_port, wait_for

ROOT = HERE.parent
BUILD = ROOT / "build" / "release"
STEPS = (0.75, 0.83, 0.93, 1.03, 1.14, 1.27, 1.41, 1.57, 1.74, 1.93, 2.14, 2.38)
# What round robin can carry: each of 20 servers gets as much as a slow one with 4 slots can do.
NOMINAL = 20 * 4 / 0.150
DEADLINE_MS = 500
BEGIN, END = "<!-- balance:begin -->", "<!-- balance:end -->"

HAPROXY = """global
    nbthread 1
    maxconn 8000
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    option http-keep-alive
    option abortonclose
    http-reuse always
    balance {algorithm}
    option httpchk GET /health
    default-server check inter 2s
frontend bench
    bind 127.0.0.1:{port}
    default_backend models
backend models
{servers}
"""
NGINX = """{user}worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 8000; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream models {{
    {algorithm}
{servers}
    keepalive 1024;
    keepalive_requests 100000000;
  }}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{ proxy_pass http://models; }}
  }}
}}
"""


def weir_config(algorithm, port, ports, folder):
    group = {"endpoints": [f"127.0.0.1:{p}" for p in ports], "health_check": {"path": "/health"}}
    if algorithm != "default":
        group["algorithm"] = algorithm
    return json.dumps({
        "admin": {"bind": f"127.0.0.1:{free_port()}"}, "state": {"path": f"{folder}/state.db"},
        "log": {"level": "warn"}, "workers": 1,
        "listeners": {"bench": {"bind": f"127.0.0.1:{port}", "default": {"forward": "models"}}},
        "target_groups": {"models": group}})


def haproxy_config(algorithm, port, ports, _):
    servers = "\n".join(f"    server s{n} 127.0.0.1:{p}" for n, p in enumerate(ports))
    return HAPROXY.format(algorithm=algorithm, port=port, servers=servers)


def nginx_config(algorithm, port, ports, folder):
    line = "" if algorithm == "round_robin" else f"{algorithm};"
    servers = "\n".join(f"    server 127.0.0.1:{p};" for p in ports)
    return NGINX.format(algorithm=line, port=port, servers=servers, folder=folder,
                        user="user root;\n" if os.geteuid() == 0 else "")


CONFIGS = {"weir": weir_config, "haproxy": haproxy_config, "nginx": nginx_config}
ROWS = (("weir", "default"), ("weir", "least_request"), ("haproxy", "roundrobin"),
        ("haproxy", "leastconn"), ("haproxy", "random(2)"), ("nginx", "round_robin"),
        ("nginx", "least_conn"))


def command(proxy, config, folder):
    return {"weir": [BUILD / "weir", "serve", config],
            "haproxy": ["/usr/sbin/haproxy", "-db", "-f", config],
            "nginx": ["/usr/sbin/nginx", "-e", f"{folder}/error.log", "-p", folder, "-c", config],
            }[proxy]


class Servers:
    """bench_choice with so many servers."""

    def __init__(self, count):
        self.process = subprocess.Popen([BUILD / "bench" / "bench_choice", str(count)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = [int(p) for p in self.process.stdout.readline().split()]

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def run(self, port, rate, seconds, deadline_ms=0, seed=1):
        self.tell(f"run {port} {rate:.1f} {seconds} {deadline_ms} {seed}")
        return json.loads(self.process.stdout.readline())

    def close(self):
        processes.stop(self.process)


@contextlib.contextmanager
def standing(proxy, algorithm, count, setup):
    """A proxy in front of `count` servers, set up and healthy: (servers, port)."""
    servers = Servers(count)
    for line in setup:
        servers.tell(line)
    with tempfile.TemporaryDirectory(prefix="weir-balance-") as folder:
        port = free_port()
        config = pathlib.Path(folder, "config.yaml" if proxy == "weir" else "config")
        config.write_text(CONFIGS[proxy](algorithm, port, servers.ports, folder))
        with open(pathlib.Path(folder, "output"), "w+") as output:
            process = subprocess.Popen([str(w) for w in command(proxy, config, folder)],
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=output)
            try:
                wait_for(process, port, output, proxy, "/health")
                time.sleep(1)  # every server has been checked once
                yield servers, port
            finally:
                processes.stop(process)
                servers.close()


def row(scenario, proxy, algorithm, result, **more):
    keys = ("success_share", "p50_ms", "p99_ms", "p999_ms", "requests", "errors", "lag_ms")
    return {"scenario": scenario, "proxy": proxy, "algorithm": algorithm,
            **{key: result[key] for key in keys}, **more}


def slow_replica(proxy, algorithm, scale):
    seconds = 60 * scale
    setup = [f"server {n} 167 0.03 0" for n in range(11)]
    setup += [f"at {seconds / 4} server 0 2000 0.03 0", f"at {seconds * 3 / 4} server 0 167 0.03 0"]
    with standing(proxy, algorithm, 11, setup) as (servers, port):
        return row("slow_replica", proxy, algorithm, servers.run(port, 1000, seconds))


def unequal_fleet(proxy, algorithm, scale):
    setup = [f"server {n} {800 if n < 2 else 50} 0.1 0" for n in range(16)]
    with standing(proxy, algorithm, 16, setup) as (servers, port):
        servers.run(port, 500, 10)  # until it is known who is slow
        return row("unequal_fleet", proxy, algorithm, servers.run(port, 500, 90 * scale))


def load_ramp(proxy, algorithm, scale):
    setup = [f"server {n} {150 if n < 5 else 50} 0.3 4" for n in range(20)]
    with standing(proxy, algorithm, 20, setup) as (servers, port):
        servers.run(port, NOMINAL / 2, 5, DEADLINE_MS)
        steps = [servers.run(port, NOMINAL * step, 8 * scale, DEADLINE_MS, n)
                 for n, step in enumerate(STEPS)]
    # The step at which the slowest thousandth reaches the deadline: one past the last if none does.
    over = [s["p999_ms"] >= DEADLINE_MS * 0.99 for s in steps]
    reached = over.index(True) if True in over else len(STEPS)
    requests = sum(s["requests"] for s in steps)
    late = sum(s["late"] + s["errors"] for s in steps)
    result = {**steps[-1], "success_share": round(1 - late / requests, 6), "requests": requests,
              "errors": late, "lag_ms": max(s["lag_ms"] for s in steps)}
    return row("load_ramp", proxy, algorithm, result, deadline_at_step=reached,
               deadline_at=STEPS[reached] if reached < len(STEPS) else None,
               p999_by_step_ms=[s["p999_ms"] for s in steps])


SCENARIOS = {"slow_replica": slow_replica, "unequal_fleet": unequal_fleet, "load_ramp": load_ramp}


def bars(rows):
    """(what, measured, bar, held) for weir's default algorithm."""
    at = {(r["scenario"], r["proxy"], r["algorithm"]): r for r in rows}
    ours, out = {s: at.get((s, "weir", "default")) for s in SCENARIOS}, []
    if mine := ours["slow_replica"]:
        share = mine["success_share"]
        out.append(("B1: share under 1 s", f"{share:.3%}", "at least 99.9 %", share >= 0.999))
    robin = at.get(("unequal_fleet", "nginx", "round_robin"))
    if (mine := ours["unequal_fleet"]) and robin:
        ratio = robin["p99_ms"] / mine["p99_ms"]
        out.append(("B2: p99 of round robin over ours", f"{ratio:.1f}", "at least 8.6", ratio >= 8.6))
        tail = mine["p999_ms"] / mine["p99_ms"]
        out.append(("B2: our p99.9 over our p99", f"{tail:.2f}", "at most 2.89", tail <= 272 / 94))
    for algorithm, least in (("roundrobin", 3), ("leastconn", 1)):
        theirs = at.get(("load_ramp", "haproxy", algorithm))
        if (mine := ours["load_ramp"]) and theirs:
            later = mine["deadline_at_step"] - theirs["deadline_at_step"]
            out.append((f"B3: steps later than HAProxy {algorithm}", str(later),
                        f"at least {least}", later >= least))
    return out


def table(rows):
    lines = ["| scenario | proxy | algorithm | requests | under 1 s, or in time | p50 ms | p99 ms |"
             " p99.9 ms | deadline reached at |", "|---|---|---|---|---|---|---|---|---|"]
    for r in rows:
        reached = ""
        if r["scenario"] == "load_ramp":
            reached = str(r["deadline_at"]) if r["deadline_at"] else "never"
        lines.append(f"| {r['scenario']} | {r['proxy']} | {r['algorithm']} | {r['requests']:,} |"
                     f" {r['success_share']:.3%} | {r['p50_ms']:,.0f} | {r['p99_ms']:,.0f} |"
                     f" {r['p999_ms']:,.0f} | {reached} |")
    lines += ["", "| bar | measured | wanted | held |", "|---|---|---|---|"]
    lines += [f"| {what} | {value} | {bar} | {'yes' if held else 'no'} |"
              for what, value, bar, held in bars(rows)]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="scenarios and proxies, with commas between")
    parser.add_argument("--scale", type=float, default=1, help="of all times: 0.2 is a quick look")
    parser.add_argument("--together", type=int, default=1, help="proxies at once")
    parser.add_argument("--build", type=pathlib.Path, help="folder of the binaries")
    parser.add_argument("--no-docs", action="store_true", help="leave docs/benchmarks.md alone")
    options = parser.parse_args()
    global BUILD
    BUILD = (options.build or BUILD).resolve()
    only = set(filter(None, options.only.split(",")))

    def wanted(name, all_names):
        return not only & set(all_names) or name in only

    rows = []
    for scenario, measure in SCENARIOS.items():
        if not wanted(scenario, SCENARIOS):
            continue
        chosen = [r for r in ROWS if wanted(r[0], CONFIGS)]
        with concurrent.futures.ThreadPoolExecutor(options.together) as pool:
            for one in pool.map(lambda r: measure(*r, options.scale), chosen):
                print(json.dumps(one), flush=True)
                rows.append(one)
    out = ROOT / "build" / "bench" / "balance.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")
    text = table(rows)
    print(text)
    docs = ROOT / "docs" / "benchmarks.md"
    page = docs.read_text()
    if not only and options.scale >= 1 and not options.no_docs and BEGIN in page:
        head, rest = page.split(BEGIN)
        how = (f"{options.together} proxies of a scenario at once" if options.together > 1
               else "one proxy after another")
        docs.write_text(f"{head}{BEGIN}\n{time.strftime('%Y-%m-%d')}; one run, {how}.\n\n{text}\n"
                        f"{END}{rest.split(END)[1]}")
    return 0 if all(held for *_, held in bars(rows)) else 1


if __name__ == "__main__":
    sys.exit(main())
