"""Fails where boto3 has not called an operation that the local cloud models.

The local cloud counts calls by caller; what boto3 called was checked against the model on the way.
"""

from __future__ import annotations

import sys

from endpoint import ACCESS_KEY
from endpoint import Clients


def main(url: str) -> int:
    cloud = Clients.of(url, checked=False)
    modelled = set(cloud.door("operations"))
    by_actor = cloud.door("calls")["byActor"]
    called = {it["operation"] for it in by_actor if it["actor"] == ACCESS_KEY}
    missed = sorted(modelled - called)
    print(f"{len(modelled) - len(missed)} of {len(modelled)} modelled operations called by boto3")
    for operation in missed:
        print(f"never called: {operation}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
