"""The AWS command line, as an operator would use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

import account
from endpoint import REGION
from world import CLUSTER
from world import SUBNETS
from world import alarm
from world import definition
from world import forward


class CommandLine(unittest.TestCase):
    def setUp(self) -> None:
        self.world = account.world()

    def run_aws(self, *words: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).with_name("aws")
        environment = {
            "PATH": os.defpath,
            "AWS_ACCESS_KEY_ID": "AWSCLI",
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
        }
        where = ["--endpoint-url", self.world.clients.url, "--region", REGION, "--output", "json"]
        return subprocess.run(
            [sys.executable, program, *where, *words],
            env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def aws(self, *words: str) -> Any:
        """What a command answers."""
        done = self.run_aws(*words)
        self.assertEqual(done.returncode, 0, f"aws {' '.join(words)}\n{done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def test_a_service_is_made_updated_awaited_and_deleted(self) -> None:
        document = json.dumps(definition("cli", "shop:1"))
        made = self.aws("ecs", "register-task-definition", "--cli-input-json", document)
        self.assertEqual(made["taskDefinition"]["status"], "ACTIVE")
        self.assertTrue(made["taskDefinition"]["taskDefinitionArn"].endswith("/cli:1"))
        of = ("--cluster", CLUSTER, "--service", "cli")
        network = f"awsvpcConfiguration={{subnets=[{SUBNETS[0]}]}}"
        self.aws("ecs", "create-service", "--cluster", CLUSTER, "--service-name", "cli",
                 "--task-definition", "cli", "--desired-count", "1", "--launch-type", "FARGATE",
                 "--network-configuration", network)  # fmt: skip
        self.aws("ecs", "wait", "services-stable", "--cluster", CLUSTER, "--services", "cli")
        updated = self.aws("ecs", "update-service", *of, "--desired-count", "0")["service"]
        self.assertEqual((updated["serviceName"], updated["desiredCount"]), ("cli", 0))
        shown = self.aws("ecs", "describe-services", "--cluster", CLUSTER, "--services", "cli", "no")
        self.assertEqual([it["serviceName"] for it in shown["services"]], ["cli"])
        self.assertEqual([it["reason"] for it in shown["failures"]], ["MISSING"])
        self.aws("ecs", "delete-service", *of, "--force")
        gone = self.aws("ecs", "deregister-task-definition", "--task-definition", "cli:1")
        self.assertEqual(gone["taskDefinition"]["status"], "INACTIVE")

    def test_rules_are_changed_and_shown(self) -> None:
        rule = self.world.rules[0]
        blue, green = self.world.groups["blue"], self.world.groups["green"]
        for weights in ({blue: 40, green: 60}, {blue: 100, green: 0}):
            actions = json.dumps([forward(weights, sticky=300)])
            self.aws("elbv2", "modify-rule", "--rule-arn", rule, "--actions", actions)
            shown = self.aws("elbv2", "describe-rules", "--rule-arns", rule)["Rules"][0]
            groups = shown["Actions"][0]["ForwardConfig"]["TargetGroups"]
            self.assertEqual({it["TargetGroupArn"]: it["Weight"] for it in groups}, weights)
        health = self.aws("elbv2", "describe-target-health", "--target-group-arn", blue)
        self.assertGreaterEqual(len(health["TargetHealthDescriptions"]), 1)

    def test_alarms_are_set_and_shown(self) -> None:
        document = json.dumps(alarm("by-cli"))
        self.aws("cloudwatch", "put-metric-alarm", "--cli-input-json", document)
        for state in ("ALARM", "OK"):
            self.aws("cloudwatch", "set-alarm-state", "--alarm-name", "by-cli",
                     "--state-value", state, "--state-reason", "by hand")  # fmt: skip
            [shown] = self.aws("cloudwatch", "describe-alarms", "--alarm-names", "by-cli")[
                "MetricAlarms"
            ]
            self.assertEqual((shown["StateValue"], shown["StateReason"]), (state, "by hand"))
        self.aws("cloudwatch", "put-metric-data", "--namespace", "Cli", "--metric-name", "Seen",
                 "--value", "3")  # fmt: skip
        [metric] = self.aws("cloudwatch", "list-metrics", "--namespace", "Cli")["Metrics"]
        self.assertEqual(metric["MetricName"], "Seen")
        self.aws("cloudwatch", "delete-alarms", "--alarm-names", "by-cli")

    def test_an_error_is_told_by_its_code(self) -> None:
        failed = self.run_aws("ecs", "update-service", "--cluster", CLUSTER, "--service", "none")
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn("(ServiceNotFoundException)", failed.stderr)


if __name__ == "__main__":
    unittest.main()
