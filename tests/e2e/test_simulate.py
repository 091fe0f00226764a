"""weir simulate and weir recommend: what they say, and that what happens is what they said."""
import csv
import json
import os
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from weir_test import client
from weir_test.case import ROOT, Case, limit
from weir_test.weir import run_cli
from test_fleet import FleetCase

TRACE = ROOT / "tests" / "fixtures" / "traces" / "rush.csv"
SERVICE_MS = 500
START_DELAY = 3.0
PYTHON_START = 0.2  # of the stand-in, about
BOUND = 1.5
MODEL = {"start_time": f"{int((START_DELAY + PYTHON_START) * 1000)}ms", "service_time": f"{SERVICE_MS}ms",
         "price_per_hour": 2}
SCALING = {"min": 1, "max": 4, "policies": [
    {"target_tracking": {"metric": "in_flight_per_endpoint", "target": 1.5, "scale_in_cooldown": "5s"}}]}
SIMULATION = {"slo": f"p90<{BOUND}s", "groups": {"models": MODEL}}
CONFIG = {
    "listeners": {"public": {"bind": "127.0.0.1:18080", "default": {"forward": "models"}}},
    "target_groups": {"models": {"max_in_flight": 2}},
    "scaling_groups": {"models": {"target_groups": ["models"], "launch": {"command": ["server", "${WEIR_PORT}"]},
                                  **SCALING}},
    "simulation": SIMULATION}


def times():
    with open(TRACE) as file:
        return [float(row["time"]) for row in csv.DictReader(line for line in file if not line.startswith("#"))]


