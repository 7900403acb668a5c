"""Builds a whole account from outside, in an empty one."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import Any

from endpoint import Clients

CLUSTER = "shop"
SUBNETS = ["subnet-0a", "subnet-0b"]
NETWORK = {"awsvpcConfiguration": {"subnets": SUBNETS, "securityGroups": ["sg-1"]}}
GROUPS = ("blue", "green", "plain")


def definition(family: str, image: str) -> dict[str, Any]:
    """A task definition with one container."""
    container = {
        "name": "app",
        "image": image,
        "cpu": 128,
        "memory": 256,
        "essential": True,
        "portMappings": [{"containerPort": 80, "protocol": "tcp"}],
        "environment": [{"name": "STAGE", "value": "test"}],
    }
    return {
        "family": family,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [container],
        "tags": [{"key": "team", "value": "shop"}],
    }


def forward(weights: dict[str, int], *, sticky: int | None = None) -> dict[str, Any]:
    """An action that forwards to these groups by weight."""
    stickiness: dict[str, Any] = {"Enabled": sticky is not None}
    if sticky is not None:
        stickiness["DurationSeconds"] = sticky
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
    config = {"TargetGroups": groups, "TargetGroupStickinessConfig": stickiness}
    return {"Type": "forward", "ForwardConfig": config}


def path_is(pattern: str) -> list[dict[str, Any]]:
    return [{"Field": "path-pattern", "PathPatternConfig": {"Values": [pattern]}}]


def alarm(name: str, **more: Any) -> dict[str, Any]:
    """A metric alarm over a metric of our own."""
    return {
        "AlarmName": name,
        "Namespace": "Shop",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "Service", "Value": "rolling"}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
        # a state that was set stays: CloudWatch would soon decide anew
        "TreatMissingData": "ignore",
        **more,
    }


@dataclass
class World:
    """The account: three services (one for each deployment controller) behind one load balancer."""

    clients: Clients
    groups: dict[str, str] = field(default_factory=dict)
    definitions: list[str] = field(default_factory=list)
    balancer: str = ""
    listener: str = ""
    rules: list[str] = field(default_factory=list)
    task_sets: list[str] = field(default_factory=list)

    @classmethod
    def build(cls, clients: Clients) -> World:
        world = cls(clients)
        clients.ecs.create_cluster(clusterName=CLUSTER)
        for image in ("shop:1", "shop:2"):
            made = clients.ecs.register_task_definition(**definition("web", image))
            world.definitions.append(made["taskDefinition"]["taskDefinitionArn"])
        world.build_balancer()
        world.build_services()
        world.build_alarms()
        return world

    def build_balancer(self) -> None:
        elb = self.clients.elb
        made = elb.create_load_balancer(Name="front", Subnets=SUBNETS, SecurityGroups=["sg-1"])
        self.balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
        for name in GROUPS:
            made = elb.create_target_group(
                Name=name, Protocol="HTTP", Port=80, VpcId="vpc-1", TargetType="ip",
                HealthCheckPath="/ready", HealthCheckIntervalSeconds=10,
            )  # fmt: skip
            self.groups[name] = made["TargetGroups"][0]["TargetGroupArn"]
        refusal = {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "nothing here"}
        made = elb.create_listener(
            LoadBalancerArn=self.balancer,
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": refusal}],
        )
        self.listener = made["Listeners"][0]["ListenerArn"]
        weighted = forward({self.groups["blue"]: 100, self.groups["green"]: 0}, sticky=300)
        plain = {"Type": "forward", "TargetGroupArn": self.groups["plain"]}
        for priority, (pattern, action) in enumerate([("/a/*", weighted), ("/b/*", plain)], 1):
            made = elb.create_rule(
                ListenerArn=self.listener,
                Priority=priority * 10,
                Conditions=path_is(pattern),
                Actions=[action],
            )
            self.rules.append(made["Rules"][0]["RuleArn"])

    def balanced(self, group: str) -> list[dict[str, Any]]:
        arn = self.groups[group]
        return [{"targetGroupArn": arn, "containerName": "app", "containerPort": 80}]

    def build_services(self) -> None:
        ecs = self.clients.ecs
        ecs.create_service(
            cluster=CLUSTER, serviceName="sets", desiredCount=2,
            deploymentController={"type": "EXTERNAL"},
        )  # fmt: skip
        for revision, (group, percent) in zip(self.definitions, [("blue", 100.0), ("green", 50.0)]):
            made = ecs.create_task_set(
                cluster=CLUSTER, service="sets", externalId=f"by-{group}", taskDefinition=revision,
                launchType="FARGATE", networkConfiguration=NETWORK,
                loadBalancers=self.balanced(group), scale={"value": percent, "unit": "PERCENT"},
                clientToken=f"token-{group}",
            )  # fmt: skip
            self.task_sets.append(made["taskSet"]["taskSetArn"])
        ecs.update_service_primary_task_set(
            cluster=CLUSTER, service="sets", primaryTaskSet=self.task_sets[0]
        )
        for name, controller in (("rolling", "ECS"), ("stored", "CODE_DEPLOY")):
            balanced = {"loadBalancers": self.balanced("plain")} if name == "rolling" else {}
            ecs.create_service(
                cluster=CLUSTER, serviceName=name, desiredCount=2, taskDefinition=self.definitions[0],
                deploymentController={"type": controller}, launchType="FARGATE",
                networkConfiguration=NETWORK, tags=[{"key": "team", "value": "shop"}], **balanced,
            )  # fmt: skip

    def build_alarms(self) -> None:
        cloudwatch = self.clients.cloudwatch
        cloudwatch.put_metric_alarm(**alarm("errors"))
        of_two = [
            {"Id": "all", "Expression": "a + b", "Label": "both"},
            self.query("a", "Errors"),
            self.query("b", "Failures"),
        ]
        cloudwatch.put_metric_alarm(
            AlarmName="sum", Metrics=of_two, EvaluationPeriods=2, DatapointsToAlarm=1,
            Threshold=9.0, ComparisonOperator="GreaterThanOrEqualToThreshold",
        )  # fmt: skip
        cloudwatch.put_composite_alarm(
            AlarmName="any", AlarmRule='ALARM("errors") OR ALARM("sum")', AlarmDescription="either"
        )

    @staticmethod
    def query(name: str, metric: str) -> dict[str, Any]:
        dimensions = [{"Name": "Service", "Value": "rolling"}]
        named = {"Namespace": "Shop", "MetricName": metric, "Dimensions": dimensions}
        stat = {"Metric": named, "Period": 60, "Stat": "Sum"}
        return {"Id": name, "MetricStat": stat, "ReturnData": False}
