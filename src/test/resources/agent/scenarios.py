"""Plays scenarios with the agent's true program in virtual time: `scenarios.py AGENT TABLE`; prints what differs.

The table is shared by all models of the agent. A scenario is a list of rounds, each at a time of the clock (mm:ss). What
the agent meets stays as it is until a round changes it:

  other, own   what that region's load balancer shows: a list of signs, "silent", or "unclear" (it answers something else)
  database     "leader", "replica" or "silent"; its tables, and whether all of them are lockable
  hereTakes, thereTakes, groupTakes   whether CloudWatch of a region takes reports, and the group its size
  stubborn     whether the workload runs on when it is told to stop
  agent        "restarts" or "boots", before this round

and what must follow is of this round alone: whether the workload "runs" or is "stopped", what is tried to be put `here`
and `there`, and whether the group is "asked" for zero. What is not written must not happen.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

MEETS = {
    "other": [],
    "own": [],
    "database": "leader",
    "tables": ["orders"],
    "lockable": True,
    "hereTakes": True,
    "thereTakes": True,
    "groupTakes": True,
    "stubborn": False,
}
HERE, THERE = "eu-central-1", "eu-west-1"


class Instance:
    """The program's module, with everything that it reaches replaced."""

    def __init__(self, program: str, folder: Path, now: float) -> None:
        self.meets = dict(MEETS)
        self.now = now
        self.running = False
        self.seen: dict = {}
        os.environ.update(
            PILOTLIGHT_WORKLOAD="shop",
            PILOTLIGHT_REGION="primary",
            PILOTLIGHT_OTHER_AWS_REGION=THERE,
            PILOTLIGHT_OTHER_HOST="other",
            PILOTLIGHT_OWN_HOST="own",
            PILOTLIGHT_DATABASE_TERM="0",
            AWS_REGION=HERE,
            RUNTIME_DIRECTORY=str(folder),
            STATE_DIRECTORY=str(folder),
        )
        self.module = {"__name__": "agent", "print": lambda *_, **__: None}
        exec(compile(program, "agent.py", "exec"), self.module)  # noqa: S102
        self.module.update(
            time=self,
            look=self.look,
            systemctl=self.systemctl,
            Server=lambda *_: self,
            put_metrics=self.put_metrics,
            empty_group=self.empty_group,
        )
        instance = self

        class Heart(self.module["Heart"]):
            def beat(self) -> bool:
                if instance.meets["database"] == "silent":
                    raise ConnectionError("silent")
                return instance.meets["database"] == "leader"

            def connect(self) -> Instance:
                if instance.meets["database"] == "silent":
                    raise ConnectionError("silent")
                return instance

        self.module.update(Heart=Heart)
        self.start()

    def start(self) -> None:
        self.agent = self.module["Agent"]()

    # the lock's connection

    def query(self, sql: str) -> list:
        if self.meets["database"] == "silent" or (sql.startswith("LOCK") and not self.meets["lockable"]):
            raise self.module["DatabaseError"](b"Mnot lockable\0C55P03\0")
        return list(self.meets["tables"]) if sql == self.module["TABLES"] else []

    def close(self) -> None:
        pass

    # time, and the stand-in's server

    def time(self) -> float:
        return self.now

    def serve_forever(self, *_: object) -> None:
        pass

    shutdown = server_close = serve_forever

    # what the agent reaches

    def look(self, topic: str, host: str, wanted: list) -> dict:
        shows = self.meets[host]
        if isinstance(shows, str):
            return {}
        texts = {}
        for sign in shows:
            kind, term, *of = sign.split()
            path, text = self.module[kind](int(term))
            texts[path] = text.replace(b"shop", b"another") if of else text
        return {path: texts.get(path) == text for path, text in wanted if texts.get(path, text) == text}

    def systemctl(self, seconds: float, *arguments: str) -> str:
        if arguments[0] == "start":
            self.running = self.module["PERMIT"].exists()
        elif arguments[0] in ("stop", "kill"):
            self.running = self.running and self.meets["stubborn"]
        return "active" if self.running else "inactive"

    def put_metrics(self, region: str, metrics: dict) -> None:
        where = "here" if region == HERE else "there"
        assert where not in self.seen, f"two reports {where} in one round"
        self.seen[where] = metrics
        if not self.meets[where + "Takes"]:
            raise ConnectionError("not taken")

    def empty_group(self) -> None:
        self.seen["group"] = "asked"
        if not self.meets["groupTakes"]:
            raise ConnectionError("not taken")

    def play(self, step: dict) -> dict:
        self.now = clock(step)
        self.meets.update({key: value for key, value in step.items() if key in MEETS})
        if "agent" in step:
            if step["agent"] == "boots":
                self.running = False
                self.module["PERMIT"].unlink(missing_ok=True)
            self.start()
        self.seen = {}
        self.agent.fence()
        self.agent.pulse()
        return {**self.seen, "workload": "runs" if self.running else "stopped"}


def clock(step: dict) -> float:
    minutes, seconds = step["at"].split(":")
    return 1_764_000_000 + int(minutes) * 60 + int(seconds)


def main() -> None:
    program, table = Path(sys.argv[1]).read_text(), json.loads(Path(sys.argv[2]).read_text())
    wrong = []
    for name, steps in table.items():
        with tempfile.TemporaryDirectory() as folder:
            instance = Instance(program, Path(folder), clock(steps[0]))
            for step in steps:
                unknown = set(step) - set(MEETS) - {"at", "agent", "workload", "here", "there", "group"}
                assert not unknown, f"{name}: {unknown}"
                seen = instance.play(step)
                wanted = {key: step[key] for key in ("workload", "here", "there", "group") if key in step}
                if seen != wanted:
                    wrong.append(f"{name} at {step['at']}: {seen}, not {wanted}")
                    break
    sys.exit("\n".join(wrong) or None)


main()
