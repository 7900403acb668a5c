"""botocore's own waiters end, and its paginators find everything."""

from __future__ import annotations

import unittest
from datetime import timedelta
from typing import Any

import account
from account import PATIENCE
from world import CLUSTER
from world import SUBNETS
from world import alarm


class Waiters(unittest.TestCase):
    def setUp(self) -> None:
        self.world = account.world()
        self.clients = self.world.clients

    def wait(self, client: Any, name: str, **which: Any) -> None:
        client.get_waiter(name).wait(**which, WaiterConfig=PATIENCE)

    def test_a_new_revision_becomes_stable(self) -> None:
        ecs = self.clients.ecs
        for revision in reversed(self.world.definitions):
            ecs.update_service(cluster=CLUSTER, service="rolling", taskDefinition=revision)
            self.wait(ecs, "services_stable", cluster=CLUSTER, services=["rolling"])
            [service] = ecs.describe_services(cluster=CLUSTER, services=["rolling"])["services"]
            self.assertEqual(service["taskDefinition"], revision)
            [deployment] = service["deployments"]
            self.assertEqual(deployment["taskDefinition"], revision)
            self.assertEqual(deployment["runningCount"], 2)

    def test_the_tasks_of_a_service_run_and_stop(self) -> None:
        ecs = self.clients.ecs
        tasks = ecs.list_tasks(cluster=CLUSTER, serviceName="rolling")["taskArns"]
        self.assertEqual(len(tasks), 2)
        self.wait(ecs, "tasks_running", cluster=CLUSTER, tasks=tasks)
        ecs.stop_task(cluster=CLUSTER, task=tasks[0], reason="a test")
        self.wait(ecs, "tasks_stopped", cluster=CLUSTER, tasks=tasks[:1])
        [task] = ecs.describe_tasks(cluster=CLUSTER, tasks=tasks[:1])["tasks"]
        self.assertEqual((task["stopCode"], task["stoppedReason"]), ("UserInitiated", "a test"))
        self.wait(ecs, "services_stable", cluster=CLUSTER, services=["rolling"])

    def test_targets_come_into_service(self) -> None:
        elb, group = self.clients.elb, self.world.groups["plain"]
        self.wait(elb, "target_in_service", TargetGroupArn=group)
        found = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        healthy = [it for it in found if it["TargetHealth"]["State"] == "healthy"]
        self.assertGreaterEqual(len(healthy), 2)

    def test_alarms_exist(self) -> None:
        self.wait(self.clients.cloudwatch, "alarm_exists", AlarmNames=["errors"])
        which = {"AlarmNames": ["any"], "AlarmTypes": ["CompositeAlarm"]}
        self.wait(self.clients.cloudwatch, "composite_alarm_exists", **which)
        self.clients.cloudwatch.put_metric_alarm(**alarm("brief"))
        self.clients.cloudwatch.delete_alarms(AlarmNames=["brief"])
        gone = self.clients.cloudwatch.describe_alarms(AlarmNames=["brief"])["MetricAlarms"]
        self.assertEqual(gone, [])

    def test_a_load_balancer_comes_and_goes_with_all_that_is_below_it(self) -> None:
        elb = self.clients.elb
        [made] = elb.create_load_balancer(Name="brief", Subnets=SUBNETS)["LoadBalancers"]
        arn = made["LoadBalancerArn"]
        self.wait(elb, "load_balancer_exists", LoadBalancerArns=[arn])
        self.wait(elb, "load_balancer_available", LoadBalancerArns=[arn])
        [group] = elb.create_target_group(
            Name="brief", Protocol="HTTP", Port=80, VpcId="vpc-1", TargetType="ip"
        )["TargetGroups"]
        action = {"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}
        [listener] = elb.create_listener(
            LoadBalancerArn=arn, Protocol="HTTP", Port=81, DefaultActions=[action]
        )["Listeners"]
        with self.assertRaises(elb.exceptions.ResourceInUseException):
            elb.delete_target_group(TargetGroupArn=group["TargetGroupArn"])
        elb.delete_listener(ListenerArn=listener["ListenerArn"])
        elb.delete_target_group(TargetGroupArn=group["TargetGroupArn"])
        elb.delete_load_balancer(LoadBalancerArn=arn)
        self.wait(elb, "load_balancers_deleted", LoadBalancerArns=[arn])

    def test_a_deleted_service_becomes_inactive_and_its_cluster_can_go(self) -> None:
        ecs = self.clients.ecs
        ecs.create_cluster(clusterName="brief")
        ecs.create_service(
            cluster="brief", serviceName="brief", desiredCount=1, taskDefinition="web",
            launchType="FARGATE", networkConfiguration={"awsvpcConfiguration": {"subnets": SUBNETS}},
        )  # fmt: skip
        self.wait(ecs, "services_stable", cluster="brief", services=["brief"])
        [deployment] = ecs.list_service_deployments(cluster="brief", service="brief")[
            "serviceDeployments"
        ]
        arn = deployment["serviceDeploymentArn"]

        def read() -> dict[str, Any]:
            answer = ecs.describe_service_deployments(serviceDeploymentArns=[arn])
            return answer["serviceDeployments"][0]

        # stable is as many running as desired; successful comes with the steady state
        account.until(lambda: read()["status"] == "SUCCESSFUL", "the deployment is successful")
        revision = read()["targetServiceRevision"]["arn"]
        [shown] = ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"]
        self.assertTrue(shown["taskDefinition"].endswith("/web:2"))
        ecs.update_service(cluster="brief", service="brief", forceNewDeployment=True)
        running = ecs.list_service_deployments(
            cluster="brief", service="brief", status=["PENDING", "IN_PROGRESS"]
        )["serviceDeployments"]
        ecs.stop_service_deployment(
            serviceDeploymentArn=running[0]["serviceDeploymentArn"], stopType="ROLLBACK"
        )
        with self.assertRaises(ecs.exceptions.ClusterContainsServicesException):
            ecs.delete_cluster(cluster="brief")
        ecs.delete_service(cluster="brief", service="brief", force=True)
        self.wait(ecs, "services_inactive", cluster="brief", services=["brief"])
        ecs.delete_cluster(cluster="brief")

    def test_a_task_set_is_scaled_and_deleted(self) -> None:
        ecs, of = self.clients.ecs, {"cluster": CLUSTER, "service": "sets"}
        made = ecs.create_task_set(
            **of, taskDefinition="web:1", launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": SUBNETS}},
            scale={"value": 0.0, "unit": "PERCENT"},
        )["taskSet"]  # fmt: skip
        scale = {"value": 25.0, "unit": "PERCENT"}
        now = ecs.update_task_set(**of, taskSet=made["id"], scale=scale)["taskSet"]
        self.assertEqual((now["scale"], now["computedDesiredCount"]), (scale, 1))
        with self.assertRaises(ecs.exceptions.InvalidParameterException):
            ecs.delete_task_set(**of, taskSet=self.world.task_sets[0])
        ecs.delete_task_set(**of, taskSet=made["id"], force=True)


class Pages(unittest.TestCase):
    """Every paginator of a modelled operation, one item a page."""

    def setUp(self) -> None:
        self.world = account.world()
        self.clients = self.world.clients

    def asked(self) -> dict[str, dict[str, Any]]:
        """What each paginator is asked for."""
        cluster = {"cluster": CLUSTER}
        metric = {"Namespace": "Shop", "MetricName": "Errors", "Dimensions": []}
        stat = {"Metric": metric, "Period": 60, "Stat": "Sum"}
        [known] = self.clients.cloudwatch.describe_alarms(AlarmNames=["sum"])["MetricAlarms"]
        begin = known["AlarmConfigurationUpdatedTimestamp"].replace(second=0, microsecond=0)
        during = {"StartTime": begin, "EndTime": begin + timedelta(minutes=4)}
        data = [
            {"MetricName": "Errors", "Timestamp": begin + timedelta(minutes=minute), "Value": 1.0}
            for minute in range(3)
        ]
        self.clients.cloudwatch.put_metric_data(Namespace="Shop", MetricData=data)
        return {
            "list_clusters": {},
            "list_services": cluster,
            "list_task_definition_families": {},
            "list_task_definitions": {},
            "list_tasks": cluster,
            "describe_listeners": {"LoadBalancerArn": self.second},
            "describe_load_balancers": {},
            "describe_rules": {"ListenerArn": self.world.listener},
            "describe_target_groups": {},
            "describe_alarm_history": {},
            "describe_alarms": {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]},
            "get_metric_data": {"MetricDataQueries": [{"Id": "m", "MetricStat": stat}], **during},
            "list_metrics": {"Namespace": "Shop"},
            "describe_scalable_targets": {"ServiceNamespace": "ecs"},
        }

    def fill(self) -> None:
        """Makes sure that every list has more than one item."""
        ecs, elb = self.clients.ecs, self.clients.elb
        ecs.create_cluster(clusterName="second")
        ecs.register_task_definition(
            family="second", containerDefinitions=[{"name": "app", "image": "shop:1", "memory": 9}]
        )
        action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
        [second] = elb.create_load_balancer(Name="second", Subnets=SUBNETS)["LoadBalancers"]
        self.second = second["LoadBalancerArn"]
        for port in (80, 81):
            elb.create_listener(
                LoadBalancerArn=self.second, Protocol="HTTP", Port=port, DefaultActions=[action]
            )
        for state in ("ALARM", "OK"):
            self.clients.cloudwatch.set_alarm_state(
                AlarmName="sum", StateValue=state, StateReason="a page"
            )
        for service in ("rolling", "stored"):
            self.clients.scaling.register_scalable_target(
                ServiceNamespace="ecs", ResourceId=f"service/{CLUSTER}/{service}",
                ScalableDimension="ecs:service:DesiredCount", MinCapacity=1, MaxCapacity=4,
            )  # fmt: skip

    def test_small_pages_hold_what_one_answer_holds(self) -> None:
        self.fill()
        asked = self.asked()
        self.addCleanup(self.empty)
        modelled = {name.split(":")[1] for name in self.clients.door("operations")}
        for client in self.clients.all():
            for method, operation in client.meta.method_to_api_mapping.items():
                if operation in modelled and client.can_paginate(method):
                    with self.subTest(method):
                        self.compare(client, method, asked.pop(method))
        self.assertEqual(asked, {}, "these are no paginators")

    def empty(self) -> None:
        for service in ("rolling", "stored"):
            self.clients.scaling.deregister_scalable_target(
                ServiceNamespace="ecs", ResourceId=f"service/{CLUSTER}/{service}",
                ScalableDimension="ecs:service:DesiredCount",
            )  # fmt: skip

    def compare(self, client: Any, method: str, asked: dict[str, Any]) -> None:
        paginator = client.get_paginator(method)
        whole = paginator.paginate(**asked).build_full_result()
        # the size of a page of metrics cannot be asked for
        sized = {} if method == "list_metrics" else {"PageSize": 1}
        pages = list(paginator.paginate(**asked, PaginationConfig=sized))
        if sized:
            self.assertGreater(len(pages), 1, f"{method}: all on one page")
        self.assertEqual(self.items(method, pages), self.items(method, [whole]))

    @staticmethod
    def items(method: str, pages: list[dict[str, Any]]) -> list[Any]:
        """The items of all pages, in order."""
        found = []
        for page in pages:
            for name, value in page.items():
                if not isinstance(value, list):
                    continue
                if method == "get_metric_data":
                    value = [at for result in value for at in result.get("Timestamps", ())]
                found.extend((name, item) for item in value)
        return sorted(found, key=repr)


if __name__ == "__main__":
    unittest.main()
