"""What boto3 built is what boto3 reads back."""

from __future__ import annotations

import unittest
from datetime import timedelta
from typing import Any

import account
from account import PATIENCE
from world import CLUSTER
from world import SUBNETS
from world import definition
from world import forward
from world import path_is


class Services(unittest.TestCase):
    def setUp(self) -> None:
        self.world = account.world()
        self.ecs = self.world.clients.ecs

    def service(self, name: str) -> dict[str, Any]:
        answer = self.ecs.describe_services(cluster=CLUSTER, services=[name], include=["TAGS"])
        self.assertEqual(answer["failures"], [])
        return answer["services"][0]

    def test_a_cluster_counts_its_services(self) -> None:
        answer = self.ecs.describe_clusters(clusters=[CLUSTER, "none"], include=["TAGS"])
        [cluster] = answer["clusters"]
        self.assertEqual((cluster["clusterName"], cluster["status"]), (CLUSTER, "ACTIVE"))
        self.assertEqual(cluster["activeServicesCount"], 3)
        self.assertEqual([it["reason"] for it in answer["failures"]], ["MISSING"])

    def test_a_task_definition_keeps_what_was_registered(self) -> None:
        answer = self.ecs.describe_task_definition(taskDefinition="web:2", include=["TAGS"])
        given = definition("web", "shop:2")
        self.assertEqual(answer["tags"], given.pop("tags"))
        shown = answer["taskDefinition"]
        for member, value in given.items():
            if member != "containerDefinitions":
                self.assertEqual(shown[member], value, member)
        [container] = given["containerDefinitions"]
        [kept] = shown["containerDefinitions"]
        self.assertEqual({**kept, **container, "portMappings": kept["portMappings"]}, kept)
        self.assertEqual((shown["revision"], shown["status"]), (2, "ACTIVE"))

    def test_a_revision_is_taken_away(self) -> None:
        made = self.ecs.register_task_definition(**definition("brief", "shop:1"))
        arn = made["taskDefinition"]["taskDefinitionArn"]
        gone = self.ecs.deregister_task_definition(taskDefinition=arn)["taskDefinition"]
        self.assertEqual((gone["taskDefinitionArn"], gone["status"]), (arn, "INACTIVE"))

    def test_a_service_shows_how_it_was_made(self) -> None:
        rolling = self.service("rolling")
        self.assertEqual(rolling["networkConfiguration"]["awsvpcConfiguration"]["subnets"], SUBNETS)
        self.assertEqual(rolling["loadBalancers"], self.world.balanced("plain"))
        self.assertEqual(rolling["tags"], [{"key": "team", "value": "shop"}])
        self.assertEqual(rolling["deploymentController"], {"type": "ECS"})
        self.assertEqual(self.service("stored")["deploymentController"], {"type": "CODE_DEPLOY"})

    def test_an_external_service_has_task_sets_and_no_deployments(self) -> None:
        service = self.service("sets")
        self.assertEqual(service["deployments"], [])

        def read() -> dict[str, Any]:
            answer = self.ecs.describe_task_sets(cluster=CLUSTER, service="sets", include=["TAGS"])
            return {it["externalId"]: it for it in answer["taskSets"]}

        def steady() -> bool:
            return all(it["stabilityStatus"] == "STEADY_STATE" for it in read().values())

        account.until(steady, "both task sets are steady")
        sets = read()
        blue, green = sets["by-blue"], sets["by-green"]
        self.assertEqual((blue["status"], green["status"]), ("PRIMARY", "ACTIVE"))
        self.assertEqual((blue["runningCount"], green["runningCount"]), (2, 1))
        self.assertEqual(green["scale"], {"value": 50.0, "unit": "PERCENT"})
        self.assertEqual(green["computedDesiredCount"], 1)

    def test_a_token_makes_a_task_set_once(self) -> None:
        sets = self.ecs.describe_task_sets(cluster=CLUSTER, service="sets")["taskSets"]
        again = self.ecs.create_task_set(
            cluster=CLUSTER, service="sets", externalId="by-green",
            taskDefinition=self.world.definitions[1], launchType="FARGATE",
            networkConfiguration=sets[0]["networkConfiguration"],
            loadBalancers=self.world.balanced("green"), scale={"value": 50.0, "unit": "PERCENT"},
            clientToken="token-green",
        )  # fmt: skip
        self.assertIn(again["taskSet"]["taskSetArn"], self.world.task_sets)
        now = self.ecs.describe_task_sets(cluster=CLUSTER, service="sets")["taskSets"]
        self.assertEqual(len(now), len(sets))

    def test_tags_come_and_go(self) -> None:
        arn = self.service("rolling")["serviceArn"]
        self.ecs.tag_resource(resourceArn=arn, tags=[{"key": "who", "value": "me"}])
        tags = self.ecs.list_tags_for_resource(resourceArn=arn)["tags"]
        self.assertIn({"key": "who", "value": "me"}, tags)
        self.ecs.untag_resource(resourceArn=arn, tagKeys=["who"])
        tags = self.ecs.list_tags_for_resource(resourceArn=arn)["tags"]
        self.assertEqual([tag["key"] for tag in tags], ["team"])

    def test_a_scalable_target_is_kept(self) -> None:
        scaling = self.world.clients.scaling
        which = {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/{CLUSTER}/rolling",
            "ScalableDimension": "ecs:service:DesiredCount",
        }
        scaling.register_scalable_target(**which, MinCapacity=1, MaxCapacity=9)
        [target] = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
        self.assertEqual((target["MinCapacity"], target["MaxCapacity"]), (1, 9))
        scaling.deregister_scalable_target(**which)
        self.assertEqual(
            scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"], []
        )


