"""Auto Scaling by the AWS API: real processes, started and ended by the calls of boto3 and the CLI."""
import json
import unittest

from weir_test import client
from weir_test.aws import ANYBODY, AwsCase
from weir_test.case import limit
from weir_test.weir import replica

REGION = "us-west-2"


class ScalingCase(AwsCase):
    def scaling(self, **more):
        config = {
            "aws": {"region": REGION, "account": "123456789012",
                    "images": {"ami-12c6146b": {"command": self.command()},
                               "default": {"command": self.command()}},
                    "instance_types": {"t3.micro": {}}, "adopt_unknown": True},
            "target_groups": {"web": {"health_check": {"path": "/", "interval": "200ms", "timeout": "200ms"}}},
            "listeners": {"public": {"default": {"forward": "web"}}},
            **more}
        self.subject = self.amazon(anonymous=True, **config)
        self.asg = self.boto(self.subject, ANYBODY, "autoscaling", region=REGION)
        self.ec2 = self.boto(self.subject, ANYBODY, "ec2", region=REGION)
        self.web = f"arn:aws:elasticloadbalancing:{REGION}:123456789012:targetgroup/web/0123456789abcdef"

    def command(self):
        return replica()

    def configuration(self, name="lc", **more):
        self.asg.create_launch_configuration(LaunchConfigurationName=name, ImageId="ami-12c6146b",
                                             InstanceType="t3.micro", **more)

    def group(self, name="asg"):
        found = self.asg.describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        return found["AutoScalingGroups"][0]

    def in_service(self, count, name="asg"):
        def there():
            instances = self.group(name)["Instances"]
            ready = [i for i in instances if i["LifecycleState"] == "InService"]
            return ready if len(ready) == count == len(instances) else None
        return self.eventually(there)

    def cli(self, *arguments):
        done = self.aws(self.subject, ANYBODY, "--region", REGION, "--output", "json", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def template(self, name="my-lt", **data):
        made = self.ec2.create_launch_template(
            LaunchTemplateName=name,
            LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "t3.micro", **data})
        return made["LaunchTemplate"]["LaunchTemplateId"]


