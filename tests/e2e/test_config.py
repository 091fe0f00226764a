"""`weir check`: each mistake is told with file, line, column, path by keys, and all at once."""
import re

from weir_test.case import limit
from weir_test.weir import WeirCase, run_cli

GOOD = """\
listeners:
  public:
    bind: 127.0.0.1:18080
    default: { forward: ocr }
target_groups:
  ocr:
    endpoints: [{ address: "127.0.0.1:9001" }]
"""

# (path by keys, YAML). The mistake is in the line that ends in #!.
MISTAKES = [
    ("listeners.public.bind", "listeners:\n  public:\n    bind: 127.0.0.1:70000 #!\n"),
    ("listeners.public.bind", "listeners:\n  public:\n    bind: nonsense #!\n"),
    ("listeners.public.bind", "listeners:\n  public:\n    bind: 127.0.0.1 #!\n"),
    ("listeners.public.bind", "listeners:\n  public:\n    bind: 300.0.0.1:80 #!\n"),
    ("listeners.public.bind", "listeners:\n  public:\n    bind: '[::1:80' #!\n"),
    ("listeners.public", "listeners:\n  public: {} #!\n"),
    ("listeners.public.bnd", "listeners:\n  public:\n    bnd: 127.0.0.1:80 #!\n"),
    ("listeners.public.protocol",
     "listeners:\n  public:\n    bind: 127.0.0.1:18080\n    protocol: gopher #!\n"),
    ("listeners.public.default",
     "listeners:\n  public:\n    bind: 127.0.0.1:18080\n    default: { forward: nowhere } #!\n"),
    ("listeners.public.default",
     "listeners:\n  public:\n    bind: 127.0.0.1:18080\n    default: { teleport: x } #!\n"),
    ("listeners.public.default.respond.status", "listeners:\n  public:\n    bind: 127.0.0.1:18080\n"
     "    default:\n      respond:\n        status: 42 #!\n"),
    ("listeners.public.default.redirect.status", "listeners:\n  public:\n"
     "    bind: 127.0.0.1:18080\n    default:\n      redirect:\n        host: a\n        status: 200 #!\n"),
    ("listeners.public.default.redirect.port", "listeners:\n  public:\n"
     "    bind: 127.0.0.1:18080\n    default:\n      redirect:\n        port: 99999 #!\n"),
    ("listeners.public.rules[0].match.pth", "listeners:\n  public:\n    bind: 127.0.0.1:18080\n"
     "    rules:\n      - match:\n          pth: [/a] #!\n        respond: { status: 200 }\n"),
    ("listeners.public.rules[0].match.source", "listeners:\n  public:\n    bind: 127.0.0.1:18080\n"
     "    rules:\n      - match:\n          source: [10.0.0.0/33] #!\n"
     "        respond: { status: 200 }\n"),
    ("listeners.public.rules[0].match.method", "listeners:\n  public:\n    bind: 127.0.0.1:18080\n"
     "    rules:\n      - match:\n          method: ['G T'] #!\n        respond: { status: 200 }\n"),
    ("listeners.public.rules[0]", "listeners:\n  public:\n    bind: 127.0.0.1:18080\n"
     "    rules:\n      - match: { path: [/a] } #!\n"),
    ("listeners.public.rules[0].priority", "listeners:\n  public:\n    bind: 127.0.0.1:18080\n"
     "    rules:\n      - match: { path: [/a] }\n        respond: { status: 200 }\n"
     "        priority: 60000 #!\n"),
    ("listeners.public.rules[1].priority", "listeners:\n  public:\n    bind: 127.0.0.1:18080\n"
     "    rules:\n      - { match: { path: [/a] }, priority: 7, respond: { status: 200 } }\n"
     "      - { match: { path: [/b] }, priority: 7, respond: { status: 201 } } #!\n"),
    ("listeners.public.limits.head",
     "listeners:\n  public:\n    bind: 127.0.0.1:18080\n    limits:\n      head: 10 apples #!\n"),
    ("listeners.public.limits.header_time", "listeners:\n  public:\n    bind: 127.0.0.1:18080\n"
     "    limits:\n      header_time: 10 #!\n"),
    ("listeners.public.limits.headers", "listeners:\n  public:\n    bind: 127.0.0.1:18080\n"
     "    limits:\n      headers: -1 #!\n"),
    ("listeners.public.limits.idel_time", "listeners:\n  public:\n    bind: 127.0.0.1:18080\n"
     "    limits:\n      idel_time: 10s #!\n"),
    ("listeners.public.keep_half_closed", "listeners:\n  public:\n    bind: 127.0.0.1:18080\n"
     "    keep_half_closed: maybe #!\n"),
    ("listeners.two.bind", "listeners:\n  one:\n    bind: 127.0.0.1:18080\n  two:\n"
     "    bind: 127.0.0.1:18080 #!\n"),
    ("listeners", "listeners: 5 #!\n"),
    ("listeners.public", "listeners:\n  public: [1, 2] #!\n"),
    ("lisstener", "lisstener: {} #!\n"),
    ("target_groups.ocr.algorithm", "target_groups:\n  ocr:\n    algorithm: best #!\n"),
    ("target_groups.ocr.algorithm", "target_groups:\n  ocr:\n"
     "    algorithm: { ring_hash: { key: 'fruit:apple' } } #!\n"),
    ("target_groups.ocr.algorithm", "target_groups:\n  ocr:\n"
     "    algorithm: { maglev: { table: 100 } } #!\n"),
    ("target_groups.ocr.algorithm", "target_groups:\n  ocr:\n"
     "    algorithm: { peak_ewma: { decay: fast } } #!\n"),
    ("target_groups.ocr.endpoints[0].address", "target_groups:\n  ocr:\n    endpoints:\n"
     "      - address: 127.0.0.1 #!\n"),
    ("target_groups.ocr.endpoints[1].weight", "target_groups:\n  ocr:\n    endpoints:\n"
     "      - address: 127.0.0.1:9001\n      - { address: '127.0.0.1:9002', weight: 5000 } #!\n"),
    ("target_groups.ocr.endpoints[1]", "target_groups:\n  ocr:\n    endpoints:\n"
     "      - address: 127.0.0.1:9001\n      - address: 127.0.0.1:9001 #!\n"),
    ("target_groups.ocr.endpoints[0]", "target_groups:\n  ocr:\n    endpoints:\n"
     "      - weight: 1 #!\n"),
    ("target_groups.ocr.max_in_flight", "target_groups:\n  ocr:\n    max_in_flight: many #!\n"),
    ("target_groups.ocr.queue.timeout",
     "target_groups:\n  ocr:\n    queue:\n      timeout: -1s #!\n"),
    ("target_groups.ocr.queue.length",
     "target_groups:\n  ocr:\n    queue:\n      length: 1.5 #!\n"),
    ("target_groups.ocr.queue.bytes",
     "target_groups:\n  ocr:\n    queue:\n      bytes: 5 parsecs #!\n"),
    ("target_groups.ocr.health_check.protocol",
     "target_groups:\n  ocr:\n    health_check:\n      protocol: icmp #!\n"),
    ("target_groups.ocr.health_check.interval",
     "target_groups:\n  ocr:\n    health_check:\n      interval: 1y #!\n"),
    ("target_groups.ocr.health_check.codes",
     "target_groups:\n  ocr:\n    health_check:\n      codes: ['2xx'] #!\n"),
    ("target_groups.ocr.health_check.path",
     "target_groups:\n  ocr:\n    health_check:\n      path: healthz #!\n"),
    ("target_groups.ocr.health_check.healthy",
     "target_groups:\n  ocr:\n    health_check:\n      healthy: 0 #!\n"),
    ("target_groups.ocr.health_check.port",
     "target_groups:\n  ocr:\n    health_check:\n      port: 0 #!\n"),
    ("target_groups.ocr.outlier.max_ejected_share",
     "target_groups:\n  ocr:\n    outlier:\n      max_ejected_share: 1.5 #!\n"),
    ("target_groups.ocr.retry.unanswered",
     "target_groups:\n  ocr:\n    retry:\n      unanswered: sometimes #!\n"),
    ("target_groups.ocr.retry.attempts",
     "target_groups:\n  ocr:\n    retry:\n      attempts: 0 #!\n"),
    ("target_groups.ocr.retry.budget",
     "target_groups:\n  ocr:\n    retry:\n      budget: 20 #!\n"),
    ("target_groups.ocr.timeouts.connect",
     "target_groups:\n  ocr:\n    timeouts:\n      connect: 2 parsecs #!\n"),
    ("target_groups.ocr.panic_threshold",
     "target_groups:\n  ocr:\n    panic_threshold: 2 #!\n"),
    ("target_groups.ocr.max_inflight", "target_groups:\n  ocr:\n    max_inflight: 3 #!\n"),
    ("scaling_groups.ocr.target_groups", "scaling_groups:\n  ocr:\n"
     "    target_groups: [nowhere] #!\n    launch: { command: [x, '${WEIR_PORT}'] }\n"),
    ("scaling_groups.ocr.min", "target_groups: { ocr: {} }\nscaling_groups:\n  ocr:\n"
     "    target_groups: [ocr]\n    launch: { command: [x, '${WEIR_PORT}'] }\n    min: 3 #!\n    max: 2\n"),
    ("scaling_groups.ocr.desired", "target_groups: { ocr: {} }\nscaling_groups:\n  ocr:\n"
     "    target_groups: [ocr]\n    launch: { command: [x, '${WEIR_PORT}'] }\n    max: 2\n    desired: 5 #!\n"),
    ("scaling_groups.ocr.launch", "target_groups: { ocr: {} }\nscaling_groups:\n  ocr:\n"
     "    target_groups: [ocr]\n    launch: { cpus: 1 } #!\n"),
    ("scaling_groups.ocr.launch.provider", "target_groups: { ocr: {} }\nscaling_groups:\n  ocr:\n"
     "    target_groups: [ocr]\n    launch:\n      command: [x, '${WEIR_PORT}']\n      provider: cloud #!\n"),
    ("scaling_groups.ocr.launch.memory", "target_groups: { ocr: {} }\nscaling_groups:\n  ocr:\n"
     "    target_groups: [ocr]\n    launch:\n      command: [x, '${WEIR_PORT}']\n      memory: lots #!\n"),
    ("scaling_groups.ocr.launch.gpus", "target_groups: { ocr: {} }\nscaling_groups:\n  ocr:\n"
     "    target_groups: [ocr]\n    launch:\n      command: [x, '${WEIR_PORT}']\n      gpus: -1 #!\n"),
    ("scaling_groups.ocr.policies[0].target_tracking.metric", "target_groups: { ocr: {} }\n"
     "scaling_groups:\n  ocr:\n    target_groups: [ocr]\n    launch: { command: [x, '${WEIR_PORT}'] }\n"
     "    policies:\n      - target_tracking:\n          target: 1\n"
     "          metric: happiness #!\n"),
    ("scaling_groups.ocr.policies[0].target_tracking.target", "target_groups: { ocr: {} }\n"
     "scaling_groups:\n  ocr:\n    target_groups: [ocr]\n    launch: { command: [x, '${WEIR_PORT}'] }\n"
     "    policies:\n      - target_tracking:\n          metric: cpu_percent\n"
     "          target: 0 #!\n"),
    ("scaling_groups.ocr.policies[0]", "target_groups: { ocr: {} }\nscaling_groups:\n  ocr:\n"
     "    target_groups: [ocr]\n    launch: { command: [x, '${WEIR_PORT}'] }\n    policies:\n"
     "      - magic: { x: 1 } #!\n"),
    ("admin.bind", "admin:\n  bind: localhost:http #!\n"),
    ("access_log.format", "access_log:\n  path: /tmp/x\n  format: xml #!\n"),
    ("log.level", "log:\n  level: loud #!\n"),
    ("workers", "workers: lots #!\n"),
    ("ports", "ports: 29999-20000 #!\n"),
    ("drain_timeout", "drain_timeout: 5 #!\n"),
]

