"""One script of steps for any endpoint: every operation that moto and the local cloud both know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError
from endpoint import Clients
from world import alarm
from world import definition
from world import forward
from world import path_is

CLUSTER = {"cluster": "c"}
SERVICE = {"cluster": "c", "service": "web"}
SETS = {"cluster": "c", "service": "sets"}
SCALABLE = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/c/web",
    "ScalableDimension": "ecs:service:DesiredCount",
}

# What tasks do while nobody looks: told by an answer only after everything has come to rest.
MOVING = {
    "deployments",
    "events",
    "healthStatus",
    "lastStatus",
    "pendingCount",
    "runningCount",
    "runningTasksCount",
    "pendingTasksCount",
    "stabilityStatus",
    "status",
}


def still(answer: Any) -> Any:
    """The same without what may move meanwhile."""
    if isinstance(answer, dict):
        return {name: still(value) for name, value in answer.items() if name not in MOVING}
    if isinstance(answer, list):
        return [still(value) for value in answer]
    return answer


@dataclass
class Place:
    """Where a service's tasks may run."""

    vpc: str
    subnets: list[str]
    security_group: str

    @property
    def network(self) -> dict[str, Any]:
        given = {"subnets": self.subnets, "securityGroups": [self.security_group]}
        return {"awsvpcConfiguration": given}