class Groups(ScalingCase):
    @limit(120)
    def test_a_launch_configuration_over_three_zones_starts_five_processes(self):
        self.scaling()
        self.configuration(UserData="#!/bin/sh\necho hello\n")
        self.asg.create_auto_scaling_group(
            AutoScalingGroupName="asg", LaunchConfigurationName="lc", MinSize=1, MaxSize=10,
            DesiredCapacity=5, AvailabilityZones=[f"{REGION}{z}" for z in "abc"],
            Tags=[{"Key": "team", "Value": "ml", "PropagateAtLaunch": True}])

        instances = self.in_service(5)

        zones = sorted(i["AvailabilityZone"] for i in instances)
        self.assertEqual({z: zones.count(z) for z in zones} and len(set(zones)), 3)
        self.assertEqual({i["LaunchConfigurationName"] for i in instances}, {"lc"})
        status = json.loads(self.subject.cli("status", "--json").stdout)
        pids = [i["pid"] for g in status["scaling_groups"] for i in g["instances"]]
        self.assertEqual(len(pids), 5)
        for pid in pids:
            with open(f"/proc/{pid}/environ", "rb") as file:
                environment = file.read().split(b"\0")
            self.assertIn(b"AUTO_SCALING_GROUP=asg", environment)
            self.assertTrue([v for v in environment if v.startswith(b"EC2_USER_DATA=")])
        running = self.ec2.describe_instances()["Reservations"]
        self.assertEqual(len(running), 5)
        self.assertEqual(running[0]["Instances"][0]["State"]["Name"], "running")
        activities = self.asg.describe_scaling_activities(AutoScalingGroupName="asg")["Activities"]
        self.assertEqual(len(activities), 5)
        self.assertTrue(activities[0]["Description"].startswith("Launching a new EC2 instance: i-"))

    @limit(120)
    def test_the_cli_makes_a_group_of_subnets_that_survives_a_kill(self):
        self.scaling()
        vpc = self.cli("ec2", "create-vpc", "--cidr-block", "10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [self.cli("ec2", "create-subnet", "--vpc-id", vpc, "--cidr-block", f"10.0.{n}.0/24",
                            "--availability-zone", REGION + zone)["Subnet"]["SubnetId"]
                   for n, zone in enumerate("ab")]
        self.template()
        self.cli("autoscaling", "create-auto-scaling-group", "--auto-scaling-group-name", "asg",
                 "--launch-template", "LaunchTemplateName=my-lt,Version=$Latest", "--min-size", "2",
                 "--max-size", "10", "--desired-capacity", "4", "--vpc-zone-identifier",
                 ",".join(subnets))
        before = {i["InstanceId"] for i in self.in_service(4)}
        self.assertEqual(self.group()["AvailabilityZones"], [REGION + "a", REGION + "b"])

        self.subject.kill()
        self.subject.start()

        self.assertEqual({i["InstanceId"] for i in self.in_service(4)}, before)
        self.assertEqual(self.group()["VPCZoneIdentifier"], ",".join(subnets))

    @limit(120)
    def test_a_group_serves_the_requests_of_its_target_group(self):
        self.scaling()
        self.configuration()
        self.asg.create_auto_scaling_group(
            AutoScalingGroupName="asg", LaunchConfigurationName="lc", MinSize=1, MaxSize=3,
            AvailabilityZones=[REGION + "a"], TargetGroupARNs=[self.web], HealthCheckType="ELB")
        self.in_service(1)
        answer = client.ask(self.subject.address("public"), "GET", "/")
        self.assertEqual(answer.status, 200, answer)
        states = self.asg.describe_load_balancer_target_groups(AutoScalingGroupName="asg")
        self.assertEqual(states["LoadBalancerTargetGroups"],
                         [{"LoadBalancerTargetGroupARN": self.web, "State": "InService"}])

        self.asg.set_desired_capacity(AutoScalingGroupName="asg", DesiredCapacity=2)
        self.in_service(2)
        code = self.fails(self.asg.delete_auto_scaling_group, AutoScalingGroupName="asg")
        self.assertEqual(code, ("ResourceInUse", 400))
        self.asg.delete_auto_scaling_group(AutoScalingGroupName="asg", ForceDelete=True)
        self.assertEqual(self.asg.describe_auto_scaling_groups()["AutoScalingGroups"], [])

    @limit(120)
    def test_terraforms_sequence_of_a_group_ends_with_nothing_left(self):
        self.scaling()
        lt = self.template()
        self.asg.create_auto_scaling_group(
            AutoScalingGroupName="asg", MinSize=1, MaxSize=2, AvailabilityZones=[REGION + "a"],
            LaunchTemplate={"LaunchTemplateId": lt, "Version": "$Default"})
        self.in_service(1)
        self.asg.suspend_processes(AutoScalingGroupName="asg", ScalingProcesses=["AZRebalance"])
        self.asg.enable_metrics_collection(AutoScalingGroupName="asg", Granularity="1Minute")
        self.assertEqual(len(self.group()["EnabledMetrics"]), 20)
        self.asg.create_or_update_tags(Tags=[{
            "ResourceId": "asg", "ResourceType": "auto-scaling-group", "Key": "k", "Value": "v",
            "PropagateAtLaunch": False}])
        self.asg.put_warm_pool(AutoScalingGroupName="asg", MinSize=1, PoolState="Running")
        self.eventually(lambda: [i for i in self.asg.describe_warm_pool(
            AutoScalingGroupName="asg")["Instances"] if i["LifecycleState"] == "Warmed:Running"])
        self.asg.delete_warm_pool(AutoScalingGroupName="asg")
        with self.assertRaisesRegex(Exception, "No warm pool found"):
            self.asg.delete_warm_pool(AutoScalingGroupName="asg")
        self.asg.update_auto_scaling_group(AutoScalingGroupName="asg", MinSize=0, MaxSize=0,
                                           DesiredCapacity=0)
        self.eventually(lambda: not self.group()["Instances"])
        self.asg.delete_auto_scaling_group(AutoScalingGroupName="asg")
        with self.assertRaisesRegex(Exception, "not found"):
            self.asg.update_auto_scaling_group(AutoScalingGroupName="asg", MaxSize=1)


