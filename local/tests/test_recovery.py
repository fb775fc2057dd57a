"""What the runbooks meet in a recovery: promotions and launches that take their time, groups, metrics and alarms."""

import os
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from conftest import DR, PRIMARY, resource
from test_databases import describe, pair  # noqa: F401 - a fixture
from test_network_and_compute import PARAMETERS, PREVIOUS, fleet, group_of

HOUR = 3600


def code(refused):
    return refused.value.response["Error"]["Code"]


class TestPromotionInVirtualTime:
    @pytest.fixture
    def promoted(self, control, aws, pair):  # noqa: F811
        """A promotion that takes ten hours, of which one shows nothing, just ordered."""
        control.freeze()
        control.put("pace", {"promotionSeconds": 10 * HOUR, "promotionUnseenSeconds": HOUR})
        aws("rds", DR).promote_read_replica(DBInstanceIdentifier=pair[2], BackupRetentionPeriod=7)
        return pair[0], pair[2]

    @staticmethod
    def seen(aws, name):
        database = describe(aws, name, DR)
        return database["DBInstanceStatus"], "ReadReplicaSourceDBInstanceIdentifier" in database

    def test_its_phases(self, control, aws, promoted):
        first, second = promoted
        assert self.seen(aws, second) == ("available", True)
        control.pass_hours(0.5)
        assert self.seen(aws, second) == ("available", True)
        control.pass_hours(1)
        assert self.seen(aws, second) == ("modifying", True)
        control.pass_hours(4)
        assert self.seen(aws, second) == ("modifying", True)
        assert describe(aws, first)["ReadReplicaDBInstanceIdentifiers"] != []
        control.pass_hours(1)
        assert self.seen(aws, second) == ("rebooting", False)
        assert describe(aws, first)["ReadReplicaDBInstanceIdentifiers"] == []
        control.pass_hours(4)
        assert self.seen(aws, second) == ("available", False)
        assert describe(aws, second, DR)["BackupRetentionPeriod"] == 7

    def test_the_leaders_list_is_right_though_nobody_looked_at_the_replica(self, control, aws, promoted):
        first, _ = promoted
        control.pass_hours(11)
        assert describe(aws, first)["ReadReplicaDBInstanceIdentifiers"] == []

    def test_it_cannot_be_ordered_again_or_disturbed_but_tagged(self, control, aws, promoted):
        _, second = promoted
        rds = aws("rds", DR)
        for hours in (0, 2, 5):
            control.pass_hours(hours)
            for operation in (rds.promote_read_replica, rds.modify_db_instance):
                with pytest.raises(ClientError) as refused:
                    operation(DBInstanceIdentifier=second, BackupRetentionPeriod=3)
                assert code(refused) == "InvalidDBInstanceState"
            arn = describe(aws, second, DR)["DBInstanceArn"]
            rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "hours", "Value": str(hours)}])
            assert {"Key": "hours", "Value": str(hours)} in describe(aws, second, DR)["TagList"]
        control.pass_hours(4)
        rds.modify_db_instance(DBInstanceIdentifier=second, BackupRetentionPeriod=3)
        with pytest.raises(ClientError) as refused:
            rds.promote_read_replica(DBInstanceIdentifier=second)
        assert code(refused) == "InvalidDBInstanceState"

    def test_a_change_of_the_pace_does_not_touch_one_that_runs(self, control, aws, promoted):
        _, second = promoted
        control.put("pace", {"promotionSeconds": 0})
        assert self.seen(aws, second) == ("available", True)
        control.pass_hours(11)
        assert self.seen(aws, second) == ("available", False)

    def test_it_needs_nothing_of_the_lost_region(self, control, aws, promoted):
        first, second = promoted
        control.lose(PRIMARY)
        control.pass_hours(11)
        assert self.seen(aws, second) == ("available", False)
        control.lose(PRIMARY, "up")
        assert describe(aws, first)["ReadReplicaDBInstanceIdentifiers"] == []

    def test_a_new_replica_of_a_database_in_a_lost_region_is_refused(self, control, aws, pair):  # noqa: F811
        arn = describe(aws, pair[0])["DBInstanceArn"]
        control.lose(PRIMARY)
        with pytest.raises(ClientError) as refused:
            aws("rds", DR).create_db_instance_read_replica(
                DBInstanceIdentifier="too-late", SourceDBInstanceIdentifier=arn, KmsKeyId="alias/aws/rds"
            )
        assert f"region {PRIMARY} does not answer" in str(refused.value)

    def test_deleted_meanwhile_it_is_gone(self, control, aws, promoted):
        _, second = promoted
        control.pass_hours(11)
        rds = aws("rds", DR)
        rds.modify_db_instance(DBInstanceIdentifier=second, DeletionProtection=False)
        rds.delete_db_instance(DBInstanceIdentifier=second, SkipFinalSnapshot=True)
        with pytest.raises(ClientError) as refused:
            describe(aws, second, DR)
        assert code(refused) == "DBInstanceNotFound"


