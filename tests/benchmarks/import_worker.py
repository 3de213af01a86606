"""The worker's import thread as a process of its own, which says at the end how it held the database."""

from __future__ import annotations

import json
import resource
import sys
import time

from portal import rounds
from portal.ground.import_desk import Pace
from portal.terminal import opened


def main(seconds: float) -> None:
    pace, end, idle = Pace(), time.monotonic() + seconds, 0
    with opened():
        while time.monotonic() < end and idle < 3:
            idle = 0 if rounds.import_something(pace) else idle + 1
            if idle:
                time.sleep(0.1)
    own, reader = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    said = {
        "longest_ms": 1000 * pace.longest, "worker_mb": own.ru_maxrss / 1024, "reader_mb": reader.ru_maxrss / 1024,
        "cpu": sum(used.ru_utime + used.ru_stime for used in (own, reader)),
    }  # fmt: skip
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]))
