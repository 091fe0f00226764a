"""CloudWatch of the AWS API: metrics that are pushed and measured, alarms that are judged."""
import datetime
import json

from weir_test.aws import ANYBODY, AwsCase
from weir_test.case import limit

DIMENSION = [{"Name": "asg", "Value": "web"}]


def now(seconds=0):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)


class CloudWatchCase(AwsCase):
    serial = True

    def setUp(self):
        super().setUp()
        self.subject = self.amazon(anonymous=True)
        self.watch = self.boto(self.subject, ANYBODY, "cloudwatch")

    def push(self, value, name="Queue", **more):
        self.watch.put_metric_data(Namespace="ML/Serving", MetricData=[
            {"MetricName": name, "Value": value, "Dimensions": DIMENSION, **more}])

    def statistics(self, name="Queue", period=60, **more):
        said = self.watch.get_metric_statistics(
            Namespace="ML/Serving", MetricName=name, Dimensions=DIMENSION, StartTime=now(-600),
            EndTime=now(60), Period=period, **more)
        return sorted(said["Datapoints"], key=lambda one: one["Timestamp"])

    def alarm(self, name="hi", **more):
        self.watch.put_metric_alarm(**{
            "AlarmName": name, "Namespace": "ML/Serving", "MetricName": "Queue",
            "Dimensions": DIMENSION, "Statistic": "Maximum", "Period": 1, "EvaluationPeriods": 3,
            "DatapointsToAlarm": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching", **more})

    def described(self, name="hi"):
        return self.watch.describe_alarms(AlarmNames=[name])["MetricAlarms"]

    def is_in(self, state, name="hi"):
        self.eventually(lambda: self.described(name)[0]["StateValue"] == state, within=15,
                        what=f"{name} in {state}")


class Metrics(CloudWatchCase):
    def test_what_is_pushed_is_read_in_each_statistic(self):
        at = now().replace(second=30, microsecond=0) - datetime.timedelta(minutes=2)
        for offset, value in ((0, 1), (1, 2), (2, 6)):
            self.push(value, Timestamp=at + datetime.timedelta(seconds=offset))

        points = self.statistics(Statistics=["Sum", "Average", "Minimum", "Maximum", "SampleCount"],
                                 ExtendedStatistics=["p50"])

        self.assertEqual(len(points), 1)
        self.assertEqual({k: points[0][k] for k in ("Sum", "Average", "Minimum", "Maximum", "SampleCount")},
                         {"Sum": 9, "Average": 3, "Minimum": 1, "Maximum": 6, "SampleCount": 3})
        self.assertEqual(points[0]["ExtendedStatistics"], {"p50": 2})
        self.assertEqual(points[0]["Timestamp"], at.replace(second=0))

    def test_values_with_counts_and_sets_of_statistics_count_as_what_they_stand_for(self):
        self.watch.put_metric_data(Namespace="ML/Serving", MetricData=[
            {"MetricName": "V", "Dimensions": DIMENSION, "Values": [1, 2, 3], "Counts": [4, 5, 6]},
            {"MetricName": "L", "Dimensions": DIMENSION, "StatisticValues": {
                "SampleCount": 3, "Sum": 6, "Minimum": 1, "Maximum": 3}, "StorageResolution": 1}])

        values, sets = (self.statistics(name, Statistics=["Sum", "SampleCount"])[0] for name in "VL")

        self.assertEqual((values["Sum"], values["SampleCount"]), (32, 15))
        self.assertEqual((sets["Sum"], sets["SampleCount"]), (6, 3))

    def test_days_ago_is_kept_by_the_minute(self):
        at = now(-26 * 3600).replace(second=0, microsecond=0)
        self.push(7, Timestamp=at)
        said = self.eventually(lambda: self.watch.get_metric_statistics(
            Namespace="ML/Serving", MetricName="Queue", Dimensions=DIMENSION, Period=60,
            StartTime=at, EndTime=at + datetime.timedelta(hours=1), Statistics=["Average"])["Datapoints"])
        self.assertEqual([one["Average"] for one in said], [7])

    def test_metric_math_is_computed_of_the_queries(self):
        self.push(7)
        queries = [{"Id": "m1", "ReturnData": False, "MetricStat": {
            "Metric": {"Namespace": "ML/Serving", "MetricName": "Queue", "Dimensions": DIMENSION},
            "Period": 60, "Stat": "Average"}},
                   {"Id": "e2", "Expression": "e1 + 1", "Label": "more"},
                   {"Id": "e1", "Expression": "m1 * 2"}]
        said = self.watch.get_metric_data(MetricDataQueries=queries, StartTime=now(-300), EndTime=now(60))
        self.assertEqual({one["Id"]: one["Values"] for one in said["MetricDataResults"]},
                         {"e2": [15], "e1": [14]})
        self.assertEqual(said["MetricDataResults"][0]["Label"], "more")
        queries[2]["Expression"] = "m9 * 2"
        self.assertEqual(self.fails(self.watch.get_metric_data, MetricDataQueries=queries,
                                    StartTime=now(-300), EndTime=now(60)), ("ValidationError", 400))

    def test_metrics_are_listed_by_what_they_were_called(self):
        odd = [{"Name": "Load Balancer", "Value": "app/web, 1%"}]
        self.watch.put_metric_data(Namespace="A.B/C", MetricData=[
            {"MetricName": "5xx: Rate", "Value": 1, "Dimensions": odd}])
        self.push(1)
        said = self.watch.list_metrics(Namespace="A.B/C")["Metrics"]
        self.assertEqual(said, [{"Namespace": "A.B/C", "MetricName": "5xx: Rate", "Dimensions": odd}])
        self.assertEqual(len(self.watch.list_metrics(
            Dimensions=[{"Name": "asg", "Value": "web"}])["Metrics"]), 1)

    def test_tenants_do_not_see_each_others(self):
        self.push(1)
        other = self.boto(self.subject, ANYBODY, "cloudwatch", region="us-west-2")
        self.assertEqual(other.list_metrics()["Metrics"], [])
        other.put_metric_data(Namespace="ML/Serving", MetricData=[
            {"MetricName": "Queue", "Value": 100, "Dimensions": DIMENSION}])
        self.assertEqual(len(other.list_metrics()["Metrics"]), 1)
        self.assertEqual(self.statistics(Statistics=["Maximum"])[0]["Maximum"], 1)

    def test_what_makes_no_sense_is_refused(self):
        for datum, code in (({}, "MissingParameter"),
                            ({"Value": 1, "Values": [1]}, "InvalidParameterCombination"),
                            ({"Values": [1, 2], "Counts": [1]}, "InvalidParameterValue"),
                            ({"Value": 1, "Timestamp": now(-20 * 86400)}, "InvalidParameterValue")):
            with self.subTest(datum):
                self.assertEqual(self.fails(self.watch.put_metric_data, Namespace="ML", MetricData=[
                    {"MetricName": "Q", **datum}]), (code, 400))
        self.assertEqual(self.fails(self.watch.put_metric_data, Namespace="AWS/EC2", MetricData=[
            {"MetricName": "Q", "Value": 1}]), ("InvalidParameterValue", 400))

    @limit(60)
    def test_the_cli_pushes_and_reads(self):
        done = self.aws(self.subject, ANYBODY, "cloudwatch", "put-metric-data", "--namespace", "ML/Serving",
                        "--metric-name", "Queue", "--dimensions", "asg=web", "--value", "7")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.aws(self.subject, ANYBODY, "cloudwatch", "list-metrics", "--namespace", "ML/Serving")
        self.assertEqual(json.loads(done.stdout)["Metrics"][0]["MetricName"], "Queue")


class Alarms(CloudWatchCase):
    @limit(60)
    def test_an_alarm_is_judged_and_keeps_its_history(self):
        self.alarm(Tags=[{"Key": "team", "Value": "ml"}])
        self.is_in("OK")
        self.push(9)
        self.is_in("ALARM")
        self.is_in("OK")
        alarm = self.described()[0]
        self.assertEqual(alarm["AlarmArn"], "arn:aws:cloudwatch:eu-central-1:000000000000:alarm:hi")
        history = self.watch.describe_alarm_history(AlarmName="hi", ScanBy="TimestampAscending")
        self.assertEqual([one["HistorySummary"] for one in history["AlarmHistoryItems"]][-2:],
                         ["Alarm updated from OK to ALARM", "Alarm updated from ALARM to OK"])
        tags = self.watch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        self.assertEqual(tags, [{"Key": "team", "Value": "ml"}])

    @limit(60)
    def test_an_alarm_survives_a_kill(self):
        self.alarm(AlarmDescription="too long a queue")
        before = self.described()[0]
        self.subject.kill()
        self.subject.start()
        after = self.described()[0]
        for changing in ("StateValue", "StateReason", "StateUpdatedTimestamp", "StateTransitionedTimestamp"):
            before.pop(changing, None), after.pop(changing, None)
        self.assertEqual(before, after)

    def test_alarms_are_found_by_what_is_asked(self):
        for name in ("a-1", "a-2", "b-1"):
            self.alarm(name)
        names = lambda **asked: [one["AlarmName"] for one in self.watch.describe_alarms(**asked)["MetricAlarms"]]
        self.assertEqual(names(), ["a-1", "a-2", "b-1"])
        self.assertEqual(names(AlarmNamePrefix="a-"), ["a-1", "a-2"])
        self.assertEqual(names(AlarmNames=["b-1", "none"]), ["b-1"])
        pages = self.watch.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 2})
        self.assertEqual([len(page["MetricAlarms"]) for page in pages], [2, 1])
        self.assertEqual(self.fails(self.watch.describe_alarms, NextToken="x"), ("InvalidNextToken", 400))
        for_metric = self.watch.describe_alarms_for_metric(
            Namespace="ML/Serving", MetricName="Queue", Dimensions=DIMENSION)["MetricAlarms"]
        self.assertEqual(len(for_metric), 3)
        self.watch.delete_alarms(AlarmNames=["a-1", "b-1"])
        self.assertEqual(names(), ["a-2"])
        self.assertEqual(self.fails(self.watch.delete_alarms, AlarmNames=["a-2", "none"]),
                         ("ResourceNotFound", 404))
        self.assertEqual(names(), ["a-2"])

    @limit(60)
    def test_a_state_is_set_by_hand_and_actions_are_switched(self):
        self.alarm(Period=60)
        self.watch.set_alarm_state(AlarmName="hi", StateValue="ALARM", StateReason="a drill")
        self.assertEqual(self.described()[0]["StateReason"], "a drill")
        self.watch.disable_alarm_actions(AlarmNames=["hi"])
        self.assertFalse(self.described()[0]["ActionsEnabled"])
        self.watch.enable_alarm_actions(AlarmNames=["hi"])
        self.assertTrue(self.described()[0]["ActionsEnabled"])
        self.assertEqual(self.fails(self.watch.set_alarm_state, AlarmName="none", StateValue="OK",
                                    StateReason="x"), ("ResourceNotFound", 404))

    def test_what_would_never_fire_is_refused(self):
        for wrong in ({"Period": 7}, {"ExtendedStatistic": "p99"}, {"DatapointsToAlarm": 9},
                      {"AlarmActions": ["arn:aws:automate:eu-central-1:ec2:stop"]},
                      {"Namespace": "AWS/EC2", "MetricName": "DiskReadOps"},
                      {"EvaluateLowSampleCountPercentile": "ignore"}):
            with self.subTest(wrong):
                with self.assertRaises(Exception) as caught:
                    self.alarm(**wrong)
                self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 400)
        self.assertEqual(self.watch.describe_alarms()["MetricAlarms"], [])

    def test_what_a_file_declares_is_shown(self):
        self.subject.reload({"admin": {"anonymous": True}, "aws": {"region": "eu-central-1"}, "alarms": {
            "late": {"metric": "custom.backlog{model=a}", "threshold": 2, "period": "10s"}}})
        said = self.described("late")[0]
        self.assertEqual((said["Namespace"], said["MetricName"], said["Dimensions"]),
                         ("Weir", "custom.backlog", [{"Name": "model", "Value": "a"}]))
        self.assertEqual(self.fails(self.watch.delete_alarms, AlarmNames=["late"]), ("ValidationError", 400))