class Routes(unittest.TestCase):
    def setUp(self) -> None:
        self.world = account.world()
        self.elb = self.world.clients.elb

    def test_rules_stand_by_priority_with_their_actions(self) -> None:
        rules = self.elb.describe_rules(ListenerArn=self.world.listener)["Rules"]
        self.assertEqual([rule["Priority"] for rule in rules], ["10", "20", "default"])
        first = rules[0]
        self.assertEqual(first["Conditions"][0]["PathPatternConfig"]["Values"], ["/a/*"])
        blue, green = self.world.groups["blue"], self.world.groups["green"]
        wanted = forward({blue: 100, green: 0}, sticky=300)["ForwardConfig"]
        self.assertEqual(first["Actions"][0]["ForwardConfig"], wanted)
        # a plain forward is shown in both ways
        plain = rules[1]["Actions"][0]
        self.assertEqual(plain["TargetGroupArn"], self.world.groups["plain"])
        [group] = plain["ForwardConfig"]["TargetGroups"]
        self.assertEqual(group["TargetGroupArn"], self.world.groups["plain"])

    def test_a_change_replaces_the_whole_list_of_actions(self) -> None:
        [rule] = self.elb.create_rule(
            ListenerArn=self.world.listener, Priority=77, Conditions=path_is("/c"),
            Actions=[forward({self.world.groups["blue"]: 1, self.world.groups["green"]: 3})],
        )["Rules"]  # fmt: skip
        only = forward({self.world.groups["green"]: 7})
        self.elb.modify_rule(RuleArn=rule["RuleArn"], Actions=[only])
        [now] = self.elb.describe_rules(RuleArns=[rule["RuleArn"]])["Rules"]
        [group] = now["Actions"][0]["ForwardConfig"]["TargetGroups"]
        self.assertEqual(group, {"TargetGroupArn": self.world.groups["green"], "Weight": 7})
        moved = [{"RuleArn": rule["RuleArn"], "Priority": 78}]
        [now] = self.elb.set_rule_priorities(RulePriorities=moved)["Rules"]
        self.assertEqual(now["Priority"], "78")
        self.elb.delete_rule(RuleArn=rule["RuleArn"])

    def test_groups_balancers_and_listeners_are_shown(self) -> None:
        [group] = self.elb.describe_target_groups(Names=["blue"])["TargetGroups"]
        self.assertEqual(group["LoadBalancerArns"], [self.world.balancer])
        self.assertEqual((group["HealthCheckPath"], group["TargetType"]), ("/ready", "ip"))
        [balancer] = self.elb.describe_load_balancers(Names=["front"])["LoadBalancers"]
        self.assertEqual((balancer["Type"], balancer["Scheme"]), ("application", "internet-facing"))
        self.assertEqual({zone["SubnetId"] for zone in balancer["AvailabilityZones"]}, set(SUBNETS))
        [listener] = self.elb.describe_listeners(LoadBalancerArn=self.world.balancer)["Listeners"]
        self.assertEqual(listener["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"], "404")
        self.elb.modify_listener(ListenerArn=self.world.listener, Port=8080)
        self.elb.modify_listener(ListenerArn=self.world.listener, Port=80)

    def test_attributes_and_settings_are_kept(self) -> None:
        arn = self.world.groups["blue"]
        given = [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}]
        self.elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=given)
        shown = self.elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
        self.assertIn(given[0], shown)
        self.elb.modify_target_group(TargetGroupArn=arn, HealthyThresholdCount=3)
        [group] = self.elb.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
        self.assertEqual(group["HealthyThresholdCount"], 3)
        given = [{"Key": "idle_timeout.timeout_seconds", "Value": "90"}]
        balancer = self.world.balancer
        self.elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=given)
        shown = self.elb.describe_load_balancer_attributes(LoadBalancerArn=balancer)["Attributes"]
        self.assertIn(given[0], shown)

    def test_tags_come_and_go(self) -> None:
        arns = [self.world.rules[0], self.world.groups["blue"]]
        self.elb.add_tags(ResourceArns=arns, Tags=[{"Key": "who", "Value": "me"}])
        shown = self.elb.describe_tags(ResourceArns=arns)["TagDescriptions"]
        self.assertEqual([it["Tags"] for it in shown], [[{"Key": "who", "Value": "me"}]] * 2)
        self.elb.remove_tags(ResourceArns=arns, TagKeys=["who"])
        shown = self.elb.describe_tags(ResourceArns=arns)["TagDescriptions"]
        self.assertEqual([it["Tags"] for it in shown], [[], []])

    def test_a_target_of_ones_own_comes_and_drains(self) -> None:
        arn = self.world.groups["plain"]
        targets = [{"Id": "10.9.9.9", "Port": 80}]
        self.elb.register_targets(TargetGroupArn=arn, Targets=targets)
        known = self.elb.describe_target_health(TargetGroupArn=arn, Targets=targets)
        [health] = known["TargetHealthDescriptions"]
        self.assertIn(health["TargetHealth"]["State"], ("initial", "healthy", "unhealthy"))
        self.elb.deregister_targets(TargetGroupArn=arn, Targets=targets)
        waiter = self.elb.get_waiter("target_deregistered")
        waiter.wait(TargetGroupArn=arn, Targets=targets, WaiterConfig=PATIENCE)


