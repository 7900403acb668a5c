"""Runs the steps against the local cloud and moto, and compares the answers field by field.

    compare_moto.py LOCAL_URL MOTO_URL            fails where moto.md does not list just what differs
    compare_moto.py LOCAL_URL MOTO_URL --write    writes moto.md anew and keeps what it says of each
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
from endpoint import ACCESS_KEY
from endpoint import REGION
from endpoint import Clients
from steps import CLUSTER
from steps import Place
from steps import Steps

TABLE = Path(__file__).with_name("moto.md")
ABSENT = "absent"
LONGEST = 60
SIDES = ("local cloud", "moto", "both", "neither")

# What is made up by each side for itself.
MADE_UP = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\b(subnet|vpc|sg)-[0-9a-z]+"), r"\1-ID"),
    (re.compile(r"ecs-svc/[0-9]+"), "ecs-svc/ID"),
    (re.compile(r"scalable-target/.*"), "scalable-target/ID"),
    (re.compile(r"\b[0-9a-f]{15,}\b"), "ID"),
    (re.compile(r"front-\w+\.eu-west-1\.elb"), "front-ID.eu-west-1.elb"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ][\d:.]+(Z|\+00:00)?"), "TIME"),
    (re.compile(r"\b(10|172|192)(\.\d{1,3}){3}\b"), "ADDRESS"),
]

# One resource is one structure, whether an answer holds one or a list of them.
SAME_THING = [
    (re.compile(r"^(service|cluster|taskSet)(s\[\])?(?=\.)"), r"\1"),
    (re.compile(r"^service\.taskSets\[\]"), "taskSet"),
]

Row = tuple[str, str, str, str]


def normal(value: Any) -> Any:
    """The same without what each side makes up for itself."""
    if isinstance(value, datetime):
        return "TIME"
    if isinstance(value, str):
        for pattern, instead in MADE_UP:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, list):
        keys = [name for name in ("Key", "key", "name") if value and all(
            isinstance(it, dict) and set(it) in ({name, "Value"}, {name, "value"}) for it in value
        )]  # fmt: skip
        if keys:
            # tags and attributes have no order
            return {it[keys[0]]: normal(it.get("Value", it.get("value"))) for it in value}
        return [normal(item) for item in value]
    if isinstance(value, dict):
        # how many events there are is chance
        kept = {**value, "events": ["EVENTS"]} if value.get("events") else value
        return {name: normal(item) for name, item in kept.items()}
    return value


def shown(value: Any) -> str:
    """A value in a cell of the table."""
    text = value if value == ABSENT else json.dumps(value, sort_keys=True)
    text = text.replace("|", "/")
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]}…{text[-half:]}"


def differences(path: str, local: Any, moto: Any) -> Iterator[tuple[str, str, str]]:
    """Where two answers differ; what one side lacks altogether is told of once."""
    if isinstance(local, dict) and isinstance(moto, dict):
        for name in sorted(local.keys() | moto.keys()):
            below = f"{path}.{name}" if path else name
            yield from differences(below, local.get(name, ABSENT), moto.get(name, ABSENT))
    elif isinstance(local, list) and isinstance(moto, list) and len(local) == len(moto):
        for ours, theirs in zip(local, moto):
            yield from differences(f"{path}[]", ours, theirs)
    elif isinstance(local, list) and isinstance(moto, list):
        yield path, f"{len(local)} items", f"{len(moto)} items"
    elif type(local) is not type(moto) or local != moto:
        yield path, shown(local), shown(moto)


def compare(local: Steps, moto: Steps) -> list[Row]:
    """Every difference once, with the operations that show it."""
    found: dict[tuple[str, str, str], set[str]] = {}
    if [name for name, _ in local.answers] != [name for name, _ in moto.answers]:
        raise SystemExit("the two sides were not asked the same")
    for (operation, ours), (_, theirs) in zip(local.answers, moto.answers):
        for field, of_local, of_moto in differences("", normal(ours), normal(theirs)):
            for pattern, instead in SAME_THING:
                field = pattern.sub(instead, field)
            found.setdefault((field, of_local, of_moto), set()).add(operation)
    return sorted((", ".join(sorted(of)), *what) for what, of in found.items())


def read_table() -> dict[Row, tuple[str, str]]:
    """The listed differences, each with the side that follows AWS and why."""
    rows = {}
    for line in TABLE.read_text().splitlines() if TABLE.exists() else ():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `") and len(cells) == 6:
            operation, field, local, moto = (cell.strip("`") for cell in cells[:4])
            rows[operation, field, local, moto] = (cells[4], cells[5])
    return rows


def write_table(rows: list[Row]) -> None:
    known = read_table()
    head, _, _ = TABLE.read_text().partition("| operation ")
    lines = ["| operation | field | local cloud | moto | follows AWS | why |\n", "|" + "---|" * 6, "\n"]
    for row in rows:
        side, why = known.get(row, ("?", "?"))
        cells = [*(f"`{cell}`" for cell in row), side, why]
        lines.append(f"| {' | '.join(cells)} |\n")
    TABLE.write_text(head + "".join(lines))


def check(rows: list[Row]) -> int:
    known = read_table()
    new = [row for row in rows if row not in known]
    gone = [row for row in known if row not in rows]
    unjudged = [row for row, (side, why) in known.items() if side not in SIDES or "?" in why]
    for title, found in (("new", new), ("listed, but gone", gone), ("listed unjudged", unjudged)):
        for operation, field, local, moto in found:
            print(f"{title}: {operation} {field}: local cloud {local}, moto {moto}")
    return 1 if new or gone or unjudged else 0


def run_local(url: str) -> Steps:
    clients = Clients.of(url, checked=True)

    def still(service: dict[str, Any]) -> bool:
        states = [it["rolloutState"] for it in service["deployments"]]
        sets = [it["stabilityStatus"] for it in service.get("taskSets", ())]
        full = not states or service["runningCount"] == service["desiredCount"]
        steady = service["status"] != "DRAINING" and service["pendingCount"] == 0
        return full and steady and set(states) <= {"COMPLETED"} and set(sets) <= {"STEADY_STATE"}

    def settle() -> None:
        for _ in range(240):
            known = clients.ecs.describe_services(**CLUSTER, services=["web", "sets"])["services"]
            if all(still(service) for service in known):
                return
            time.sleep(0.25)
        raise SystemExit(f"the local cloud did not come to rest: {known}")

    steps = Steps(clients, Place("vpc-1", ["subnet-1", "subnet-2"], "sg-1"), settle)
    steps.all()
    return steps


def run_moto(url: str) -> Steps:
    """moto wants subnets that exist, and needs no time."""
    ec2 = boto3.client(
        "ec2", endpoint_url=url, region_name=REGION, aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key="none",
    )  # fmt: skip
    subnets = ec2.describe_subnets()["Subnets"][:2]
    [group] = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"]
    place = Place(subnets[0]["VpcId"], [it["SubnetId"] for it in subnets], group["GroupId"])
    steps = Steps(Clients.of(url, checked=False), place, lambda: None)
    steps.all()
    return steps


def main(local_url: str, moto_url: str, *more: str) -> int:
    local, moto = run_local(local_url), run_moto(moto_url)
    rows = compare(local, moto)
    if more == ("--write",):
        write_table(rows)
        return 0
    print(f"{len(local.answers)} calls compared, {len(rows)} differences")
    return check(rows)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