# Texts that are no YAML at all, or not of the right kind; a place in the file is enough.
BROKEN = ["listeners: [1, 2\n", "listeners:\n\tpublic: {}\n", "a: b: c\n", "- 1\n- 2\n",
          "listeners: {public: {bind: '127.0.0.1:18080'\n", "'\n", "listeners: *nowhere\n"]


class Check(WeirCase):
    def check(self, text):
        path = self.folder / "fleet.yaml"
        path.write_text(text)
        return run_cli("check", path), str(path)

    def test_a_good_config_is_good(self):
        out, _ = self.check(GOOD)
        self.assertEqual(out.returncode, 0, out.stdout + out.stderr)

    def test_the_corpus_is_large_enough(self):
        self.assertGreaterEqual(len(MISTAKES), 60)

    @limit(120)
    def test_each_mistake_is_told_with_its_place(self):
        for path, text in MISTAKES:
            with self.subTest(f"{path}: {text.splitlines()[-1].strip()}"):
                line = next(n for n, l in enumerate(text.split("\n"), 1) if l.endswith("#!"))
                out, file = self.check(text.replace(" #!", ""))
                told = out.stdout + out.stderr
                self.assertEqual(out.returncode, 2, told)
                found = re.findall(r"^(?:.*/)?fleet\.yaml:(\d+):(\d+): ([^:\s]+): (.+)$", told, re.M)
                self.assertTrue(found, told)
                self.assertEqual({int(f[0]) for f in found}, {line}, told)
                self.assertTrue(any(f[2] == path or f[2].startswith(path) for f in found), told)

    def test_what_is_no_yaml_is_told_with_its_place(self):
        for text in BROKEN:
            with self.subTest(text):
                out, _ = self.check(text)
                self.assertEqual(out.returncode, 2, out.stdout + out.stderr)
                self.assertRegex(out.stdout + out.stderr, r"fleet\.yaml:\d+:\d+: ")

    def test_all_mistakes_are_told_at_once(self):
        out, _ = self.check("""\
listeners:
  public:
    bind: 127.0.0.1:70000
    colour: blue
target_groups:
  ocr:
    algorithm: best
    queue: { timeout: soon }
scaling_groups:
  ocr: { target_groups: [nowhere], launch: { command: [x, '${WEIR_PORT}'] } }
""")
        told = out.stdout + out.stderr
        self.assertEqual(out.returncode, 2)
        for path in ("listeners.public.bind", "listeners.public.colour",
                     "target_groups.ocr.algorithm", "target_groups.ocr.queue.timeout",
                     "scaling_groups.ocr.target_groups"):
            self.assertIn(path, told)

    def test_a_misspelt_key_gets_a_suggestion(self):
        out, _ = self.check("target_groups:\n  ocr:\n    max_inflight: 3\n")
        self.assertIn("max_in_flight", out.stdout + out.stderr)

    def test_a_key_given_twice_is_a_mistake(self):
        out, _ = self.check(GOOD + "target_groups:\n  other: {}\n")
        self.assertEqual(out.returncode, 2)

    def test_a_file_that_is_missing_is_told(self):
        out = run_cli("check", "/no/such/file.yaml")
        self.assertEqual(out.returncode, 2)
        self.assertIn("/no/such/file.yaml", out.stdout + out.stderr)

    def test_a_folder_is_read_as_one_config(self):
        folder = self.folder / "conf"
        folder.mkdir(exist_ok=True)
        listeners, _, groups = GOOD.partition("target_groups")
        (folder / "a.yaml").write_text(listeners)
        (folder / "b.yaml").write_text("target_groups" + groups)
        out = run_cli("check", folder)
        self.assertEqual(out.returncode, 0, out.stdout + out.stderr)

    def test_serve_refuses_what_check_refuses(self):
        path = self.folder / "bad.yaml"
        path.write_text("listeners:\n  public:\n    bind: 127.0.0.1:70000\n")
        out = run_cli("serve", path)
        self.assertEqual(out.returncode, 2)
        self.assertRegex(out.stdout + out.stderr, r"bad\.yaml:3:\d+: listeners\.public\.bind")

    def test_the_examples_are_good(self):
        from weir_test.case import ROOT
        for file in sorted((ROOT / "examples").glob("*/*.yaml")):
            with self.subTest(file.parent.name):
                out = run_cli("check", file)
                self.assertEqual(out.returncode, 0, out.stdout + out.stderr)