class Alarms(unittest.TestCase):
    def setUp(self) -> None:
        self.world = account.world()
        self.cloudwatch = self.world.clients.cloudwatch

    def state(self, name: str) -> str:
        types = ["MetricAlarm", "CompositeAlarm"]
        answer = self.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=types)
        [alarm] = answer["MetricAlarms"] + answer["CompositeAlarms"]
        return alarm["StateValue"]

    def test_a_set_state_is_seen_by_the_composite_and_in_the_history(self) -> None:
        how = {"AlarmName": "errors", "StateReason": "by hand"}
        self.cloudwatch.set_alarm_state(**how, StateValue="ALARM")
        self.assertEqual((self.state("errors"), self.state("any")), ("ALARM", "ALARM"))
        items = self.cloudwatch.describe_alarm_history(AlarmName="errors")["AlarmHistoryItems"]
        self.assertTrue(items[0]["HistorySummary"].endswith("to ALARM"), items[0])
        [parent] = self.cloudwatch.describe_alarms(ParentsOfAlarmName="errors")["CompositeAlarms"]
        self.assertEqual(parent["AlarmName"], "any")

    def test_an_absent_alarm_is_silently_left_out(self) -> None:
        answer = self.cloudwatch.describe_alarms(AlarmNames=["errors", "absent"])
        self.assertEqual([it["AlarmName"] for it in answer["MetricAlarms"]], ["errors"])

    def test_actions_are_switched(self) -> None:
        for enabled in (False, True):
            name = ("disable", "enable")[enabled]
            getattr(self.cloudwatch, f"{name}_alarm_actions")(AlarmNames=["sum"])
            [alarm] = self.cloudwatch.describe_alarms(AlarmNames=["sum"])["MetricAlarms"]
            self.assertEqual(alarm["ActionsEnabled"], enabled)

    def test_tags_come_and_go(self) -> None:
        [alarm] = self.cloudwatch.describe_alarms(AlarmNames=["errors"])["MetricAlarms"]
        arn = alarm["AlarmArn"]
        self.cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "who", "Value": "me"}])
        tags = self.cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]
        self.assertEqual(tags, [{"Key": "who", "Value": "me"}])
        self.cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["who"])
        self.assertEqual(self.cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"], [])

    def test_data_that_was_put_is_got(self) -> None:
        [alarm] = self.cloudwatch.describe_alarms(AlarmNames=["errors"])["MetricAlarms"]
        at = alarm["AlarmConfigurationUpdatedTimestamp"].replace(second=0, microsecond=0)
        which = [{"Name": "Service", "Value": "data"}]
        data = [
            {"MetricName": "Seen", "Dimensions": which, "Timestamp": at, "Value": value}
            for value in (2.0, 3.5)
        ]
        self.cloudwatch.put_metric_data(Namespace="Shop", MetricData=data)
        during = {"StartTime": at, "EndTime": at + timedelta(minutes=5)}
        metric = {"Namespace": "Shop", "MetricName": "Seen", "Dimensions": which}
        stat = {"Metric": metric, "Period": 60, "Stat": "Sum"}
        answer = self.cloudwatch.get_metric_data(
            MetricDataQueries=[{"Id": "seen", "MetricStat": stat}], **during
        )
        [result] = answer["MetricDataResults"]
        self.assertEqual((result["Values"], result["Timestamps"]), ([5.5], [at]))
        answer = self.cloudwatch.get_metric_statistics(
            **metric, **during, Period=60, Statistics=["Maximum", "SampleCount"]
        )
        [point] = answer["Datapoints"]
        self.assertEqual((point["Maximum"], point["SampleCount"]), (3.5, 2.0))


if __name__ == "__main__":
    unittest.main()
