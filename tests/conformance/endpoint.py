"""boto3 clients of an endpoint."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

import shapes

SERVICES = ("ecs", "elbv2", "cloudwatch", "application-autoscaling")
REGION = "eu-west-1"
# The local cloud tells callers apart by this key, and counts for each.
ACCESS_KEY = "BOTO3"


@dataclass
class Clients:
    """One client for every service. Where `checked`, an answer outside the service's model raises."""

    url: str
    ecs: Any
    elb: Any
    cloudwatch: Any
    scaling: Any

    @classmethod
    def of(cls, url: str, *, checked: bool) -> Clients:
        # one attempt: a retry would hide an answer that botocore takes for a failure
        config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
        made = [
            boto3.client(
                service,
                endpoint_url=url,
                region_name=REGION,
                aws_access_key_id=ACCESS_KEY,
                aws_secret_access_key="none",
                config=config,
            )
            for service in SERVICES
        ]
        for client in made if checked else ():
            client.meta.events.register("after-call", shapes.check_call)
        return cls(url, *made)

    def all(self) -> tuple[Any, ...]:
        return (self.ecs, self.elb, self.cloudwatch, self.scaling)

    def door(self, path: str) -> Any:
        """What the local cloud says of itself."""
        with urllib.request.urlopen(f"{self.url}/_cutover/{path}", timeout=10) as answer:
            return json.load(answer)
