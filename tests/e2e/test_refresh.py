"""Instance refresh: all instances get the new launch, and no stream ends for it."""
import collections
import copy

from test_lifecycle import LifecycleCase
from weir_test import client
from weir_test.case import limit
from weir_test.load import Load


class Refresh(LifecycleCase):
    def changed(self, weir, value, **more):
        """The configuration with another environment, and what else is given for the group."""
        config = copy.deepcopy(weir.config)
        group = config["scaling_groups"]["models"]
        group["launch"]["environment"] = {"MODEL": value}
        group.update(more)
        return config

    def apply(self, weir, value, **more):
        out = weir.apply(self.changed(weir, value, **more))
        self.assertEqual(out.returncode, 0, out.stderr)

    def versions(self, weir):
        return sorted(i["version"] for i in weir.in_service("models"))

    def over(self, weir, status, within=60):
        self.eventually(lambda: (weir.scaling_group()["refresh"] or {}).get("status") == status,
                        within=within, what=status)
        return weir.scaling_group()["refresh"]

    @limit(120)
    def test_all_are_replaced_under_load_and_nothing_is_lost(self):
        weir = self.fleet({"min": 3, "max": 4})
        self.serving(weir, 3)
        load = Load(weir.address(), connections=20, streams=10, events=20, interval=50).start()
        self.apply(weir, "new")
        self.assertEqual(self.versions(weir), [1, 1, 1])
        self.assertIn("has begun", self.good(weir, "refresh", "models"))
        said = self.over(weir, "successful")
        self.assertEqual((said["percent"], said["replaced"], said["total"]), (100, 3, 3))
        self.assertEqual(self.versions(weir), [2, 2, 2])
        result = load.stop()
        self.assertEqual(result.failures, [], result.summary())
        self.refused(weir, "no instance refresh of group models runs", "refresh", "models", "--cancel")

    def test_terminating_first_where_there_is_no_room(self):
        weir = self.fleet({"min": 2, "max": 2}, launch={"gpus": 1}, devices=["0", "1"])
        self.serving(weir, 2)
        self.apply(weir, "new")
        self.good(weir, "refresh", "models")
        self.eventually(lambda: "lower min_healthy" in str(weir.scaling_group()["notes"]))
        self.good(weir, "refresh", "models", "--cancel")
        self.good(weir, "refresh", "models", "--min-healthy", "50", "--max-healthy", "100")
        self.over(weir, "successful")
        self.assertEqual(self.versions(weir), [2, 2])

    def test_a_canary_gets_its_percentage_until_the_checkpoint_is_past(self):
        weir = self.fleet({"min": 2, "max": 3}, group={"algorithm": "weighted_round_robin"})
        self.serving(weir, 2)
        self.apply(weir, "new")
        self.good(weir, "refresh", "models", "--checkpoints", "50,100", "--checkpoint-delay", "6s",
                  "--canary", "10")
        self.over(weir, "waiting")
        self.eventually(lambda: self.versions(weir) == [1, 2])
        new = [i["pid"] for i in weir.in_service("models") if i["version"] == 2][0]
        seen = collections.Counter(client.get(weir.address(), "/echo").json()["pid"] for _ in range(100))
        self.assertTrue(5 <= seen[new] <= 15, seen)
        self.assertIn("at the checkpoint of 50 %", weir.cli("status").stdout)
        self.over(weir, "successful")
        self.assertEqual({e["weight"] for e in weir.endpoints()}, {1})

    def test_a_canary_has_its_percentage_from_its_first_request_on(self):
        weir = self.fleet({"min": 2, "max": 3, "warm_up": "20s"})
        self.serving(weir, 2)
        self.apply(weir, "new")
        self.good(weir, "refresh", "models", "--checkpoints", "50,100", "--canary", "10")
        self.serving(weir, 3)  # it warms up, and no old one has gone
        self.eventually(lambda: sorted(e["weight"] for e in weir.endpoints()) == [20, 90, 90], within=3)

    def test_a_launch_that_does_not_start_is_rolled_back_by_itself(self):
        weir = self.fleet({"min": 2, "max": 3, "instance_refresh": {"automatic": True, "auto_rollback": True}})
        self.serving(weir, 2)
        config = self.changed(weir, "bad")
        config["scaling_groups"]["models"]["launch"]["command"] = ["/bin/sh", "-c", "exit 3 # ${WEIR_PORT}"]
        out = weir.apply(config)
        self.assertEqual(out.returncode, 0, out.stderr)
        said = self.over(weir, "rollback_successful")
        self.assertIn("starts failed in a row", said["reason"])
        self.assertEqual(self.versions(weir), [1, 1])
        weir.scale("models", 3)
        self.serving(weir, 3)
        self.assertEqual(self.versions(weir), [1, 1, 1])
        told = [line for line in self.good(weir, "events", "--json").splitlines() if '"refresh"' in line]
        self.assertIn("is in_progress", told[0])
        self.assertIn("is rollback_successful", told[-1])

    def test_it_goes_on_after_weir_was_killed(self):
        weir = self.fleet({"min": 3, "max": 4}, arguments=["--start-delay", "0.5"])
        self.serving(weir, 3)
        self.apply(weir, "new")
        self.good(weir, "refresh", "models")
        self.eventually(lambda: 2 in self.versions(weir))
        weir.kill()
        weir.start()
        self.over(weir, "successful")
        self.assertEqual(self.versions(weir), [2, 2, 2])

    def test_by_hand_it_goes_back_to_the_version_before(self):
        weir = self.fleet({"min": 2, "max": 3})
        self.serving(weir, 2)
        self.apply(weir, "new")
        self.good(weir, "refresh", "models", "--checkpoints", "50,100")
        self.over(weir, "waiting")
        self.refused(weir, "is waiting", "refresh", "models")
        self.good(weir, "refresh", "models", "--rollback")
        self.over(weir, "rollback_successful")
        self.assertEqual(self.versions(weir), [1, 1])

    def test_old_instances_are_replaced_at_their_age(self):
        weir = self.fleet({"min": 1, "max": 2, "max_instance_lifetime": "3s"})
        first = self.serving(weir, 1)[0]["id"]
        self.eventually(lambda: [i["id"] for i in weir.in_service("models")] not in ([first], []), within=20)
        self.assertIn("older than the maximum instance lifetime", str(weir.scaling_group()["activities"]))

    def test_instances_are_spread_over_zones(self):
        weir = self.fleet({"min": 3, "max": 4, "zones": ["a", "b"]})
        self.serving(weir, 3)
        zones = collections.Counter(e["zone"] for e in weir.endpoints())
        self.assertEqual(sorted(zones.values()), [1, 2])
