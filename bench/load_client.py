"""The load generator as an object: bench_load, driven over its standard input."""

import json
import subprocess

import processes


def command(verb, spec):
    values = {key: ",".join(map(str, value)) if isinstance(value, list) else value
              for key, value in spec.items()}
    return " ".join([verb, *(f"{key}={value}" for key, value in values.items())])


class Load:
    def __init__(self, program, cpu):
        self._process = subprocess.Popen(
            processes.pinned(cpu, [str(program)]), text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.backends = self._read()["ports"]

    def run(self, **spec):
        """One measurement; the keys are explained in load.cc."""
        return self._ask(command("run", spec))

    def hold(self, **spec):
        """Opens connections and keeps them: the measurement is that of the opening."""
        return self._ask(command("hold", spec))

    def cpu(self, pids):
        """Running totals of CPU time, in seconds, of these processes, itself and the machine."""
        return self._ask("cpu " + ",".join(map(str, pids)))

    def close(self):
        """Lets go of what is held, and returns what it has seen meanwhile."""
        return self._ask("close")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        processes.stop(self._process)

    def _ask(self, line):
        self._process.stdin.write(line + "\n")
        return self._read()

    def _read(self):
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load generator has ended")
        return json.loads(line)
