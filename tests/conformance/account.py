"""The account of the tests: built once for all of them, on the local cloud at `CUTOVER_URL`."""

from __future__ import annotations

import functools
import os
import time
import traceback
from collections.abc import Callable

from endpoint import Clients
from world import CLUSTER
from world import World

# The simulated seconds pass quickly: a waiter asks often, for at most a minute of real time.
PATIENCE = {"Delay": 0.5, "MaxAttempts": 120}


@functools.cache
def build() -> World | Exception:
    """Tries to build it, once."""
    try:
        built = World.build(Clients.of(os.environ["CUTOVER_URL"], checked=True))
        settle(built, "rolling")
    except Exception as trouble:
        traceback.print_exc()
        return trouble
    return built


def world() -> World:
    built = build()
    if isinstance(built, Exception):
        raise AssertionError("the account could not be built; the reason is above") from None
    return built


def settle(built: World, *services: str) -> None:
    """Waits with botocore's own waiter."""
    waiter = built.clients.ecs.get_waiter("services_stable")
    waiter.wait(cluster=CLUSTER, services=list(services), WaiterConfig=PATIENCE)


def until(seen: Callable[[], bool], what: str) -> None:
    """Looks until it is so; for what botocore has no waiter."""
    for _ in range(PATIENCE["MaxAttempts"]):
        if seen():
            return
        time.sleep(PATIENCE["Delay"])
    raise AssertionError(f"it never came about that {what}")