@dataclass
class Steps:
    """Makes the calls and keeps what was answered, an error too."""

    clients: Clients
    place: Place
    settle: Callable[[], None]
    answers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    settled: bool = False

    def rest(self) -> None:
        """Waits until nothing changes any more."""
        self.settle()
        self.settled = True

    def ask(self, client: Any, method: str, **asked: Any) -> dict[str, Any]:
        operation = client.meta.method_to_api_mapping[method]
        name = f"{client.meta.service_model.endpoint_prefix}:{operation}"
        try:
            answer = getattr(client, method)(**asked)
            answer.pop("ResponseMetadata")
        except ClientError as error:
            # messages are nobody's contract; a code is
            answer = {"Error": {"Code": error.response["Error"]["Code"]}}
        self.settled = self.settled and operation.startswith(("Describe", "List"))
        self.answers.append((name, answer if self.settled else still(answer)))
        return answer

    def ecs(self, method: str, **asked: Any) -> dict[str, Any]:
        return self.ask(self.clients.ecs, method, **asked)

    def elb(self, method: str, **asked: Any) -> dict[str, Any]:
        return self.ask(self.clients.elb, method, **asked)

    def cloudwatch(self, method: str, **asked: Any) -> dict[str, Any]:
        return self.ask(self.clients.cloudwatch, method, **asked)

    def scaling(self, method: str, **asked: Any) -> dict[str, Any]:
        return self.ask(self.clients.scaling, method, **asked)

    def all(self) -> None:
        self.definitions()
        self.balancers()
        self.rules()
        self.services()
        self.task_sets()
        self.alarms()
        self.scalable_targets()
        self.deletions()

    def definitions(self) -> None:
        self.ecs("create_cluster", clusterName="c", tags=[{"key": "k", "value": "v"}])
        self.ecs("describe_clusters", clusters=["c", "none"], include=["TAGS"])
        for image in ("web:1", "web:2"):
            self.ecs("register_task_definition", **definition("web", image))
        for name in ("web", "web:1", "none"):
            self.ecs("describe_task_definition", taskDefinition=name, include=["TAGS"])
        self.ecs("register_task_definition", family="web", containerDefinitions=[])
        self.ecs("list_task_definitions", familyPrefix="web", sort="DESC")
        self.ecs("list_task_definition_families")

    def balancers(self) -> None:
        made = self.elb(
            "create_load_balancer", Name="front", Subnets=self.place.subnets,
            SecurityGroups=[self.place.security_group], Tags=[{"Key": "k", "Value": "v"}],
        )  # fmt: skip
        self.balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
        self.groups = {}
        for name in ("blue", "green"):
            made = self.elb(
                "create_target_group", Name=name, Protocol="HTTP", Port=80, VpcId=self.place.vpc,
                TargetType="ip", HealthCheckPath="/ready",
            )  # fmt: skip
            self.groups[name] = made["TargetGroups"][0]["TargetGroupArn"]
        blue = self.groups["blue"]
        given = [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}]
        self.elb("modify_target_group_attributes", TargetGroupArn=blue, Attributes=given)
        self.elb("describe_target_group_attributes", TargetGroupArn=blue)
        self.elb("modify_target_group", TargetGroupArn=blue, HealthyThresholdCount=3)
        self.elb("describe_load_balancers", Names=["front"])
        self.elb("describe_load_balancers", Names=["none"])
        self.elb("describe_load_balancer_attributes", LoadBalancerArn=self.balancer)
        given = [{"Key": "idle_timeout.timeout_seconds", "Value": "90"}]
        self.elb("modify_load_balancer_attributes", LoadBalancerArn=self.balancer, Attributes=given)
        refusal = {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no"}
        fixed = {"Type": "fixed-response", "FixedResponseConfig": refusal}
        listen = {"LoadBalancerArn": self.balancer, "Protocol": "HTTP", "Port": 80}
        made = self.elb("create_listener", **listen, DefaultActions=[fixed])
        self.listener = made["Listeners"][0]["ListenerArn"]
        self.elb("create_listener", **listen, DefaultActions=[fixed])
        self.elb("describe_listeners", LoadBalancerArn=self.balancer)
        weighted = forward({blue: 90, self.groups["green"]: 10})
        self.elb("modify_listener", ListenerArn=self.listener, DefaultActions=[weighted])
        self.elb("describe_target_groups", LoadBalancerArn=self.balancer)
        self.elb("describe_target_groups", Names=["none"])

    def rules(self) -> None:
        blue, green = self.groups["blue"], self.groups["green"]
        place = {"ListenerArn": self.listener, "Conditions": path_is("/a/*")}
        weighted = forward({blue: 100, green: 0}, sticky=300)
        made = self.elb("create_rule", **place, Priority=10, Actions=[weighted])
        rule = made["Rules"][0]["RuleArn"]
        plain = {"Type": "forward", "TargetGroupArn": blue}
        made = self.elb("create_rule", **place, Priority=20, Actions=[plain])
        second = made["Rules"][0]["RuleArn"]
        self.elb("create_rule", **place, Priority=10, Actions=[plain])
        for weight in (60, 1000):
            changed = forward({blue: weight, green: 40}, sticky=300)
            self.elb("modify_rule", RuleArn=rule, Actions=[changed])
        self.elb("modify_rule", RuleArn=rule[:-4] + "beef", Actions=[plain])
        self.elb("modify_rule", RuleArn=rule, Actions=[forward({blue[:-4] + "beef": 1})])
        self.elb("describe_rules", ListenerArn=self.listener)
        self.elb("set_rule_priorities", RulePriorities=[{"RuleArn": second, "Priority": 5}])
        self.elb("describe_rules", RuleArns=[rule])
        self.elb("describe_rules", RuleArns=[rule[:-4] + "beef"])
        self.elb("add_tags", ResourceArns=[rule, blue], Tags=[{"Key": "who", "Value": "me"}])
        self.elb("describe_tags", ResourceArns=[rule, blue])
        self.elb("remove_tags", ResourceArns=[rule], TagKeys=["who"])
        self.elb("describe_tags", ResourceArns=[rule])
        self.elb("delete_target_group", TargetGroupArn=blue)
        self.elb("delete_rule", RuleArn=second)

    def services(self) -> None:
        self.ecs(
            "create_service", **CLUSTER, serviceName="web", desiredCount=2, taskDefinition="web:1",
            launchType="FARGATE", networkConfiguration=self.place.network,
            deploymentConfiguration={
                "minimumHealthyPercent": 50, "maximumPercent": 150,
                "deploymentCircuitBreaker": {"enable": True, "rollback": False},
            },
        )  # fmt: skip
        self.rest()
        self.ecs("describe_services", **CLUSTER, services=["web", "none"], include=["TAGS"])
        self.ecs("list_services", **CLUSTER)
        self.ecs("list_services", cluster="none")
        self.ecs("update_service", **SERVICE, taskDefinition="web:2")
        self.rest()
        self.ecs("update_service", **SERVICE, desiredCount=3)
        self.rest()
        self.ecs("describe_services", **CLUSTER, services=["web"])
        self.ecs("update_service", cluster="c", service="none", desiredCount=1)
        tasks = self.ecs("list_tasks", **CLUSTER, serviceName="web")
        self.ecs("describe_tasks", **CLUSTER, tasks=tasks["taskArns"][:1] or ["0" * 32])
        self.ecs("list_service_deployments", **SERVICE)

    def task_sets(self) -> None:
        self.ecs("create_service", **CLUSTER, serviceName="sets", desiredCount=2,
                 deploymentController={"type": "EXTERNAL"})  # fmt: skip
        balanced = [
            {"targetGroupArn": self.groups["blue"], "containerName": "app", "containerPort": 80}
        ]
        creation = {
            "taskDefinition": "web:1", "launchType": "FARGATE", "externalId": "first",
            "networkConfiguration": self.place.network, "loadBalancers": balanced,
            "scale": {"value": 100.0, "unit": "PERCENT"}, "clientToken": "token",
        }  # fmt: skip
        made = self.ecs("create_task_set", **SETS, **creation)["taskSet"]
        again = self.ecs("create_task_set", **SETS, **creation)["taskSet"]
        self.answers.append(
            ("ecs:CreateTaskSet", {"the same for the same token": made["id"] == again["id"]})
        )
        self.rest()
        self.ecs("describe_task_sets", **SETS, taskSets=[made["id"]], include=["TAGS"])
        scale = {"value": 50.0, "unit": "PERCENT"}
        self.ecs("update_task_set", **SETS, taskSet=made["id"], scale=scale)
        self.ecs("update_task_set", **SETS, taskSet="ecs-svc/404", scale=scale)
        self.ecs("update_service_primary_task_set", **SETS, primaryTaskSet=made["taskSetArn"])
        self.ecs("update_service", **SETS, taskDefinition="web:2")
        self.ecs("describe_services", **CLUSTER, services=["sets"])
        self.ecs("delete_task_set", **SETS, taskSet=made["id"])
        self.ecs("create_task_set", **SERVICE, **creation)
        self.rest()
        known = self.ecs("describe_services", **CLUSTER, services=["sets"])["services"]
        arn = known[0]["serviceArn"]
        self.ecs("tag_resource", resourceArn=arn, tags=[{"key": "who", "value": "me"}])
        self.ecs("list_tags_for_resource", resourceArn=arn)
        self.ecs("untag_resource", resourceArn=arn, tagKeys=["who"])

    def alarms(self) -> None:
        self.cloudwatch("put_metric_alarm", **alarm("errors"))
        described = self.cloudwatch("describe_alarms", AlarmNames=["errors", "none"])
        state = {"StateReason": "by hand", "StateValue": "ALARM"}
        self.cloudwatch("set_alarm_state", AlarmName="errors", **state)
        self.cloudwatch("set_alarm_state", AlarmName="none", **state)
        self.cloudwatch("describe_alarms", AlarmNamePrefix="err", StateValue="ALARM")
        self.cloudwatch("put_composite_alarm", AlarmName="any", AlarmRule='ALARM("errors")')
        self.cloudwatch("describe_alarms", AlarmTypes=["CompositeAlarm"])
        self.cloudwatch("describe_alarm_history", AlarmName="errors")
        arn = described["MetricAlarms"][0]["AlarmArn"]
        self.cloudwatch("tag_resource", ResourceARN=arn, Tags=[{"Key": "k", "Value": "v"}])
        self.cloudwatch("list_tags_for_resource", ResourceARN=arn)
        self.cloudwatch("untag_resource", ResourceARN=arn, TagKeys=["k"])
        at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=10)
        dimensions = [{"Name": "D", "Value": "v"}]
        metric = {"Namespace": "N", "MetricName": "M", "Dimensions": dimensions}
        data = [
            {"MetricName": "M", "Dimensions": dimensions, "Timestamp": at, "Value": value}
            for value in (1.0, 3.0)
        ]
        self.cloudwatch("put_metric_data", Namespace="N", MetricData=data)
        self.cloudwatch("list_metrics", Namespace="N")
        during = {"StartTime": at, "EndTime": at + timedelta(minutes=3)}
        stat = {"Metric": metric, "Period": 60, "Stat": "Average"}
        self.cloudwatch("get_metric_data", MetricDataQueries=[{"Id": "m", "MetricStat": stat}],
                        **during)  # fmt: skip
        self.cloudwatch("get_metric_statistics", **metric, **during, Period=60,
                        Statistics=["Sum", "SampleCount"])  # fmt: skip
        self.cloudwatch("disable_alarm_actions", AlarmNames=["errors"])
        self.cloudwatch("describe_alarms", AlarmNames=["errors"])
        self.cloudwatch("delete_alarms", AlarmNames=["any"])
        self.cloudwatch("delete_alarms", AlarmNames=["errors"])

    def scalable_targets(self) -> None:
        self.scaling("register_scalable_target", **SCALABLE, MinCapacity=1, MaxCapacity=4)
        suspended = {"DynamicScalingInSuspended": True}
        self.scaling("register_scalable_target", **SCALABLE, SuspendedState=suspended)
        self.scaling("describe_scalable_targets", ServiceNamespace="ecs")
        self.scaling("deregister_scalable_target", **SCALABLE)
        self.scaling("deregister_scalable_target", **SCALABLE)

    def deletions(self) -> None:
        self.ecs("delete_cluster", **CLUSTER)
        self.ecs("delete_service", **SERVICE)
        self.ecs("delete_service", **SERVICE, force=True)
        self.rest()
        self.ecs("describe_services", **CLUSTER, services=["web"])
        self.ecs("deregister_task_definition", taskDefinition="web:1")
        self.ecs("list_task_definitions", familyPrefix="web", status="INACTIVE")
        self.elb("delete_listener", ListenerArn=self.listener)
        self.elb("describe_listeners", ListenerArns=[self.listener])
        self.elb("delete_target_group", TargetGroupArn=self.groups["green"])
        self.elb("delete_load_balancer", LoadBalancerArn=self.balancer)
        self.elb("delete_load_balancer", LoadBalancerArn=self.balancer)