class Life(ScalingCase):
    def simple_group(self, size=1, **more):
        self.template()
        self.asg.create_auto_scaling_group(
            AutoScalingGroupName="asg", MinSize=size, MaxSize=size + 3,
            AvailabilityZones=[REGION + "a"],
            LaunchTemplate={"LaunchTemplateName": "my-lt", "Version": "$Latest"}, **more)

    @limit(120)
    def test_a_launching_hook_holds_an_instance_until_it_is_completed(self):
        self.scaling()
        self.simple_group(LifecycleHookSpecificationList=[{
            "LifecycleHookName": "hook", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
            "HeartbeatTimeout": 60}])
        waiting = self.eventually(lambda: [
            i for i in self.group()["Instances"] if i["LifecycleState"] == "Pending:Wait"])
        id = waiting[0]["InstanceId"]
        self.asg.record_lifecycle_action_heartbeat(
            LifecycleHookName="hook", AutoScalingGroupName="asg", InstanceId=id)

        self.asg.complete_lifecycle_action(LifecycleHookName="hook", AutoScalingGroupName="asg",
                                           LifecycleActionResult="CONTINUE", InstanceId=id)

        self.assertEqual(self.in_service(1)[0]["InstanceId"], id)
        code = self.fails(self.asg.complete_lifecycle_action, LifecycleHookName="hook",
                          AutoScalingGroupName="asg", LifecycleActionResult="CONTINUE", InstanceId=id)
        self.assertEqual(code, ("ValidationError", 400))

    @limit(120)
    def test_a_refresh_brings_the_new_template_version(self):
        self.scaling()
        self.simple_group(size=2)
        self.assertEqual({i["LaunchTemplate"]["Version"] for i in self.in_service(2)}, {"1"})
        self.ec2.create_launch_template_version(
            LaunchTemplateName="my-lt", SourceVersion="1", LaunchTemplateData={"KeyName": "other"})

        started = self.asg.start_instance_refresh(
            AutoScalingGroupName="asg", Preferences={"MinHealthyPercentage": 50, "InstanceWarmup": 0})

        def refresh():
            found = self.asg.describe_instance_refreshes(AutoScalingGroupName="asg")
            return found["InstanceRefreshes"][0]
        self.assertEqual(refresh()["InstanceRefreshId"], started["InstanceRefreshId"])
        self.eventually(lambda: refresh()["Status"] == "Successful")
        self.assertEqual({i["LaunchTemplate"]["Version"] for i in self.in_service(2)}, {"2"})
        code = self.fails(self.asg.cancel_instance_refresh, AutoScalingGroupName="asg")
        self.assertEqual(code, ("ActiveInstanceRefreshNotFound", 400))

    @limit(120)
    def test_single_instances_leave_and_come_back(self):
        self.scaling()
        self.simple_group(size=1, DesiredCapacity=2)
        first, second = (i["InstanceId"] for i in self.in_service(2))
        self.asg.set_instance_protection(AutoScalingGroupName="asg", InstanceIds=[first],
                                         ProtectedFromScaleIn=True)
        self.assertTrue([i for i in self.group()["Instances"] if i["ProtectedFromScaleIn"]])
        self.asg.enter_standby(AutoScalingGroupName="asg", InstanceIds=[first],
                               ShouldDecrementDesiredCapacity=True)
        self.eventually(lambda: [i for i in self.group()["Instances"]
                                 if i["LifecycleState"] == "Standby"])
        self.assertEqual(self.group()["DesiredCapacity"], 1)
        self.asg.exit_standby(AutoScalingGroupName="asg", InstanceIds=[first])
        self.in_service(2)
        self.asg.terminate_instance_in_auto_scaling_group(
            InstanceId=second, ShouldDecrementDesiredCapacity=True)
        self.assertEqual(self.in_service(1)[0]["InstanceId"], first)
        with self.assertRaisesRegex(Exception, "desiredSize equals minSize"):
            self.asg.terminate_instance_in_auto_scaling_group(
                InstanceId=first, ShouldDecrementDesiredCapacity=True)
        self.asg.set_instance_health(InstanceId=first, HealthStatus="Unhealthy")
        self.eventually(lambda: self.in_service(1)[0]["InstanceId"] != first)


