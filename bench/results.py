"""From single runs to the rows of results.json: medians, and ratios within each repetition."""

import statistics

import proxies

# What a row takes from its runs as it is: the median of the repetitions.
MEDIANS = ("rps", "cpu_us_per_request", "user_share", "p50_us", "p90_us", "p99_us",
           "body_bytes_per_second", "proxy_percent", "load_percent", "foreign_percent",
           "steal_percent", "bytes_per_idle_connection", "connections")
DIGITS = 4


def median(values):
    values = [value for value in values if value is not None]
    return round(statistics.median(values), DIGITS) if values else None


def ratio_to_best_peer(runs, proxy, key):
    """The median, over the repetitions, of the proxy's value by that of the better peer there."""
    ratios = []
    for repetition in {run["repetition"] for run in runs}:
        here = {run["proxy"]: run[key] for run in runs
                if run["repetition"] == repetition and key in run}
        peers = [here[peer] for peer in proxies.PEERS if here.get(peer)]
        if proxy in here and peers:
            ratios.append(here[proxy] / min(peers))
    return median(ratios)


def row(workload, proxy, runs):
    """`runs` are all of the workload; those at half load carry a rate."""
    full = [run for run in runs if not run.get("rate")]
    half = [run for run in runs if run.get("rate")]
    mine = [run for run in full if run["proxy"] == proxy]
    mine_half = [run for run in half if run["proxy"] == proxy]
    result = {"workload": workload.name, "proxy": proxy}
    for key in MEDIANS:
        if any(key in run for run in mine):
            result[key] = median(run.get(key) for run in mine)
    cpu = result["cpu_us_per_request"]
    result["rps_per_core"] = round(1e6 / cpu, 1) if cpu else None
    result["cpu_us_min"] = min(run["cpu_us_per_request"] for run in mine)
    result["cpu_us_max"] = max(run["cpu_us_per_request"] for run in mine)
    result["cpu_ratio_to_best_peer"] = ratio_to_best_peer(full, proxy, "cpu_us_per_request")
    key = "bytes_per_idle_connection" if workload.bytes_bar else "cpu_us_per_request"
    result["ratio_to_best_peer"] = ratio_to_best_peer(full, proxy, key)
    result["latency_at"] = "saturation"
    if workload.load["mode"] in ("sse", "idle"):
        result["latency_at"] = "the load given"
    if mine_half:
        result["latency_at"] = "half load"
        for key in ("p50_us", "p90_us", "p99_us"):
            result[f"{key}_at_saturation"] = result[key]
            result[key] = median(run[key] for run in mine_half)
        result["half_load_rate"] = median(run["rate"] for run in mine_half)
        result["half_load_cpu_us_per_request"] = median(
            run["cpu_us_per_request"] for run in mine_half)
    latencies = half if mine_half else full
    result["p50_ratio_to_best_peer"] = ratio_to_best_peer(latencies, proxy, "p50_us")
    result["p99_ratio_to_best_peer"] = ratio_to_best_peer(latencies, proxy, "p99_us")
    both = mine + mine_half
    result["errors"] = sum(run["errors"] + run["events_skipped"] for run in both)
    result["first_error"] = next((run["first_error"] for run in both if run["first_error"]), "")
    result["foreign_percent_max"] = max(run["foreign_percent"] for run in both)
    result["repetitions"] = len(mine)
    return result


def rows(workloads, names, runs):
    found = []
    for workload in workloads:
        here = [run for run in runs if run["workload"] == workload.name]
        for name in names:
            if any(run["proxy"] == name and not run.get("rate") for run in here):
                found.append(row(workload, name, here))
    return found
