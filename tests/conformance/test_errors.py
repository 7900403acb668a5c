"""Errors are the typed exceptions of boto3, with the codes that AWS documents."""

from __future__ import annotations

import unittest
from datetime import UTC
from datetime import datetime
from typing import Any

import account
from botocore.exceptions import ClientError
from world import CLUSTER
from world import SUBNETS
from world import alarm
from world import forward
from world import path_is


class Errors(unittest.TestCase):
    def setUp(self) -> None:
        self.world = account.world()
        self.clients = self.world.clients

    def refused(self, client: Any, exception: str, method: str, **asked: Any) -> ClientError:
        with self.assertRaises(getattr(client.exceptions, exception)) as caught:
            getattr(client, method)(**asked)
        return caught.exception

    def test_ecs_tells_what_is_missing(self) -> None:
        ecs, service = self.clients.ecs, {"cluster": CLUSTER, "service": "none"}
        self.refused(ecs, "ClusterNotFoundException", "list_services", cluster="none")
        self.refused(ecs, "ServiceNotFoundException", "update_service", **service, desiredCount=1)
        answer = ecs.describe_services(cluster=CLUSTER, services=["none"])
        self.assertEqual([it["reason"] for it in answer["failures"]], ["MISSING"])
        self.refused(ecs, "ClientException", "describe_task_definition", taskDefinition="none")
        self.refused(
            ecs, "TaskSetNotFoundException", "update_task_set", cluster=CLUSTER, service="sets",
            taskSet="ecs-svc/404", scale={"value": 1.0, "unit": "PERCENT"},
        )  # fmt: skip
        answer = ecs.describe_tasks(cluster=CLUSTER, tasks=["0" * 32])
        self.assertEqual([it["reason"] for it in answer["failures"]], ["MISSING"])

    def test_ecs_refuses_what_does_not_fit(self) -> None:
        ecs = self.clients.ecs
        of_sets = {"cluster": CLUSTER, "service": "sets"}
        self.refused(
            ecs, "InvalidParameterException", "update_service", **of_sets, taskDefinition="web:1"
        )
        self.refused(ecs, "InvalidParameterException", "list_services", cluster=CLUSTER, maxResults=0)
        self.refused(ecs, "ClientException", "register_task_definition", family="x",
                     containerDefinitions=[])  # fmt: skip
        self.refused(
            ecs, "InvalidParameterException", "create_task_set", cluster=CLUSTER, service="rolling",
            taskDefinition="web:1",
        )  # fmt: skip

    def test_elb_tells_what_is_missing(self) -> None:
        elb = self.clients.elb
        gone = self.world.rules[0][:-4] + "beef"
        self.refused(elb, "RuleNotFoundException", "describe_rules", RuleArns=[gone])
        self.refused(elb, "RuleNotFoundException", "modify_rule", RuleArn=gone, Actions=[
            forward({self.world.groups["blue"]: 1})
        ])  # fmt: skip
        gone = self.world.listener[:-4] + "beef"
        self.refused(elb, "ListenerNotFoundException", "describe_listeners", ListenerArns=[gone])
        self.refused(elb, "LoadBalancerNotFoundException", "describe_load_balancers", Names=["none"])
        self.refused(elb, "TargetGroupNotFoundException", "describe_target_groups", Names=["none"])
        gone = self.world.groups["blue"][:-4] + "beef"
        self.refused(elb, "TargetGroupNotFoundException", "describe_target_health",
                     TargetGroupArn=gone)  # fmt: skip

    def test_elb_refuses_what_does_not_fit(self) -> None:
        elb, rule = self.clients.elb, self.world.rules[0]
        blue, green = self.world.groups["blue"], self.world.groups["green"]
        for weight in (1000, -1):
            error = self.refused(elb, "ClientError", "modify_rule", RuleArn=rule,
                                 Actions=[forward({blue: weight, green: 0})])  # fmt: skip
            self.assertEqual(error.response["Error"]["Code"], "ValidationError")
        taken = {"ListenerArn": self.world.listener, "Conditions": path_is("/x")}
        self.refused(elb, "PriorityInUseException", "create_rule", **taken, Priority=10,
                     Actions=[forward({blue: 1})])  # fmt: skip
        action = {"Type": "forward", "TargetGroupArn": blue}
        self.refused(elb, "DuplicateListenerException", "create_listener", Protocol="HTTP", Port=80,
                     LoadBalancerArn=self.world.balancer, DefaultActions=[action])  # fmt: skip
        self.refused(elb, "ResourceInUseException", "delete_target_group", TargetGroupArn=blue)
        self.refused(elb, "DuplicateLoadBalancerNameException", "create_load_balancer",
                     Name="front", Subnets=SUBNETS, Scheme="internal")  # fmt: skip
        [default] = [it for it in elb.describe_rules(ListenerArn=self.world.listener)["Rules"]
                     if it["IsDefault"]]  # fmt: skip
        self.refused(elb, "OperationNotPermittedException", "delete_rule",
                     RuleArn=default["RuleArn"])  # fmt: skip

    def test_cloudwatch_refuses(self) -> None:
        cloudwatch = self.clients.cloudwatch
        self.refused(cloudwatch, "ResourceNotFound", "set_alarm_state", AlarmName="none",
                     StateValue="OK", StateReason="x")  # fmt: skip
        error = self.refused(cloudwatch, "ClientError", "put_metric_alarm",
                             **alarm("bad", TreatMissingData="sometimes"))  # fmt: skip
        self.assertEqual(error.response["Error"]["Code"], "ValidationError")
        self.refused(cloudwatch, "ResourceNotFound", "delete_alarms", AlarmNames=["none"])
        at = datetime.now(UTC)
        self.refused(
            cloudwatch, "InvalidParameterValueException", "get_metric_statistics", Namespace="Shop",
            MetricName="Errors", StartTime=at, EndTime=at, Period=60, Statistics=["Sum"],
        )  # fmt: skip

    def test_what_is_not_modelled_is_refused_by_name(self) -> None:
        for client, method, operation in (
            (self.clients.ecs, "list_account_settings", "ecs:ListAccountSettings"),
            (self.clients.elb, "describe_account_limits", "elasticloadbalancing:DescribeAccountLimits"),
            (self.clients.cloudwatch, "list_dashboards", "cloudwatch:ListDashboards"),
        ):
            error = self.refused(client, "ClientError", method)
            self.assertIn(f"{operation} is not modelled", error.response["Error"]["Message"])


if __name__ == "__main__":
    unittest.main()