class Policies(ScalingCase):
    @limit(120)
    def test_policies_are_kept_and_a_simple_one_is_run_by_hand(self):
        self.scaling()
        self.configuration()
        self.asg.create_auto_scaling_group(
            AutoScalingGroupName="asg", LaunchConfigurationName="lc", MinSize=1, MaxSize=5,
            AvailabilityZones=[REGION + "a"])
        put = self.asg.put_scaling_policy
        made = put(AutoScalingGroupName="asg", PolicyName="simple", ScalingAdjustment=2,
                   AdjustmentType="ChangeInCapacity", Cooldown=300)
        self.assertIn(":policyName/simple", made["PolicyARN"])
        put(AutoScalingGroupName="asg", PolicyName="step", PolicyType="StepScaling",
            AdjustmentType="PercentChangeInCapacity", MinAdjustmentMagnitude=1,
            StepAdjustments=[
                {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 15.0, "ScalingAdjustment": 10},
                {"MetricIntervalLowerBound": 15.0, "ScalingAdjustment": 20}])
        made = put(AutoScalingGroupName="asg", PolicyName="cpu", PolicyType="TargetTrackingScaling",
                   TargetTrackingConfiguration={
                       "TargetValue": 95.0, "PredefinedMetricSpecification": {
                           "PredefinedMetricType": "ASGAverageCPUUtilization"}})
        self.assertEqual(len(made["Alarms"]), 2)
        put(AutoScalingGroupName="asg", PolicyName="queue", PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration={
                "TargetValue": 5.0, "CustomizedMetricSpecification": {
                    "MetricName": "Queue", "Namespace": "ML", "Statistic": "Average",
                    "Dimensions": [{"Name": "asg", "Value": "asg"}]}})
        self.asg.put_scheduled_update_group_action(
            AutoScalingGroupName="asg", ScheduledActionName="night", Recurrence="0 22 * * *",
            MinSize=1, MaxSize=5, TimeZone="Europe/Vienna")
        names = {p["PolicyName"] for p in self.asg.describe_policies()["ScalingPolicies"]}
        self.assertEqual(names, {"simple", "step", "cpu", "queue"})
        actions = self.asg.describe_scheduled_actions()["ScheduledUpdateGroupActions"]
        self.assertEqual(actions[0]["Recurrence"], "0 22 * * *")
        self.in_service(1)

        self.asg.execute_policy(AutoScalingGroupName="asg", PolicyName="simple")

        self.in_service(3)
        code = self.fails(put, AutoScalingGroupName="asg", PolicyName="net",
                          PolicyType="TargetTrackingScaling", TargetTrackingConfiguration={
                              "TargetValue": 1.0, "PredefinedMetricSpecification": {
                                  "PredefinedMetricType": "ASGAverageNetworkIn"}})
        self.assertEqual(code, ("ValidationError", 400))
        self.asg.delete_policy(AutoScalingGroupName="asg", PolicyName="queue")
        self.assertEqual(len(self.asg.describe_policies()["ScalingPolicies"]), 3)


if __name__ == "__main__":
    unittest.main()


class AlarmsRunPolicies(ScalingCase):
    serial = True

    @limit(120)
    def test_a_simple_policy_is_run_by_its_alarm_which_outlives_the_group(self):
        self.scaling()
        watch = self.boto(self.subject, ANYBODY, "cloudwatch", region=REGION)
        self.configuration()
        self.asg.create_auto_scaling_group(
            AutoScalingGroupName="asg", LaunchConfigurationName="lc", MinSize=1, MaxSize=4,
            DesiredCapacity=1, AvailabilityZones=[REGION + "a"])
        self.in_service(1)
        policy = self.asg.put_scaling_policy(
            AutoScalingGroupName="asg", PolicyName="out", AdjustmentType="ChangeInCapacity",
            ScalingAdjustment=2, Cooldown=300)["PolicyARN"]
        watch.put_metric_alarm(
            AlarmName="busy", Namespace="ML", MetricName="Queue", Statistic="Average", Period=1,
            EvaluationPeriods=1, Threshold=70, ComparisonOperator="GreaterThanOrEqualToThreshold",
            AlarmActions=[policy])
        watch.put_metric_alarm(
            AlarmName="hot", Namespace="AWS/EC2", MetricName="CPUUtilization", Statistic="Average",
            Dimensions=[{"Name": "AutoScalingGroupName", "Value": "asg"}], Period=60,
            EvaluationPeriods=1, Threshold=101, ComparisonOperator="GreaterThanThreshold")

        watch.put_metric_data(Namespace="ML", MetricData=[{"MetricName": "Queue", "Value": 75}])

        self.in_service(3)
        self.assertIn("alarm busy was in state ALARM", str(self.subject.scaling_group("asg")["activities"]))
        self.asg.delete_auto_scaling_group(AutoScalingGroupName="asg", ForceDelete=True)
        alarms = watch.describe_alarms()["MetricAlarms"]
        self.assertEqual([alarm["AlarmName"] for alarm in alarms], ["busy", "hot"])
        self.assertEqual(alarms[0]["AlarmActions"], [policy])
        self.assertEqual(alarms[1]["StateValue"], "INSUFFICIENT_DATA")
