"""Who goes in a scale-in: termination policies, and who may not."""
from test_fleet import FleetCase


class Termination(FleetCase):
    def one_by_one(self, weir, count):
        """The instances in the order of their launch."""
        ids = []
        for n in range(1, count + 1):
            weir.scale("models", n)
            self.serving(weir, n)
            ids += [i["id"] for i in weir.instances("models") if i["id"] not in ids]
        return ids

    def left(self, weir, count):
        weir.scale("models", count)
        self.serving(weir, count)
        return [i["id"] for i in weir.in_service("models")]

    def test_the_oldest_or_the_newest_goes_first(self):
        for policy, keeps in (("oldest_instance", slice(1, None)), ("newest_instance", slice(2))):
            with self.subTest(policy):
                weir = self.fleet({"min": 0, "max": 3, "desired": 1, "termination_policies": [policy]})
                ids = self.one_by_one(weir, 3)
                self.assertEqual(sorted(self.left(weir, 2)), sorted(ids[keeps]))
                self.assertIn(policy.replace("_", " "), str(weir.scaling_group()["activities"]))
                weir.clean_up()

    def test_a_protected_one_stays_also_over_a_restart_until_it_is_let_go(self):
        weir = self.fleet({"min": 0, "max": 3, "desired": 1,
                           "termination_policies": ["oldest_instance"]})
        ids = self.one_by_one(weir, 3)
        out = weir.cli("protect", ids[0])
        self.assertEqual(out.returncode, 0, out.stderr)
        weir.kill()
        weir.start()
        self.serving(weir, 3)
        self.assertEqual([i["id"] for i in weir.instances("models") if i["protected"]], [ids[0]])
        self.assertEqual(self.left(weir, 1), [ids[0]])
        weir.scale("models", 0)
        self.eventually(lambda: "protected from scale-in" in str(weir.scaling_group()["notes"]))
        self.assertEqual([i["id"] for i in weir.in_service("models")], [ids[0]])
        self.assertEqual(weir.cli("protect", ids[0], "--off").returncode, 0)
        self.serving(weir, 0)

    def test_new_instances_may_be_protected_from_the_start(self):
        weir = self.fleet({"min": 0, "max": 2, "desired": 1, "protect_new_instances": True})
        self.serving(weir, 1)
        one = weir.in_service("models")[0]
        self.assertEqual((one["protected"], one["reason"]), (True, "protected from scale-in"))

    def test_nobody_is_protected_who_is_not_there(self):
        weir = self.fleet({"min": 0, "max": 1})
        out = weir.cli("protect", "i-0")
        self.assertNotEqual(out.returncode, 0)
        self.assertIn("no instance 'i-0'", out.stderr)
