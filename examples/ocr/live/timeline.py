"""Timeline: what became of instances and decisions, from weir's status read again and again.

Knows nothing of processes or the screen. `feed` takes the JSON of GET /api/v1/status.
"""

GONE = "gone"


class Instance:
    def __init__(self, name):
        self.name = name
        self.pid = None
        self.port = None
        self.states = []  # (second, state), each time it changed

    @property
    def state(self):
        return self.states[-1][1]

    @property
    def alive(self):
        return self.state not in (GONE, "terminated")


class Activity:
    def __init__(self, at, entry):
        self.at = at
        self.description = entry.get("description") or ""
        self.cause = entry.get("cause") or ""
        self.status = entry.get("status") or ""


class Timeline:
    def __init__(self):
        self.instances = {}  # id -> Instance, oldest first
        self.activities = []  # oldest first
        self.decisions = []  # (second, desired before, desired after)
        self.desired = None
        self.least, self.most = 0, 0
        self.waiting = self.in_flight = 0
        self.most_in_service = 0
        self.samples = 0
        self._known = {}

    def feed(self, at, status):
        """at: seconds since the start of the demo. Never goes back in time."""
        self.samples += 1
        groups = status.get("target_groups", [])
        self.waiting = sum(g.get("waiting", 0) for g in groups)
        self.in_flight = sum(g.get("in_flight", 0) for g in groups)
        for group in status.get("scaling_groups", []):
            self._feed_desired(at, group)
            self._feed_instances(at, group.get("instances", []))
            self._feed_activities(at, group.get("activities", []))
        self.most_in_service = max(self.most_in_service, self.count("in_service"))

    def _feed_desired(self, at, group):
        self.least, self.most = group.get("min", 0), group.get("max", 0)
        before, self.desired = self.desired, group.get("desired", 0)
        # A group that starts with some desired has not scaled out.
        if before is not None and before != self.desired:
            self.decisions.append((at, before, self.desired))

    def _feed_instances(self, at, entries):
        for entry in entries:
            name = str(entry["id"])
            instance = self.instances.setdefault(name, Instance(name))
            instance.pid = entry.get("pid") or instance.pid
            instance.port = entry.get("port") or instance.port
            if not instance.states or instance.state != entry["state"]:
                instance.states.append((at, entry["state"]))
        listed = {str(entry["id"]) for entry in entries}
        for name, instance in self.instances.items():
            if name not in listed and instance.alive:
                instance.states.append((at, GONE))

    def _feed_activities(self, at, entries):
        for entry in sorted(entries, key=lambda e: str(e.get("time", ""))):
            key = (str(entry.get("time")), entry.get("description"), entry.get("cause"))
            if key in self._known:
                self._known[key].status = entry.get("status") or ""
                continue
            self._known[key] = Activity(at, entry)
            self.activities.append(self._known[key])

    def count(self, state):
        return sum(1 for i in self.instances.values() if i.state == state)

    def living(self):
        return [i for i in self.instances.values() if i.alive]

    @property
    def scale_outs(self):
        return sum(1 for _, before, after in self.decisions if after > before)

    @property
    def scale_ins(self):
        return sum(1 for _, before, after in self.decisions if after < before)

    @property
    def at_zero(self):
        return self.samples > 0 and self.desired == 0 and not self.living()
