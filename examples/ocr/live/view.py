"""The live view: a frame drawn over the last one on a terminal, one line a second anywhere else."""

import os
import shutil

BARS = " ▁▂▃▄▅▆▇█"
COLOURS = {"in_service": 32, "pending": 33, "terminating": 35, "bold": 1, "dim": 2, "bad": 31}


def colour_of(state):
    """The lifecycle states of one kind share a colour: pending_wait is as pending."""
    return next(
        (name for name in ("in_service", "pending", "terminating") if state.startswith(name)), "dim"
    )


def spark(values, width):
    """The last `width` values as bars, the highest of them full."""
    last = list(values)[-width:]
    top = max(last, default=0) or 1
    return "".join(BARS[round(v / top * (len(BARS) - 1))] for v in last)


def milliseconds(value):
    return "-" if value is None else f"{value / 1000:.2f} s" if value >= 1000 else f"{value:.0f} ms"


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def states_in_words(timeline):
    counts = {}
    for instance in timeline.living():
        counts[instance.state] = counts.get(instance.state, 0) + 1
    return ", ".join(f"{n} {state}" for state, n in sorted(counts.items())) or "none"


class Line:
    """Text in coloured pieces, cut to a width before the colours go on."""

    def __init__(self, *pieces):
        self.pieces = [p if isinstance(p, tuple) else (p, None) for p in pieces]

    def plain(self):
        return "".join(text for text, _ in self.pieces)

    def render(self, width, colours):
        out, left = "", width
        for text, style in self.pieces:
            text = text[:left]
            left -= len(text)
            out += f"\x1b[{COLOURS[style]}m{text}\x1b[0m" if colours and style else text
        return out


def frame(at, phase, load, timeline, history, activities=5):
    """The lines of one picture; `load` is the last line of load.py, `history` pairs (rate, instances)."""
    lost = load.get("lost", 0)
    lines = [
        Line((f" weir {clock(at)}", "bold"), f"  {phase}"),
        Line(""),
        Line(
            f" load       {load.get('users', 0):>2} users   sent {load.get('sent', 0)}   "
            f"answered {load.get('answered', 0)}   ",
            (f"lost {lost}", "bad" if lost else None),
        ),
        Line(
            f" answers    {load.get('per_second', 0):>4.1f} a second   p50 {milliseconds(load.get('p50_ms'))}   "
            f"p99 {milliseconds(load.get('p99_ms'))}"
        ),
        Line(f" requests   {timeline.in_flight} in flight   {timeline.waiting} waiting in line"),
        Line(
            f" instances  {states_in_words(timeline)}   desired {timeline.desired or 0} "
            f"({timeline.least} to {timeline.most})"
        ),
        Line(""),
        Line((" answers a second ", "dim"), spark([rate for rate, _ in history], 60)),
        Line((" instances        ", "dim"), spark([count for _, count in history], 60)),
        Line(""),
    ]
    living = timeline.living()
    for instance in living:
        since = at - instance.states[-1][0]
        lines.append(
            Line(
                f"   {instance.name:<24} ",
                (f"{instance.state:<20}", colour_of(instance.state)),
                f" {since:>3.0f} s   pid {instance.pid or '-':<8} port {instance.port or '-'}",
            )
        )
    lines += [Line("")] * (1 + max(0, timeline.most - len(living)))  # room, so that nothing jumps
    lines.append(Line((" last decisions", "dim")))
    for activity in timeline.activities[-activities:]:
        text = (
            f"{activity.description}: {activity.cause}" if activity.cause else activity.description
        )
        lines.append(Line((f"   {clock(activity.at)} ", "dim"), text))
    return lines


def one_line(at, phase, load, timeline):
    return (
        f"{clock(at)} {phase}: {load.get('users', 0)} users, {load.get('per_second', 0):.1f} answers/s, "
        f"p50 {milliseconds(load.get('p50_ms'))}, p99 {milliseconds(load.get('p99_ms'))}, "
        f"in flight {timeline.in_flight}, waiting {timeline.waiting}, "
        f"instances {states_in_words(timeline)}, desired {timeline.desired or 0}, lost {load.get('lost', 0)}"
    )


class Screen:
    """Draws on a terminal; prints lines elsewhere. `close` leaves the cursor below the last frame."""

    def __init__(self, out):
        self.out = out
        self.live = out.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.colours = self.live and "NO_COLOR" not in os.environ
        self.height = 0
        self.told = 0  # activities printed so far, off the terminal
        self.next_line = 0.0

    def show(self, at, phase, load, timeline, history):
        if self.live:
            self._draw(frame(at, phase, load, timeline, history))
            return
        for activity in timeline.activities[self.told :]:
            self.out.write(f"{clock(activity.at)} * {activity.description}: {activity.cause}\n")
        self.told = len(timeline.activities)
        if at >= self.next_line:
            self.out.write(one_line(at, phase, load, timeline) + "\n")
            self.next_line = at + 1.0
        self.out.flush()

    def _draw(self, lines):
        columns, rows = shutil.get_terminal_size()
        lines = lines[: rows - 1]
        back = f"\x1b[{self.height}A" if self.height else ""
        body = "".join(f"\r{line.render(columns - 1, self.colours)}\x1b[K\n" for line in lines)
        self.out.write(f"\x1b[?25l{back}{body}\x1b[J")
        self.out.flush()
        self.height = len(lines)

    def close(self):
        if self.live:
            self.out.write("\x1b[?25h")
            self.out.flush()
        self.height = 0