class Against(FleetCase):
    """The real thing: the same trace, configuration and servers."""
    serial = True

    def play(self, weir):
        """(latencies, instance-seconds) of the trace, played on the running weir."""
        arrivals = times()
        latencies = [None] * len(arrivals)
        over = threading.Event()
        held = [0.0]
        begin = time.monotonic() + 0.5 - arrivals[0]

        def ask(i):
            came = time.monotonic()
            answer = client.get(weir.address(), f"/delay?ms={SERVICE_MS}", timeout=60)
            self.assertEqual(answer.status, 200)
            latencies[i] = time.monotonic() - came

        def count():
            last = begin + arrivals[0]
            while not over.is_set():
                present = len(weir.instances("models"))
                now = time.monotonic()
                if now > last:
                    held[0] += present * (now - last)
                    last = now
                time.sleep(0.05)

        counting = threading.Thread(target=count)
        counting.start()
        with ThreadPoolExecutor(200) as pool:
            for i, at in enumerate(arrivals):
                time.sleep(max(0.0, begin + at - time.monotonic()))
                pool.submit(ask, i)
        over.set()
        counting.join()
        return latencies, held[0]

    def simulated(self, weir, trace):
        done = run_cli("simulate", weir.path, "--trace", trace, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["runs"][0]

    @limit(110)
    def test_reality_is_what_was_simulated(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-e2e-log-")
        self.addCleanup(folder.cleanup)
        log = os.path.join(folder.name, "access.log")
        weir = self.fleet(SCALING, group={"max_in_flight": 2}, arguments=["--start-delay", str(START_DELAY)],
                          access_log={"path": log}, simulation=SIMULATION)
        self.serving(weir, 1)
        time.sleep(1)
        said = self.simulated(weir, TRACE)
        latencies, held = self.play(weir)
        attainment = sum(took <= BOUND for took in latencies) / len(latencies)
        hours = held / 3600
        self.eventually(lambda: len(open(log).readlines()) >= len(latencies))
        again = self.simulated(weir, log)
        for name, one in (("trace", said), ("access log", again)):
            print(f"{name}: within {BOUND} s {one['slo']['attainment']:.4f}, in reality {attainment:.4f}; "
                  f"instance-seconds {one['instance_hours'] * 3600:.1f}, in reality {held:.1f}")
        for one in (said, again):
            self.assertEqual(one["requests"], len(latencies))
            self.assertAlmostEqual(one["slo"]["attainment"], attainment, delta=0.1 * attainment)
            self.assertAlmostEqual(one["instance_hours"], hours, delta=0.1 * hours)


class Simulate(Case):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="weir-e2e-simulate-")
        self.addCleanup(self.dir.cleanup)

    def file(self, name, config):
        path = os.path.join(self.dir.name, name)
        with open(path, "w") as file:
            json.dump(config, file)
        return path

    def simulate(self, *arguments, code=0):
        done = run_cli("simulate", *arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def test_a_configuration_is_played_beside_others_and_references(self):
        other = dict(CONFIG, scaling_groups={"models": dict(CONFIG["scaling_groups"]["models"], min=4)})
        done = self.simulate(self.file("a.yaml", CONFIG), "--trace", TRACE, "--compare", self.file("b.yaml", other),
                             "--compare", "kpa=0.8", "--json")
        first, second, kpa = json.loads(done.stdout)["runs"]
        self.assertEqual([first["name"], second["name"], kpa["name"]], ["a.yaml", "b.yaml", "kpa=0.8"])
        self.assertGreater(second["instance_hours"], first["instance_hours"])
        self.assertGreater(second["slo"]["attainment"], first["slo"]["attainment"])
        self.assertAlmostEqual(first["cost"], 2 * first["instance_hours"], places=5)
        self.assertIn("kpa wanted", str(kpa["activities"]))
        self.assertIn("in_flight_per_endpoint", str(first["activities"]))

    def test_the_same_seed_gives_the_same_bytes(self):
        path = self.file("a.yaml", dict(CONFIG, simulation=dict(SIMULATION, groups={"models": dict(
            MODEL, variation=0.5)})))
        pages = []
        for name in ("one.html", "two.html"):
            page = os.path.join(self.dir.name, name)
            done = self.simulate(path, "--trace", TRACE, "--seed", "7", "--html", page, "--compare", "keda")
            pages.append((done.stdout, open(page).read()))
        self.assertEqual(pages[0], pages[1])
        self.assertIn("<svg", pages[0][1])
        other = self.simulate(path, "--trace", TRACE, "--seed", "8", "--compare", "keda")
        self.assertNotEqual(other.stdout, pages[0][0])

    def test_a_trace_with_mistakes_is_refused_with_all_of_them(self):
        bad = os.path.join(self.dir.name, "bad.csv")
        with open(bad, "w") as file:
            file.write("time,cost\n0,1\nsoon,1\n2,much\n")
        done = self.simulate(self.file("a.yaml", CONFIG), "--trace", bad, code=2)
        self.assertIn("bad.csv:3:1: time: 'soon' is neither a number nor a date and time", done.stderr)
        self.assertIn("bad.csv:4:3: cost: 'much' is not a number of seconds", done.stderr)

    def test_a_running_weir_takes_no_notice_of_the_simulation(self):
        done = run_cli("check", self.file("a.yaml", CONFIG))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_is_recommended_keeps_the_goal_when_it_is_pasted(self):
        path = self.file("a.yaml", CONFIG)
        done = run_cli("recommend", path, "--trace", TRACE, "--slo", "p95<1s")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        yaml = done.stdout[done.stdout.index("scaling_groups:"):]
        pasted = os.path.join(self.dir.name, "pasted.yaml")
        with open(pasted, "w") as file:
            rest = {key: CONFIG[key] for key in ("listeners", "target_groups", "simulation")}
            file.write("".join(f"{key}: {json.dumps(value)}\n" for key, value in rest.items()))
            options = CONFIG["scaling_groups"]["models"]
            if "models: {" in yaml:  # in one line
                yaml = yaml.replace("models: {", "models: { target_groups: [models], launch: "
                                    f"{json.dumps(options['launch'])},")
            else:
                yaml += f"    target_groups: [models]\n    launch: {json.dumps(options['launch'])}\n"
            file.write(yaml)
        run = json.loads(self.simulate(pasted, "--trace", TRACE, "--slo", "p95<1s", "--json").stdout)["runs"][0]
        self.assertTrue(run["slo"]["met"], run["slo"])

    def test_where_nothing_keeps_the_goal_it_says_so(self):
        done = run_cli("recommend", self.file("a.yaml", CONFIG), "--trace", TRACE, "--slo", "p95<100ms")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Nothing that was tried keeps the goal", done.stdout)
