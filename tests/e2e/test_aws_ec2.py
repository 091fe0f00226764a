"""What EC2 has besides instances: networks, launch templates, tags, images."""
from weir_test.aws import ANYBODY, REGION, AwsCase
from weir_test.case import limit


class Ec2Case(AwsCase):
    def setUp(self):
        super().setUp()
        self.subject = self.amazon(anonymous=True, aws={
            "region": REGION, "images": {"ami-12c6146b": {"command": ["/bin/sleep", "${WEIR_PORT}"]}}})
        self.ec2 = self.boto(self.subject, ANYBODY, "ec2")


class Networks(Ec2Case):
    def test_there_is_a_default_network_with_a_subnet_a_zone(self):
        zones = self.ec2.describe_availability_zones()["AvailabilityZones"]
        self.assertEqual([z["ZoneName"] for z in zones], [REGION + z for z in "abc"])
        vpc = self.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]
        subnets = self.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])
        self.assertEqual([s["AvailabilityZone"] for s in subnets["Subnets"]], [REGION + z for z in "abc"])
        self.assertEqual(self.fails(self.ec2.delete_vpc, VpcId=vpc["VpcId"]), ("OperationNotPermitted", 400))

    @limit(60)
    def test_what_was_made_survives_a_kill_and_goes_in_order(self):
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[
            {"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "mine"}]}])["Vpc"]["VpcId"]
        subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone=REGION + "b")
        subnet = subnet["Subnet"]["SubnetId"]
        group = self.ec2.create_security_group(GroupName="web", Description="d", VpcId=vpc)["GroupId"]
        rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
        again = self.fails(self.ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[rule])
        self.assertEqual(again, ("InvalidPermission.Duplicate", 400))

        self.subject.kill()
        self.subject.start()

        found = self.ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["mi*"]}])["Vpcs"]
        self.assertEqual([v["VpcId"] for v in found], [vpc])
        kept = self.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
        self.assertEqual(kept["IpPermissions"][0]["IpRanges"], [{"CidrIp": "0.0.0.0/0"}])
        self.assertEqual(len(kept["IpPermissionsEgress"]), 1)
        self.assertEqual(self.fails(self.ec2.delete_vpc, VpcId=vpc), ("DependencyViolation", 400))
        self.ec2.delete_security_group(GroupId=group)
        self.ec2.delete_subnet(SubnetId=subnet)
        self.ec2.delete_vpc(VpcId=vpc)
        self.assertEqual(self.fails(self.ec2.describe_vpcs, VpcIds=[vpc]), ("InvalidVpcID.NotFound", 400))


class Templates(Ec2Case):
    def test_versions_are_found_by_number_latest_and_default(self):
        make = {"LaunchTemplateName": "one", "ClientToken": "t1",
                "LaunchTemplateData": {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro", "UserData": "aGk="}}
        made = self.ec2.create_launch_template(**make)["LaunchTemplate"]
        self.assertEqual(self.ec2.create_launch_template(**make)["LaunchTemplate"], made)
        taken = self.fails(self.ec2.create_launch_template, **{**make, "ClientToken": "t2"})
        self.assertEqual(taken, ("InvalidLaunchTemplateName.AlreadyExistsException", 400))
        self.ec2.create_launch_template_version(LaunchTemplateName="one", SourceVersion="1",
                                                LaunchTemplateData={"InstanceType": "m5.large"})

        def versions(*names):
            found = self.ec2.describe_launch_template_versions(LaunchTemplateName="one", Versions=list(names))
            return found["LaunchTemplateVersions"]
        latest, default = versions("$Latest", "$Default")
        self.assertEqual((latest["VersionNumber"], default["VersionNumber"]), (2, 1))
        self.assertEqual(latest["LaunchTemplateData"]["UserData"], "aGk=")
        self.assertEqual(latest["LaunchTemplateData"]["InstanceType"], "m5.large")
        self.ec2.modify_launch_template(LaunchTemplateName="one", DefaultVersion="2")
        self.assertTrue(versions("2")[0]["DefaultVersion"])
        self.assertEqual(len(self.ec2.describe_launch_template_versions(
            LaunchTemplateId=made["LaunchTemplateId"])["LaunchTemplateVersions"]), 2)
        self.ec2.delete_launch_template(LaunchTemplateName="one")
        gone = self.fails(self.ec2.describe_launch_templates, LaunchTemplateIds=[made["LaunchTemplateId"]])
        self.assertEqual(gone, ("InvalidLaunchTemplateId.NotFound", 400))

    def test_images_and_types_are_those_of_the_configuration_and_the_built_in_ones(self):
        self.assertEqual(self.ec2.describe_images(Owners=["self"])["Images"][0]["ImageId"], "ami-12c6146b")
        missing = self.fails(self.ec2.describe_images, ImageIds=["ami-00000000"])
        self.assertEqual(missing, ("InvalidAMIID.NotFound", 400))
        size = self.ec2.describe_instance_types(InstanceTypes=["g5.xlarge"])["InstanceTypes"][0]
        self.assertEqual(size["VCpuInfo"]["DefaultVCpus"], 4)
        self.assertEqual(size["GpuInfo"]["Gpus"][0]["Count"], 1)
        self.assertEqual(self.ec2.describe_network_interfaces()["NetworkInterfaces"], [])

    def test_tags_of_anything_are_kept(self):
        self.ec2.create_tags(Resources=["i-0123456789abcdef0"], Tags=[{"Key": "a", "Value": "b"}])
        tags = self.ec2.describe_tags(Filters=[{"Name": "key", "Values": ["a"]}])["Tags"]
        self.assertEqual([(t["ResourceId"], t["ResourceType"], t["Value"]) for t in tags],
                         [("i-0123456789abcdef0", "instance", "b")])
        self.ec2.delete_tags(Resources=["i-0123456789abcdef0"], Tags=[{"Key": "a"}])
        self.assertEqual(self.ec2.describe_tags()["Tags"], [])