class TestGroup:
    @pytest.fixture
    def stack(self, deploy):
        return deploy(fleet(), Parameters=PARAMETERS)

    @staticmethod
    def scale(aws, stack, size):
        aws("autoscaling").set_desired_capacity(AutoScalingGroupName=stack.id_of("Fleet"), DesiredCapacity=size)

    @staticmethod
    def health(aws, stack, **more):
        found = aws("elbv2").describe_target_health(TargetGroupArn=stack.id_of("Targets"), **more)
        return {item["Target"]["Id"]: item["TargetHealth"]["State"] for item in found["TargetHealthDescriptions"]}

    @staticmethod
    def instances(aws, stack):
        return [item["InstanceId"] for item in group_of(aws, stack)["Instances"]]

    def test_a_target_is_initial_and_then_healthy(self, control, aws, stack):
        control.freeze()
        control.put("pace", {"launchSeconds": 4 * HOUR})
        self.scale(aws, stack, 2)
        first = self.instances(aws, stack)
        assert self.health(aws, stack) == dict.fromkeys(first, "initial")
        control.pass_hours(3)
        self.scale(aws, stack, 3)
        late = set(self.instances(aws, stack)) - set(first)
        assert set(self.health(aws, stack).values()) == {"initial"}
        control.pass_hours(2)
        assert self.health(aws, stack) == dict.fromkeys(first, "healthy") | dict.fromkeys(late, "initial")
        control.pass_hours(3)
        assert set(self.health(aws, stack).values()) == {"healthy"}

    def test_at_once_if_launching_takes_no_time(self, aws, stack):
        self.scale(aws, stack, 1)
        assert list(self.health(aws, stack).values()) == ["healthy"]

    def test_scaled_in_it_is_gone(self, aws, stack):
        self.scale(aws, stack, 3)
        before = self.instances(aws, stack)
        self.scale(aws, stack, 1)
        left = self.instances(aws, stack)
        assert left == before[2:], "the oldest go first"
        assert self.health(aws, stack) == dict.fromkeys(left, "healthy")
        gone = self.health(aws, stack, Targets=[{"Id": before[0]}])
        assert gone == {before[0]: "draining"}
        self.scale(aws, stack, 0)
        assert self.health(aws, stack) == {}
        assert self.instances(aws, stack) == []

    @pytest.mark.parametrize("how", ["ec2", "autoscaling"])
    def test_a_terminated_instance_is_replaced(self, control, aws, stack, how):
        self.scale(aws, stack, 2)
        control.freeze()
        control.put("pace", {"launchSeconds": HOUR})
        before = self.instances(aws, stack)
        if how == "ec2":
            aws("ec2").terminate_instances(InstanceIds=before[:1])
        else:
            aws("autoscaling").terminate_instance_in_auto_scaling_group(
                InstanceId=before[0], ShouldDecrementDesiredCapacity=False
            )
        after = self.instances(aws, stack)
        assert len(after) == 2
        assert before[0] not in after
        new = next(instance for instance in after if instance not in before)
        assert self.health(aws, stack) == {before[1]: "healthy", new: "initial"}

    def test_its_instances_say_what_they_were_started_from(self, aws, stack):
        self.scale(aws, stack, 1)
        stack.update(fleet("t4g.large"), parameters=PREVIOUS, Parameters=PARAMETERS)
        self.scale(aws, stack, 2)
        instances = group_of(aws, stack)["Instances"]
        assert [item["LaunchTemplate"]["Version"] for item in instances] == ["1", "2"]
        assert {item["LaunchTemplate"]["LaunchTemplateId"] for item in instances} == {stack.id_of("Template")}
        assert {item["LifecycleState"] for item in instances} == {"InService"}
        assert {item["HealthStatus"] for item in instances} == {"Healthy"}
        assert group_of(aws, stack)["LaunchTemplate"]["Version"] == "2"

    def test_a_release_starts_new_instances_before_the_old_ones_go(self, control, aws, deploy):
        def resources(instance_type):
            fleet_resources = fleet(instance_type, minimum=2)
            policy = {"AutoScalingInstanceRefresh": {"Strategy": "Rolling", "Preferences": {"SkipMatching": True}}}
            return fleet_resources | {"Fleet": fleet_resources["Fleet"] | {"UpdatePolicy": policy}}

        stack = deploy(resources("t4g.small"), Parameters=PARAMETERS)
        old = self.instances(aws, stack)
        control.freeze()
        control.put("pace", {"launchSeconds": 2 * HOUR})
        stack.update(resources("t4g.large"), parameters=PREVIOUS, Parameters=PARAMETERS)
        new = [name for name in self.instances(aws, stack) if name not in old]
        assert self.health(aws, stack) == dict.fromkeys(old, "healthy") | dict.fromkeys(new, "initial")
        group = group_of(aws, stack)
        assert (len(new), group["DesiredCapacity"]) == (2, 2)
        refresh = {"AutoScalingGroupName": group["AutoScalingGroupName"]}
        status = aws("autoscaling").describe_instance_refreshes(**refresh)["InstanceRefreshes"][0]
        assert status["Status"] == "InProgress"
        control.pass_hours(3)
        assert self.health(aws, stack) == dict.fromkeys(new, "healthy")
        instances = group_of(aws, stack)["Instances"]
        assert [item["InstanceId"] for item in instances] == new
        assert {item["LaunchTemplate"]["Version"] for item in instances} == {"2"}
        status = aws("autoscaling").describe_instance_refreshes(**refresh)["InstanceRefreshes"][0]
        assert status["Status"] == "Successful"
        stack.update(resources("t4g.medium"), parameters=PREVIOUS, Parameters=PARAMETERS)
        self.scale(aws, stack, 3)  # a resize ends it at once
        assert [item["LaunchTemplate"]["Version"] for item in group_of(aws, stack)["Instances"]] == ["3"] * 3

    @pytest.mark.parametrize("state", ["ALARM", "INSUFFICIENT_DATA"])
    def test_a_release_is_refused_while_an_alarm_of_its_refresh_rings_or_has_seen_nothing(self, aws, deploy, state):
        def resources(instance_type, guarded=True):
            alarm = {
                "Namespace": "Pilotlight",
                "MetricName": "Errors",
                "ComparisonOperator": "GreaterThanThreshold",
                "EvaluationPeriods": 1,
                "Period": 60,
                "Statistic": "Sum",
                "Threshold": 1,
            }
            alarms = {"AlarmSpecification": {"Alarms": [{"Ref": "Errors"}]}} if guarded else {}
            policy = {"Strategy": "Rolling", "Preferences": {"SkipMatching": True, **alarms}}
            group = fleet(instance_type, minimum=1)
            group["Fleet"] |= {"UpdatePolicy": {"AutoScalingInstanceRefresh": policy}}
            return group | {"Errors": resource("AWS::CloudWatch::Alarm", alarm)}

        def sets(value):
            aws("cloudwatch").set_alarm_state(AlarmName=stack.id_of("Errors"), StateValue=value, StateReason="test")

        def versions():
            return [item["LaunchTemplate"]["Version"] for item in group_of(aws, stack)["Instances"]]

        stack = deploy(resources("t4g.small"), Parameters=PARAMETERS)
        same = {"parameters": PREVIOUS, "Parameters": PARAMETERS}
        sets("OK")
        stack.update(resources("t4g.medium"), **same)
        assert versions() == ["2"]
        sets(state)
        # the way back rolls instances as well, by the policy of before
        stack.update(resources("t4g.large"), expect="UPDATE_ROLLBACK_FAILED", **same)
        assert f"its alarm {stack.id_of('Errors')} is in the state {state}" in stack.reasons
        assert versions() == ["2"]
        stack.update(resources("t4g.large", guarded=False), **same)
        assert versions() == ["5"], "unguarded it goes on; the way back was a version as well"

    def test_a_refresh_fails_when_one_of_its_alarms_begins_to_ring(self, control, aws, deploy):
        alarm = {
            "Namespace": "Pilotlight",
            "MetricName": "Errors",
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "Period": 60,
            "Statistic": "Sum",
            "Threshold": 1,
        }

        def resources(instance_type):
            group = fleet(instance_type, minimum=1)
            preferences = {"SkipMatching": True, "AlarmSpecification": {"Alarms": [{"Ref": "Errors"}]}}
            group["Fleet"] |= {
                "UpdatePolicy": {"AutoScalingInstanceRefresh": {"Strategy": "Rolling", "Preferences": preferences}}
            }
            return group | {"Errors": resource("AWS::CloudWatch::Alarm", alarm)}

        def sets(value):
            aws("cloudwatch").set_alarm_state(AlarmName=stack.id_of("Errors"), StateValue=value, StateReason="test")

        def refreshes():
            found = aws("autoscaling").describe_instance_refreshes(AutoScalingGroupName=stack.id_of("Fleet"))
            return [(item["Status"], item.get("StatusReason", "")) for item in found["InstanceRefreshes"]]

        stack = deploy(resources("t4g.small"), Parameters=PARAMETERS)
        control.freeze()
        control.put("pace", {"launchSeconds": 2 * HOUR})
        sets("OK")
        stack.update(resources("t4g.medium"), parameters=PREVIOUS, Parameters=PARAMETERS)
        assert refreshes() == [("InProgress", "")]
        assert len(group_of(aws, stack)["Instances"]) == 2
        sets("INSUFFICIENT_DATA")
        assert len(group_of(aws, stack)["Instances"]) == 2, "which only keeps it from being started"
        sets("ALARM")
        assert [item["LaunchTemplate"]["Version"] for item in group_of(aws, stack)["Instances"]] == ["2"]
        ((status, reason),) = refreshes()
        assert status == "Failed"
        assert stack.id_of("Errors") in reason
        sets("OK")
        control.pass_hours(3)
        assert [item[0] for item in refreshes()] == ["Failed"], "it is not taken up again"

    def test_one_refresh_at_a_time(self, control, aws, deploy):
        control.freeze()
        control.put("pace", {"launchSeconds": HOUR})
        stack = deploy(fleet(minimum=1), Parameters=PARAMETERS)
        group = {"AutoScalingGroupName": stack.id_of("Fleet")}
        stack.update(fleet("t4g.large", minimum=1), parameters=PREVIOUS, Parameters=PARAMETERS)
        aws("autoscaling").start_instance_refresh(**group)
        with pytest.raises(ClientError) as refused:
            aws("autoscaling").start_instance_refresh(**group)
        assert code(refused) == "InstanceRefreshInProgress"

    @pytest.mark.parametrize(("size", "says"), [(5, "5 is above max value 4"), (-1, "-1 is below min value 0")])
    def test_a_size_out_of_bounds_is_refused(self, aws, stack, size, says):
        with pytest.raises(ClientError, match=says) as refused:
            self.scale(aws, stack, size)
        assert code(refused) == "ValidationError"
        assert group_of(aws, stack)["DesiredCapacity"] == 0

    @pytest.mark.parametrize(
        ("sizes", "says"),
        [
            ({"DesiredCapacity": 5}, "Desired capacity:5 must be between the specified min size:0 and max size:4"),
            ({"MinSize": 2, "DesiredCapacity": 1}, "min size:2"),
            ({"MinSize": 5}, "Max bound, 4, must be greater than or equal to min bound, 5"),
        ],
    )
    def test_an_update_out_of_bounds_is_refused(self, aws, stack, sizes, says):
        with pytest.raises(ClientError, match=says) as refused:
            aws("autoscaling").update_auto_scaling_group(AutoScalingGroupName=stack.id_of("Fleet"), **sizes)
        assert code(refused) == "ValidationError"
        group = group_of(aws, stack)
        assert (group["MinSize"], group["DesiredCapacity"], group["MaxSize"]) == (0, 0, 4)

    def test_lit_it_keeps_the_rehearsal_from_putting_it_out(self, aws, stack):
        name = stack.id_of("Fleet")
        lit = {"MinSize": 2, "MaxSize": 4, "DesiredCapacity": 2}
        aws("autoscaling").update_auto_scaling_group(AutoScalingGroupName=name, **lit)
        with pytest.raises(ClientError) as refused:
            self.scale(aws, stack, 0)
        assert code(refused) == "ValidationError"
        assert len(self.instances(aws, stack)) == 2

    def test_one_that_does_not_exist(self, aws):
        with pytest.raises(ClientError) as refused:
            aws("autoscaling").set_desired_capacity(AutoScalingGroupName="none", DesiredCapacity=1)
        assert code(refused) == "ValidationError"
        assert (
            aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["none"])["AutoScalingGroups"] == []
        )

    def test_it_is_deleted_whatever_its_bounds(self, aws, deploy):
        stack = deploy(fleet(minimum=2), Parameters=PARAMETERS)
        name = stack.id_of("Fleet")
        aws("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
        assert aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"] == []


MINUTE = 60
START = 1_795_000_020  # a full minute


def stamp(seconds):
    return datetime.fromtimestamp(seconds, tz=timezone.utc)


def cpu_seconds(control):
    """What the emulator has worked so far, whatever else this machine does."""
    pid = control.get("health")["pid"]
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class TestMetrics:
    @pytest.fixture
    def metric(self, aws):
        """Of a test of its own, and by the minute: 3 values, none, 1 value."""
        TestMetrics.count = getattr(TestMetrics, "count", 0) + 1
        workload = f"workload-{TestMetrics.count}"
        for second, value in ((START, 4.0), (START + 20, 1.0), (START + 59, 7.0), (START + 125, 5.0)):
            self.put(aws, workload, Value=value, Timestamp=stamp(second))
        return workload

    @staticmethod
    def put(aws, workload, name="Heartbeat", **datum):
        dimensions = [{"Name": "Workload", "Value": workload}]
        aws("cloudwatch").put_metric_data(
            Namespace="Pilotlight", MetricData=[{"MetricName": name, "Dimensions": dimensions, **datum}]
        )

    @staticmethod
    def get(aws, workload, stat="Maximum", start=START, end=START + 180, period=MINUTE, dimensions=None, **more):
        found = TestMetrics.query(aws, workload, stat, start, end, period, dimensions, **more)["MetricDataResults"][0]
        assert found["StatusCode"] == "Complete"
        return [
            (int(at.timestamp()) - START, value) for at, value in zip(found["Timestamps"], found["Values"], strict=True)
        ]

    @staticmethod
    def query(aws, workload, stat, start, end, period=MINUTE, dimensions=None, **more):
        if dimensions is None:
            dimensions = [{"Name": "Workload", "Value": workload}]
        metric = {"Namespace": "Pilotlight", "MetricName": "Heartbeat", "Dimensions": dimensions}
        query = {"Id": "q", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}
        return aws("cloudwatch").get_metric_data(
            MetricDataQueries=[query], StartTime=stamp(start), EndTime=stamp(end), **more
        )

    @pytest.mark.parametrize(
        ("stat", "first", "third"),
        [("Minimum", 1, 5), ("Maximum", 7, 5), ("Sum", 12, 5), ("Average", 4, 5), ("SampleCount", 3, 1)],
    )
    def test_statistics_by_the_minute_newest_first_and_nothing_where_there_is_none(
        self, aws, metric, stat, first, third
    ):
        assert self.get(aws, metric, stat) == [(120, third), (0, first)]
        assert self.get(aws, metric, stat, ScanBy="TimestampAscending") == [(0, first), (120, third)]

    def test_periods_are_full_minutes_wherever_the_query_begins(self, aws, metric):
        assert self.get(aws, metric, start=START + 30) == [(120, 5), (0, 7)]
        assert self.get(aws, metric, start=START + 61) == [(120, 5)]
        assert self.get(aws, metric, start=START - 600, end=START + 120) == [(0, 7)]
        five = (START // 300 * 300) - START
        assert self.get(aws, metric, "Sum", period=300, end=START + 600)[-1][0] == five

    def test_dimensions_are_matched_exactly(self, aws, metric):
        assert self.get(aws, metric, dimensions=[]) == []
        more = [{"Name": "Workload", "Value": metric}, {"Name": "Other", "Value": "x"}]
        assert self.get(aws, metric, dimensions=more) == []
        assert self.get(aws, "another") == []

    def test_without_a_timestamp_it_is_now_in_virtual_time(self, control, aws, metric):
        control.freeze()
        control.pass_hours(10)
        self.put(aws, metric, Value=9)
        now = int(control.now / 1000)
        assert now > time.time() + 9 * HOUR
        found = self.get(aws, metric, start=now - 120, end=now + 60)
        assert found == [(now // 60 * 60 - START, 9)]

    def test_values_counts_and_statistics_join(self, aws, metric):
        self.put(aws, metric, Values=[10, 20], Counts=[1, 2], Timestamp=stamp(START))
        sets = {"SampleCount": 2, "Sum": 1, "Minimum": 0, "Maximum": 1}
        self.put(aws, metric, StatisticValues=sets, Timestamp=stamp(START + 1))
        assert self.get(aws, metric, "Sum", end=START + 60) == [(0, 12 + 50 + 1)]
        assert self.get(aws, metric, "SampleCount", end=START + 60) == [(0, 8)]
        assert self.get(aws, metric, "Minimum", end=START + 60) == [(0, 0)]

    def test_get_metric_statistics_says_the_same(self, aws, metric):
        found = aws("cloudwatch").get_metric_statistics(
            Namespace="Pilotlight",
            MetricName="Heartbeat",
            Dimensions=[{"Name": "Workload", "Value": metric}],
            StartTime=stamp(START),
            EndTime=stamp(START + 180),
            Period=60,
            Statistics=["Minimum", "Average"],
        )["Datapoints"]
        assert [(int(item["Timestamp"].timestamp()) - START, item["Minimum"]) for item in found] == [(0, 1), (120, 5)]
        assert found[0]["Average"] == 4

    def test_a_metric_of_another_dimension_is_no_datapoint(self, aws, metric):
        answer = aws("cloudwatch").get_metric_statistics(
            Namespace="Pilotlight",
            MetricName="Heartbeat",
            Dimensions=[{"Name": "Workload", "Value": metric + "-other"}],
            StartTime=stamp(START),
            EndTime=stamp(START + 180),
            Period=60,
            Statistics=["Minimum"],
        )
        assert answer["Datapoints"] == []

    def test_an_expression_and_the_list(self, aws, metric):
        dimensions = [{"Name": "Workload", "Value": metric}]
        stat = {"Metric": {"Namespace": "Pilotlight", "MetricName": "Heartbeat", "Dimensions": dimensions}}
        queries = [
            {"Id": "m", "MetricStat": {**stat, "Period": 60, "Stat": "Maximum"}, "ReturnData": False},
            {"Id": "e", "Expression": "m"},
        ]
        found = aws("cloudwatch").get_metric_data(
            MetricDataQueries=queries, StartTime=stamp(START), EndTime=stamp(START + 180)
        )["MetricDataResults"]
        assert [(result["Id"], result["Values"]) for result in found] == [("e", [5, 7])]
        listed = aws("cloudwatch").list_metrics(Namespace="Pilotlight", Dimensions=dimensions)["Metrics"]
        assert listed == [{"Namespace": "Pilotlight", "MetricName": "Heartbeat", "Dimensions": dimensions}]

    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("m", {0: 7, 120: 5}),
            ("IF(m >= 6, m)", {0: 7}),
            ("IF(m < 6, m, -1)", {0: -1, 120: 5}),
            ("IF(m > 100, m)", {}),
            ("FILL(m, 0)", {0: 7, 60: 0, 120: 5}),
            ("FILL(m, REPEAT)", {0: 7, 60: 7, 120: 5}),
            ("FILL(none, 0)", {}),
            ("IF(FILL(none, 0) >= 1, 0, m)", {}),
            ("IF(FILL(m, 0) >= 6, 0, IF(n >= 3, 100 * FILL(m, 0) / n, 0))", {0: 0, 120: 0}),
            ("n / (m - 7)", {120: -0.5}),
            ("m > 5 AND n == 3 || m < 0", {0: 1, 120: 0}),
            ("-m + 1", {0: -6, 120: -4}),
        ],
    )
    def test_metric_math(self, aws, metric, expression, expected):
        assert self.calculated(aws, metric, [{"Id": "e", "Expression": expression}])["e"] == expected

    def test_an_expression_of_expressions(self, aws, metric):
        queries = [{"Id": "f", "Expression": "e * 2"}, {"Id": "e", "Expression": "m + n"}]
        assert self.calculated(aws, metric, queries) == {"e": {0: 10, 120: 6}, "f": {0: 20, 120: 12}}

    @pytest.mark.parametrize(
        ("expression", "says"),
        [
            ("IF(m", "a bracket is not closed"),
            ("o + 1", "'o' is no id"),
            ("SUM(m)", "no SUM"),
            ("1 + 1", "not a time series"),
            ("m %", "'%' is not known"),
            ("e", "made of each other"),
        ],
    )
    def test_an_expression_that_makes_no_sense_is_refused(self, aws, metric, expression, says):
        with pytest.raises(ClientError, match=says):
            self.calculated(aws, metric, [{"Id": "e", "Expression": expression}])

    @staticmethod
    def calculated(aws, workload, expressions):
        """By id: second after START → value; m is the maximum, n the number of datapoints, none has none."""

        def stat(name, statistic, metric="Heartbeat"):
            dimensions = [{"Name": "Workload", "Value": workload}]
            described = {"Namespace": "Pilotlight", "MetricName": metric, "Dimensions": dimensions}
            return {
                "Id": name,
                "MetricStat": {"Metric": described, "Period": 60, "Stat": statistic},
                "ReturnData": False,
            }

        stats = [stat("m", "Maximum"), stat("n", "SampleCount"), stat("none", "Sum", "Nothing")]
        found = aws("cloudwatch").get_metric_data(
            MetricDataQueries=[*stats, *expressions], StartTime=stamp(START), EndTime=stamp(START + 180)
        )["MetricDataResults"]
        for result in found:
            assert result["Timestamps"] == sorted(result["Timestamps"], reverse=True)
        return {
            result["Id"]: {
                int(at.timestamp()) - START: value
                for at, value in zip(result["Timestamps"], result["Values"], strict=True)
            }
            for result in found
        }

    @pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="work is measured where Linux shows it")
    def test_hours_of_agents_are_read_fast(self, control, aws, metric):
        dimensions = [{"Name": "Workload", "Value": metric}]
        data = [
            {"MetricName": "Heartbeat", "Dimensions": dimensions, "Value": 1, "Timestamp": stamp(START + 5 * number)}
            for number in range(20_000)
        ]
        for begin in range(0, len(data), 1000):
            aws("cloudwatch").put_metric_data(Namespace="Pilotlight", MetricData=data[begin : begin + 1000])
        used = cpu_seconds(control)
        for _ in range(20):
            found = self.query(aws, metric, "Sum", START + 50_000, START + 93_200)["MetricDataResults"][0]
        assert len(found["Values"]) == 721
        # half a second of work; looked through one by one for each minute, as moto does it, minutes
        assert cpu_seconds(control) - used < 20

    def test_what_makes_no_sense_is_refused(self, aws, metric):
        with pytest.raises(ClientError):
            self.query(aws, metric, "Maximum", START, START)
        with pytest.raises(ClientError, match="Period"):
            self.query(aws, metric, "Maximum", START, START + 60, 90)


class TestAlarms:
    @pytest.fixture
    def stack(self, deploy):
        alarm = {
            "Namespace": "Pilotlight",
            "MetricName": "Heartbeat",
            "ComparisonOperator": "LessThanThreshold",
            "EvaluationPeriods": 3,
            "Period": 60,
            "Statistic": "Sum",
            "Threshold": 1,
            "TreatMissingData": "breaching",
        }
        TestAlarms.count = getattr(TestAlarms, "count", 0) + 1
        names = [f"{kind}-{TestAlarms.count}" for kind in ("heartbeat", "gone")]
        composite = {"AlarmName": names[1], "AlarmRule": f'ALARM("{names[0]}")'}
        self.resources = {
            "Heartbeat": resource("AWS::CloudWatch::Alarm", {"AlarmName": names[0], **alarm}),
            "Gone": resource("AWS::CloudWatch::CompositeAlarm", composite),
        }
        self.names = names
        return deploy(self.resources)

    def described(self, aws, **filters):
        found = aws("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"], **filters)
        alarms = found["MetricAlarms"] + found["CompositeAlarms"]
        return {alarm["AlarmName"]: alarm for alarm in alarms if alarm["AlarmName"] in self.names}

    def test_new_they_have_seen_nothing(self, aws, stack):
        assert {alarm["StateValue"] for alarm in self.described(aws).values()} == {"INSUFFICIENT_DATA"}

    def test_both_kinds_are_moved_with_a_reason_in_virtual_time(self, control, aws, stack):
        control.freeze()
        control.pass_hours(10)
        for name in self.names:
            reason = {"StateReason": "three minutes without", "StateReasonData": '{"periods": 3}'}
            aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", **reason)
            alarm = self.described(aws, AlarmNames=[name])[name]
            assert (alarm["StateValue"], alarm["StateReason"]) == ("ALARM", "three minutes without")
            assert abs(alarm["StateUpdatedTimestamp"].timestamp() - control.now / 1000) < 60

    def test_an_update_leaves_the_state_as_it_is(self, aws, stack):
        for name in self.names:
            aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="tested")
        self.resources["Heartbeat"]["Properties"]["Threshold"] = 2
        self.resources["Gone"]["Properties"]["AlarmDescription"] = "both"
        stack.update(self.resources)
        alarms = self.described(aws)
        assert {alarm["StateValue"] for alarm in alarms.values()} == {"ALARM"}
        assert alarms[self.names[0]]["Threshold"] == 2

    def test_filters_join_and_composite_alarms_come_only_if_asked_for(self, aws, stack):
        aws("cloudwatch").set_alarm_state(AlarmName=self.names[0], StateValue="OK", StateReason="tested")
        assert set(self.described(aws, StateValue="OK", AlarmNames=self.names)) == {self.names[0]}
        assert set(self.described(aws, AlarmNamePrefix=self.names[1])) == {self.names[1]}
        found = aws("cloudwatch").describe_alarms(AlarmNames=self.names)
        assert [alarm["AlarmName"] for alarm in found["MetricAlarms"]] == [self.names[0]]
        assert found.get("CompositeAlarms", []) == []

    def test_one_that_does_not_exist(self, aws):
        with pytest.raises(ClientError) as refused:
            aws("cloudwatch").set_alarm_state(AlarmName="none", StateValue="OK", StateReason="x")
        assert code(refused) in ("ResourceNotFound", "ResourceNotFoundException")
