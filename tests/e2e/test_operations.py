"""A thousand operations in an order of chance: scale-outs, scale-ins, refreshes that are cancelled or
rolled back, hooks that fail, standby, detaching, and kills of weir. No request and no stream is
lost, and nothing runs that weir does not know. Forty in `make test`, a thousand with --soak."""
import copy
import os
import random
import time

from test_lifecycle import LifecycleCase
from weir_test.case import SOAK, limit
from weir_test.load import Load
from weir_test.weir import replica

OPERATIONS = 1000 if SOAK else 40
MOST = 5
EVENTS, INTERVAL = 60, 50  # streams of 3 s


class Operations(LifecycleCase):
    serial = True

    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("WEIR_E2E_SEED", "0")) or (int(time.time()) if SOAK else 5)
        self.chance = random.Random(seed)
        print(f"seed {seed}")
        self.killed, self.done, self.refused_ones = [], {}, 0
        self.templates = 0

    # ---- operations; each may be refused, which is no mistake

    def tell(self, weir, *arguments):
        out = weir.cli(*arguments)
        if out.returncode != 0:
            self.refused_ones += 1
            self.assertRegex(out.stderr, r"is (in_progress|waiting|rollback_in_progress|pending|pending_wait|"
                             r"standby|detached|entering_standby|detaching|terminating|terminating_wait|"
                             r"the minimum|above the maximum)|no instance|above the maximum|"
                             r"no instance refresh|no earlier version")
        return out.returncode == 0

    def some(self, weir, *states):
        found = [i["id"] for i in weir.instances("models") if i["state"] in states]
        return self.chance.choice(found) if found else None

    def scale(self, weir):
        self.tell(weir, "scale", "models", str(self.chance.randint(1, MOST)))

    def refresh(self, weir):
        self.templates += 1
        config = copy.deepcopy(weir.config)
        group = config["scaling_groups"]["models"]
        group["launch"]["environment"] = {"MODEL": str(self.templates)}
        out = weir.apply(config)
        self.assertEqual(out.returncode, 0, out.stderr)
        low, high = self.chance.choice([("100", "120"), ("50", "100"), ("60", "150")])
        self.tell(weir, "refresh", "models", "--min-healthy", low, "--max-healthy", high,
                  *self.chance.choice([(), ("--auto-rollback",), ("--checkpoints", "50,100",
                                                                  "--checkpoint-delay", "500ms")]))

    def cancel(self, weir):
        self.tell(weir, "refresh", "models", "--cancel")

    def roll_back(self, weir):
        self.tell(weir, "refresh", "models", "--rollback")

    def hooks_fail_or_not(self, weir):
        path = self.folder / "fail"
        if path.exists():
            path.unlink()
        else:
            path.touch()
            time.sleep(0.5)

    def standby(self, weir):
        if one := self.some(weir, "in_service"):
            self.tell(weir, "standby", one, *self.chance.choice([(), ("--replace",)]))

    def detach(self, weir):
        if one := self.some(weir, "in_service", "standby"):
            self.tell(weir, "detach", one, *self.chance.choice([(), ("--replace",)]))

    def bring_back(self, weir):
        if one := self.some(weir, "standby", "detached"):
            self.tell(weir, *self.chance.choice([("attach", one), ("standby", one, "--off"), ("drain", one)]))

    def protect(self, weir):
        if one := self.some(weir, "in_service"):
            self.tell(weir, "protect", one, *self.chance.choice([(), ("--off",)]))

    def kill_weir(self, weir):
        self.killed.append(weir.kill())
        weir.start()

    def pause(self, weir):
        time.sleep(self.chance.uniform(0.1, 1.0))

    # ---- what always holds

    def check(self, weir):
        group = weir.scaling_group()
        self.assertTrue(group["min"] <= group["desired"] <= group["max"], group["desired"])
        counted = [i for i in group["instances"] if i["state"] in ("pending", "pending_wait", "in_service")]
        # One more than half again of desired, at most, while a refresh replaces.
        self.assertLessEqual(len(counted), MOST * 3 // 2 + 1, [i["state"] for i in counted])
        known = {i["pid"] for i in weir.instances("models")}
        self.eventually(lambda: set(weir.replica_pids()) <=
                        known | {i["pid"] for i in weir.instances("models")}, within=5, what="no orphan")

    @limit(3000 if SOAK else 240)
    def test_in_an_order_of_chance_lose_nothing(self):
        hook = self.script(f"test ! -e {self.folder}/fail\n")
        weir = self.weir({
            "listeners": {"public": {"default": {"forward": "models"}}},
            "target_groups": {"models": {"health_check": {
                "path": "/health", "interval": "1s", "timeout": "1s"}}},
            "scaling_groups": {"models": {
                "target_groups": ["models"], "min": 1, "max": MOST, "desired": 2,
                "launch": {"command": replica(), "stop_grace": "2s"},
                "lifecycle_hooks": [
                    {"name": "load", "transition": "launching", "command": [hook], "heartbeat_timeout": "5s"},
                    {"name": "save", "transition": "terminating", "command": [hook],
                     "heartbeat_timeout": "5s"}],
                "warm_pool": {"min": 1, "max_prepared": 0, "reuse_on_scale_in": True}}}},
            activate=["public"])
        self.serving(weir, 2)
        load = Load(weir.address(), connections=30, streams=15, pause=0.1, events=EVENTS,
                    interval=INTERVAL).start()
        plan = [self.scale] * 8 + [self.refresh] * 3 + [self.pause] * 8 + [
            self.cancel, self.roll_back, self.hooks_fail_or_not, self.hooks_fail_or_not, self.standby,
            self.standby, self.detach, self.bring_back, self.bring_back, self.bring_back, self.protect]
        for n in range(OPERATIONS):
            operation = self.kill_weir if n % 20 == 10 else self.chance.choice(plan)
            self.done[operation.__name__] = self.done.get(operation.__name__, 0) + 1
            operation(weir)
            self.check(weir)
        (self.folder / "fail").unlink(missing_ok=True)
        result = load.stop()
        windows = [(before, after + 0.1) for before, after in self.killed]
        print(f"{self.done}, {self.refused_ones} refused; {result.summary()}")
        failed = result.outside(result.failures, windows)
        cut = result.outside(result.cut, windows)
        self.assertEqual(failed[:20], [], f"{len(failed)} of {result.sent} requests failed")
        self.assertEqual(cut[:20], [], f"{len(cut)} streams cut")
        self.ends_clean(weir)

    def ends_clean(self, weir):
        """What was set aside is ended by hand, the rest with weir, and nothing is left."""
        for one in weir.instances("models"):
            if one["state"] in ("standby", "detached"):
                self.tell(weir, "drain", one["id"])
        self.good(weir, "stop", "--instances")
        self.eventually(lambda: not weir.replica_pids(), within=30, what="no process is left")
