"""The process that serves: whether it answers, and whether its jobs run when they are due."""

from datetime import timedelta

from ...config import Settings
from ...models import CheckResult
from .. import probe
from .checks import Found, Ground, Look, State, broken, look, unknown, well

#: The serving process looks at itself each hour.
_LATE_LOOK = timedelta(hours=2, minutes=15)


def serving(settings: Settings) -> Found:
    """Whether the node answers on this machine, and says that it can do its work."""
    status, said = probe.ask(settings)
    if status == 200 and said.get("ready"):
        return well(f"the node answers on port {settings.port}")
    if said.get("why"):
        return broken(f"the node answers that it is not ready: {said['why']}", "see the other checks")
    if status is None:
        return broken(f"nothing answers on port {settings.port}", "start the node; its log says why it does not start")
    return broken(f"what answers on port {settings.port} is not well ({status})", "see the node's log")


def jobs(ground: Ground) -> Found:
    """Whether the jobs of this process run, and end well."""
    runs = ground.node.seen.jobs
    failing = sorted(name for name, run in runs.items() if run.is_failing)
    if failing:
        return broken(f"these jobs fail: {', '.join(failing)}", "see the node's log")
    return well(f"{len(runs)} jobs run when they are due")


def as_served(name: str, check: Look) -> Look:
    """A check that only the serving process can make. Another process reads what it found within the last hours."""

    def look_at(ground: Ground) -> Found:
        if ground.is_serving:
            return check(ground)
        row = ground.session.get(CheckResult, name)
        if row is None:
            return unknown(
                "the node has not looked yet: it does so each hour, and when a lead taps Look now on This server"
            )
        if ground.now - row.at > _LATE_LOOK:
            return look(f"the node last looked at {row.at:%Y-%m-%d %H:%M} UTC", "start the node, or start it again")
        states: dict[str, State] = {"well": "well", "look": "look", "broken": "broken"}
        return Found(states.get(row.state, "unknown"), f"{row.says} (at {row.at:%H:%M} UTC)", row.fix)

    return look_at
