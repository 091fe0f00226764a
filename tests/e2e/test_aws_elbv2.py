"""Elastic Load Balancing v2: load balancers, listeners, rules, targets, certificates; with traffic."""
import json
import os
from collections import Counter

from weir_test import client
from weir_test.aws import ANYBODY, AwsCase
from weir_test.case import limit
from weir_test.certificates import Authority
from weir_test.weir import free_port, in_turn


class ElbCase(AwsCase):
    def setUp(self):
        super().setUp()
        block = f"127.{100 + in_turn('aws', 100)}.0.0/24"
        self.subject = self.amazon(anonymous=True, aws={
            "adopt_unknown": True, "addresses": [block], "region": "eu-central-1"})
        self.elb = self.boto(self.subject, ANYBODY, "elbv2")

    def balancer(self, name="web", **more):
        made = self.elb.create_load_balancer(Name=name, Subnets=["subnet-a", "subnet-b"], **more)
        return made["LoadBalancers"][0]

    def group(self, name="models", *backends, attributes=None, **more):
        more = {"Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1", "TargetType": "ip", **more}
        if more["Protocol"] == "HTTP":
            more = {"HealthCheckPath": "/health", **more}
        arn = self.elb.create_target_group(
            Name=name, HealthCheckIntervalSeconds=5, HealthyThresholdCount=2,
            **more)["TargetGroups"][0]["TargetGroupArn"]
        if backends:
            self.elb.register_targets(TargetGroupArn=arn, Targets=[
                {"Id": "127.0.0.1", "Port": backend.port} for backend in backends])
        if attributes:
            self.elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[
                {"Key": key, "Value": value} for key, value in attributes.items()])
        return arn

    def listener(self, balancer, group=None, port=None, **more):
        more = {"Protocol": "HTTP", **more}
        if group:
            more["DefaultActions"] = [{"Type": "forward", "TargetGroupArn": group}]
        made = self.elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"],
                                        Port=port or free_port(), **more)
        return made["Listeners"][0]

    @staticmethod
    def fixed(text, status="200"):
        return [{"Type": "fixed-response", "FixedResponseConfig": {
            "StatusCode": status, "ContentType": "text/plain", "MessageBody": text}}]

    def ask(self, balancer, listener, target="/", host="a", headers=()):
        return client.ask((balancer["DNSName"], listener["Port"]), "GET", target, list(headers),
                          host=host)

    def states(self, group):
        told = self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return {one["Target"]["Port"]: one["TargetHealth"]["State"] for one in told}


class LoadBalancers(ElbCase):
    def test_a_new_one_is_active_at_an_address_of_its_own(self):
        first, second = self.balancer(), self.balancer("other", Type="network")
        self.assertRegex(first["LoadBalancerArn"],
                         r"^arn:aws:elasticloadbalancing:eu-central-1:0{12}:"
                         r"loadbalancer/app/web/[0-9a-f]{16}$")
        self.assertIn(":loadbalancer/net/other/", second["LoadBalancerArn"])
        self.assertEqual(first["State"], {"Code": "active"})
        self.assertNotEqual(first["DNSName"], second["DNSName"])
        self.assertEqual(len(first["AvailabilityZones"]), 2)
        self.elb.get_waiter("load_balancer_available").wait(Names=["web"])
        names = [one["LoadBalancerName"] for page in
                 self.elb.get_paginator("describe_load_balancers").paginate(PaginationConfig={
                     "PageSize": 1}) for one in page["LoadBalancers"]]
        self.assertEqual(sorted(names), ["other", "web"])

    def test_made_again_alike_it_is_the_same(self):
        first = self.balancer()
        self.assertEqual(self.balancer()["LoadBalancerArn"], first["LoadBalancerArn"])
        with self.assertRaises(self.elb.exceptions.DuplicateLoadBalancerNameException):
            self.balancer(Scheme="internal")

    def test_attributes_have_the_defaults_of_aws_and_refuse_what_is_not_honoured(self):
        arn = self.balancer()["LoadBalancerArn"]
        said = self.elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        known = {one["Key"]: one["Value"] for one in said}
        self.assertEqual(known["idle_timeout.timeout_seconds"], "60")
        self.assertEqual(known["routing.http2.enabled"], "true")
        change = self.elb.modify_load_balancer_attributes
        change(LoadBalancerArn=arn, Attributes=[*said[:5], {
            "Key": "idle_timeout.timeout_seconds", "Value": "120"}])
        said = self.elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        self.assertIn({"Key": "idle_timeout.timeout_seconds", "Value": "120"}, said)
        with self.assertRaisesRegex(Exception, "attribute key 'x.y' is not recognized"):
            change(LoadBalancerArn=arn, Attributes=[{"Key": "x.y", "Value": "1"}])
        with self.assertRaisesRegex(Exception,
                                    "attribute key 'access_logs.s3.enabled' is not supported"):
            change(LoadBalancerArn=arn, Attributes=[
                {"Key": "access_logs.s3.enabled", "Value": "true"}])

    def test_a_protected_one_is_not_deleted(self):
        arn = self.balancer()["LoadBalancerArn"]
        for value in ("true", "false"):
            self.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[
                {"Key": "deletion_protection.enabled", "Value": value}])
            if value == "true":
                self.assertEqual(self.fails(self.elb.delete_load_balancer, LoadBalancerArn=arn)[0],
                                 "OperationNotPermitted")
        self.elb.delete_load_balancer(LoadBalancerArn=arn)
        self.elb.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[arn])

    def test_subnets_groups_tags_and_limits(self):
        arn = self.balancer(SecurityGroups=["sg-1"], Tags=[{"Key": "a", "Value": "b"}])[
            "LoadBalancerArn"]
        said = self.elb.set_subnets(LoadBalancerArn=arn, Subnets=["subnet-c"])
        self.assertEqual([one["SubnetId"] for one in said["AvailabilityZones"]], ["subnet-c"])
        said = self.elb.set_security_groups(LoadBalancerArn=arn, SecurityGroups=["sg-2"])
        self.assertEqual(said["SecurityGroupIds"], ["sg-2"])
        self.elb.set_ip_address_type(LoadBalancerArn=arn, IpAddressType="ipv4")
        self.elb.add_tags(ResourceArns=[arn], Tags=[{"Key": "c", "Value": "d"}])
        self.elb.remove_tags(ResourceArns=[arn], TagKeys=["a"])
        said = self.elb.describe_tags(ResourceArns=[arn])["TagDescriptions"]
        self.assertEqual(said, [{"ResourceArn": arn, "Tags": [{"Key": "c", "Value": "d"}]}])
        self.assertTrue(self.elb.describe_account_limits()["Limits"])
        policies = self.elb.describe_ssl_policies()["SslPolicies"]
        self.assertIn("ELBSecurityPolicy-TLS13-1-2-2021-06", [one["Name"] for one in policies])


class Rules(ElbCase):
    def setUp(self):
        super().setUp()
        self.web = self.balancer()
        self.open = self.listener(self.web, DefaultActions=self.fixed("none", "404"))

    def rule(self, priority, text, *conditions, **more):
        return self.elb.create_rule(
            ListenerArn=self.open["ListenerArn"], Priority=priority, Conditions=list(conditions),
            **{"Actions": self.fixed(text), **more})["Rules"][0]

    def said(self, *arguments, **more):
        return self.ask(self.web, self.open, *arguments, **more).body.decode()

    def test_conditions_decide(self):
        self.rule(1, "path", {"Field": "path-pattern", "Values": ["/v1/*"]})
        self.rule(2, "host", {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.test"]}})
        self.rule(3, "header", {"Field": "http-header", "HttpHeaderConfig": {
            "HttpHeaderName": "X-Stage", "Values": ["beta"]}})
        self.rule(4, "query", {"Field": "query-string", "QueryStringConfig": {
            "Values": [{"Key": "v", "Value": "2"}, {"Value": "any"}]}})
        self.rule(5, "source", {"Field": "source-ip", "SourceIpConfig": {
            "Values": ["127.0.0.0/8"]}}, {"Field": "path-pattern", "Values": ["/here"]})
        self.rule(6, "method", {"Field": "http-request-method", "HttpRequestMethodConfig": {
            "Values": ["GET"]}}, {"Field": "path-pattern", "Values": ["/get"]})
        self.assertEqual(self.said("/v1/x"), "path")
        self.assertEqual(self.said(host="a.test"), "host")
        self.assertEqual(self.said(headers=[("X-Stage", "beta")]), "header")
        self.assertEqual(self.said("/?v=2"), "query")
        self.assertEqual(self.said("/?q=any"), "query")
        self.assertEqual(self.said("/here"), "source")
        self.assertEqual(self.said("/get"), "method")
        self.assertEqual(self.said("/"), "none")

    def test_answers_have_both_spellings_and_the_default_rule(self):
        group = self.group()
        made = self.rule(10, "", {"Field": "path-pattern", "Values": ["/a"]},
                         Actions=[{"Type": "forward", "TargetGroupArn": group}])
        self.assertEqual(made["Conditions"], [{
            "Field": "path-pattern", "Values": ["/a"], "PathPatternConfig": {"Values": ["/a"]}}])
        self.assertEqual(made["Actions"], [{
            "Type": "forward", "TargetGroupArn": group, "ForwardConfig": {
                "TargetGroups": [{"TargetGroupArn": group, "Weight": 1}],
                "TargetGroupStickinessConfig": {"Enabled": False}}}])
        self.assertEqual(made["RuleArn"].rsplit("/", 1)[0],
                         self.open["ListenerArn"].replace(":listener/", ":listener-rule/"))
        rules = self.elb.describe_rules(ListenerArn=self.open["ListenerArn"])["Rules"]
        self.assertEqual([(one["Priority"], one["IsDefault"]) for one in rules],
                         [("10", False), ("default", True)])
        default = rules[1]["RuleArn"]
        self.assertEqual(self.elb.describe_rules(RuleArns=[default])["Rules"], [rules[1]])
        self.assertEqual(self.fails(self.elb.delete_rule, RuleArn=default)[0],
                         "OperationNotPermitted")
        self.assertEqual(self.fails(self.elb.delete_target_group, TargetGroupArn=group)[0],
                         "ResourceInUse")

    def test_priorities_are_swapped_at_once(self):
        first = self.rule(1, "first", {"Field": "path-pattern", "Values": ["/a*"]})
        second = self.rule(2, "second", {"Field": "path-pattern", "Values": ["/ab"]})
        with self.assertRaises(self.elb.exceptions.PriorityInUseException):
            self.rule(2, "third", {"Field": "path-pattern", "Values": ["/c"]})
        self.assertEqual(self.said("/ab"), "first")
        self.elb.set_rule_priorities(RulePriorities=[
            {"RuleArn": first["RuleArn"], "Priority": 2},
            {"RuleArn": second["RuleArn"], "Priority": 1}])
        self.assertEqual(self.said("/ab"), "second")
        self.assertEqual(self.said("/abc"), "first")

    def test_actions_redirect_and_rewrite(self):
        backend = self.backend()
        group = self.group("models", backend)
        self.rule(1, "", {"Field": "path-pattern", "Values": ["/old"]}, Actions=[{
            "Type": "redirect", "RedirectConfig": {
                "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}])
        answer = self.ask(self.web, self.open, "/old?x=1", host="h.test")
        self.assertEqual((answer.status, answer.header("location")),
                         (301, "https://h.test/old?x=1"))
        made = self.rule(2, "", {"Field": "path-pattern", "Values": ["/api/*"]},
                         Actions=[{"Type": "forward", "TargetGroupArn": group}])
        self.elb.modify_rule(RuleArn=made["RuleArn"], Actions=self.fixed("changed"))
        self.assertEqual(self.said("/api/x"), "changed")
        with self.assertRaisesRegex(Exception, "loop"):
            self.rule(3, "", {"Field": "path-pattern", "Values": ["/loop"]}, Actions=[
                {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302"}}])
        with self.assertRaisesRegex(Exception, "authenticateOidcConfig is accepted by AWS but not"):
            self.rule(4, "", {"Field": "path-pattern", "Values": ["/login"]}, Actions=[
                {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {
                    "Issuer": "https://i", "AuthorizationEndpoint": "https://a",
                    "TokenEndpoint": "https://t", "UserInfoEndpoint": "https://u",
                    "ClientId": "c"}}, *self.fixed("in")])

    def test_weights_share_the_traffic(self):
        groups = [self.group(name, self.backend(name)) for name in ("one", "two")]
        self.rule(1, "", {"Field": "path-pattern", "Values": ["/w"]}, Actions=[{
            "Type": "forward", "ForwardConfig": {"TargetGroups": [
                {"TargetGroupArn": groups[0], "Weight": 1},
                {"TargetGroupArn": groups[1], "Weight": 0}]}}])
        self.eventually(lambda: self.ask(self.web, self.open, "/w").status == 200)
        seen = Counter(self.ask(self.web, self.open, "/w").status for _ in range(20))
        self.assertEqual(seen, {200: 20})
        weir = {one["name"]: one for one in self.subject.status()["target_groups"]}
        self.assertEqual(weir["two"]["requests"], 0)

    def test_what_was_made_survives_a_kill(self):
        self.rule(1, "kept", {"Field": "path-pattern", "Values": ["/v1/*"]})
        before = self.elb.describe_rules(ListenerArn=self.open["ListenerArn"])["Rules"]
        self.subject.kill()
        self.subject.start()
        self.assertEqual(self.said("/v1/x"), "kept")
        after = self.elb.describe_rules(ListenerArn=self.open["ListenerArn"])["Rules"]
        self.assertEqual(after, before)
        self.elb.delete_load_balancer(LoadBalancerArn=self.web["LoadBalancerArn"])
        self.assertEqual(self.subject.status()["listeners"], [])


class Targets(ElbCase):
    def test_they_become_healthy_and_drain(self):
        backends = [self.backend("one"), self.backend("two")]
        group = self.group("models", *backends)
        self.assertEqual(set(self.states(group).values()), {"unused"})
        web = self.balancer()
        listener = self.listener(web, group)
        ports = {backend.port for backend in backends}
        self.eventually(lambda: self.states(group) == dict.fromkeys(ports, "healthy"))
        self.elb.get_waiter("target_in_service").wait(TargetGroupArn=group)
        for _ in range(10):
            self.assertEqual(self.ask(web, listener).status, 200)
        self.assertTrue(all(backend.requests for backend in backends))
        gone, left = backends
        self.elb.deregister_targets(TargetGroupArn=group, Targets=[
            {"Id": "127.0.0.1", "Port": gone.port}])
        self.assertEqual(self.states(group), {gone.port: "draining", left.port: "healthy"})
        gone.clear()
        for _ in range(10):
            self.assertEqual(self.ask(web, listener).status, 200)
        self.assertEqual(gone.requests, [])
        self.elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": "0"}])
        self.assertEqual(self.states(group), {left.port: "healthy"})
        said = self.elb.describe_target_health(TargetGroupArn=group, Targets=[
            {"Id": "127.0.0.1", "Port": gone.port}])["TargetHealthDescriptions"][0]
        self.assertEqual(said["TargetHealth"]["Reason"], "Target.NotRegistered")

    def test_an_unhealthy_one_says_why(self):
        group = self.group("models", HealthCheckPath="/status/503")
        web = self.balancer()
        self.listener(web, group)
        self.elb.register_targets(TargetGroupArn=group, Targets=[
            {"Id": "127.0.0.1", "Port": free_port()}])
        self.eventually(lambda: set(self.states(group).values()) == {"unhealthy"}, within=20)
        said = self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]
        self.assertEqual(said["TargetHealth"]["Reason"], "Target.FailedHealthChecks")

    def test_unknown_ones_are_refused(self):
        group = self.group("models", TargetType="instance")
        call = self.elb.register_targets
        self.assertEqual(self.fails(call, TargetGroupArn=group, Targets=[
            {"Id": "i-0123456789abcdef0"}])[0], "InvalidTarget")
        self.assertEqual(self.fails(call, TargetGroupArn=group + "x", Targets=[
            {"Id": "127.0.0.1"}])[0], "TargetGroupNotFound")

    def test_groups_have_the_defaults_of_aws(self):
        made = self.elb.create_target_group(Name="plain", Protocol="HTTP", Port=80, VpcId="vpc-1")
        group = made["TargetGroups"][0]
        self.assertEqual(group["HealthCheckIntervalSeconds"], 30)
        self.assertEqual(group["HealthCheckTimeoutSeconds"], 5)
        self.assertEqual(group["HealthyThresholdCount"], 5)
        self.assertEqual(group["UnhealthyThresholdCount"], 2)
        self.assertEqual(group["Matcher"], {"HttpCode": "200"})
        self.assertEqual(group["TargetType"], "instance")
        said = self.elb.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])
        known = {one["Key"]: one["Value"] for one in said["Attributes"]}
        self.assertEqual(known["deregistration_delay.timeout_seconds"], "300")
        self.assertEqual(known["load_balancing.algorithm.type"], "round_robin")
        changed = self.elb.modify_target_group(
            TargetGroupArn=group["TargetGroupArn"], HealthCheckPath="/h",
            HealthCheckTimeoutSeconds=3)["TargetGroups"][0]
        self.assertEqual((changed["HealthCheckPath"], changed["HealthCheckTimeoutSeconds"]),
                         ("/h", 3))
        with self.assertRaises(self.elb.exceptions.DuplicateTargetGroupNameException):
            self.elb.create_target_group(Name="plain", Protocol="HTTP", Port=81, VpcId="vpc-1")

    def test_stickiness_keeps_a_client_at_its_target(self):
        backends = [self.backend("one"), self.backend("two")]
        group = self.group("models", *backends, attributes={
            "stickiness.enabled": "true", "stickiness.lb_cookie.duration_seconds": "60"})
        web = self.balancer()
        listener = self.listener(web, group)
        self.eventually(lambda: set(self.states(group).values()) == {"healthy"})
        cookie = self.ask(web, listener).header("set-cookie").split(";")[0]
        self.assertTrue(cookie.startswith("AWSALB="), cookie)
        for backend in backends:
            backend.clear()
        for _ in range(6):
            self.ask(web, listener, headers=[("Cookie", cookie)])
        self.assertEqual(sorted(len(backend.requests) for backend in backends), [0, 6])


class NetworkLoadBalancers(ElbCase):
    def test_bytes_pass(self):
        group = self.group("stream", self.backend(), Protocol="TCP")
        nlb = self.balancer("nlb", Type="network")
        listener = self.listener(nlb, group, Protocol="TCP")
        self.eventually(lambda: set(self.states(group).values()) == {"healthy"})
        self.assertEqual(self.ask(nlb, listener).status, 200)
        arn = listener["ListenerArn"]
        self.assertEqual(self.fails(
            self.elb.create_rule, ListenerArn=arn, Priority=1, Actions=self.fixed("x"),
            Conditions=[{"Field": "path-pattern", "Values": ["/"]}])[0],
            "InvalidConfigurationRequest")
        self.assertEqual(self.fails(self.listener, nlb, group)[0], "UnsupportedProtocol")


class Certificates(ElbCase):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self)
        self.iam = self.boto(self.subject, ANYBODY, "iam")
        self.acm = self.boto(self.subject, ANYBODY, "acm")
        self.target = self.group("models", self.backend())

    @staticmethod
    def text(path):
        with open(path) as file:
            return file.read()

    def upload(self, name, names):
        pair = self.authority.issue(name, names)
        meta = self.iam.upload_server_certificate(
            ServerCertificateName=name, CertificateBody=self.text(pair["certificate"]),
            PrivateKey=self.text(pair["key"]))["ServerCertificateMetadata"]
        return meta["Arn"]

    def subject_of(self, web, listener, name):
        with client.Client((web["DNSName"], listener["Port"]), tls=self.authority.client(),
                           name=name) as one:
            return dict(part[0] for part in one.sock.getpeercert()["subject"])["commonName"]

    def test_a_tls_listener_shows_the_certificate_for_the_name(self):
        first = self.upload("first", "DNS:first.test")
        pair = self.authority.issue("second", "DNS:second.test")
        second = self.acm.import_certificate(
            Certificate=self.text(pair["certificate"]).encode(),
            PrivateKey=self.text(pair["key"]).encode())["CertificateArn"]
        web = self.balancer()
        listener = self.listener(web, self.target, Protocol="HTTPS",
                                 Certificates=[{"CertificateArn": first}])
        self.assertEqual(listener["SslPolicy"], "ELBSecurityPolicy-TLS13-1-2-2021-06")
        self.assertEqual(self.subject_of(web, listener, "first.test"), "first")
        self.elb.add_listener_certificates(ListenerArn=listener["ListenerArn"], Certificates=[
            {"CertificateArn": second}])
        self.assertEqual(self.subject_of(web, listener, "second.test"), "second")
        said = self.elb.describe_listener_certificates(ListenerArn=listener["ListenerArn"])
        self.assertEqual({one["CertificateArn"]: one["IsDefault"] for one in said["Certificates"]},
                         {first: True, second: False})
        detail = self.acm.describe_certificate(CertificateArn=second)["Certificate"]
        self.assertEqual((detail["DomainName"], detail["KeyAlgorithm"], detail["InUseBy"]),
                         ("second.test", "EC_prime256v1", [web["LoadBalancerArn"]]))
        self.assertEqual(self.fails(self.iam.delete_server_certificate,
                                    ServerCertificateName="first")[0], "DeleteConflict")
        self.elb.delete_listener(ListenerArn=listener["ListenerArn"])
        self.iam.delete_server_certificate(ServerCertificateName="first")
        self.acm.delete_certificate(CertificateArn=second)
        self.assertEqual(os.listdir(os.path.join(self.subject.dir, "certificates")), [])

    def test_keys_are_for_weir_alone(self):
        self.upload("own", "DNS:own.test")
        folder = os.path.join(self.subject.dir, "certificates")
        self.assertEqual(os.stat(folder).st_mode & 0o777, 0o700)
        for name in os.listdir(folder):
            self.assertEqual(os.stat(os.path.join(folder, name)).st_mode & 0o777, 0o600)

    def test_a_key_of_another_certificate_is_refused(self):
        one, other = (self.authority.issue(name) for name in ("one", "other"))
        self.assertEqual(self.fails(
            self.iam.upload_server_certificate, ServerCertificateName="x",
            CertificateBody=self.text(one["certificate"]), PrivateKey=self.text(other["key"])),
            ("KeyPairMismatch", 400))
        self.assertEqual(self.fails(
            self.iam.upload_server_certificate, ServerCertificateName="x",
            CertificateBody="nothing", PrivateKey=self.text(other["key"])),
            ("MalformedCertificate", 400))
        self.assertEqual(self.fails(self.iam.get_server_certificate, ServerCertificateName="x"),
                         ("NoSuchEntity", 404))

    def test_a_certificate_that_is_not_there_is_told_so(self):
        web = self.balancer()
        self.assertEqual(self.fails(
            self.listener, web, self.target, Protocol="HTTPS", Certificates=[
                {"CertificateArn": "arn:aws:iam::000000000000:server-certificate/none"}])[0],
            "CertificateNotFound")


class Cli(ElbCase):
    @limit(120)
    def test_the_usual_commands(self):
        def run(*arguments):
            done = self.aws(self.subject, ANYBODY, "elbv2", *arguments, "--output", "json")
            self.assertEqual(done.returncode, 0, done.stderr)
            return json.loads(done.stdout or "{}")
        web = run("create-load-balancer", "--name", "my-lb", "--subnets", "subnet-1", "subnet-2",
                  "--security-groups", "sg-1", "--scheme", "internet-facing", "--type",
                  "application", "--tags", "Key=a,Value=b")["LoadBalancers"][0]
        group = run("create-target-group", "--name", "my-tg", "--protocol", "HTTP", "--port", "80",
                    "--vpc-id", "vpc-1", "--target-type", "ip", "--health-check-path", "/health",
                    "--health-check-interval-seconds", "5", "--healthy-threshold-count", "2",
                    "--matcher", "HttpCode=200-299")["TargetGroups"][0]["TargetGroupArn"]
        backend = self.backend()
        run("register-targets", "--target-group-arn", group, "--targets",
            f"Id=127.0.0.1,Port={backend.port}")
        listener = run("create-listener", "--load-balancer-arn", web["LoadBalancerArn"],
                       "--protocol", "HTTP", "--port", str(free_port()), "--default-actions",
                       f"Type=forward,TargetGroupArn={group}")["Listeners"][0]
        self.eventually(lambda: self.ask(web, listener).status == 200)
        run("describe-target-health", "--target-group-arn", group)
        none = self.aws(self.subject, ANYBODY, "elbv2", "describe-load-balancers", "--names",
                        "nope")
        self.assertIn("LoadBalancerNotFound", none.stderr)


class Declared(AwsCase):
    def test_what_a_file_declares_is_visible(self):
        backend = self.backend()
        subject = self.weir({
            "admin": {"anonymous": True}, "aws": {"region": "eu-central-1"},
            "listeners": {"public": {"default": {"forward": "models"}, "rules": [
                {"match": {"path": ["/old"]}, "redirect": {"status": 301, "path": "/new"}}]}},
            "target_groups": {"models": {
                "endpoints": [{"address": backend.address}],
                "health_check": {"path": "/health", "interval": "1s", "timeout": "1s"}}}})
        elb = self.boto(subject, ANYBODY, "elbv2")
        web = elb.describe_load_balancers()["LoadBalancers"][0]
        self.assertEqual((web["LoadBalancerName"], web["DNSName"]), ("public", "127.0.0.1"))
        listener = elb.describe_listeners(LoadBalancerArn=web["LoadBalancerArn"])["Listeners"][0]
        group = elb.describe_target_groups()["TargetGroups"][0]
        self.assertEqual(group["TargetGroupName"], "models")
        self.assertEqual(group["LoadBalancerArns"], [web["LoadBalancerArn"]])
        self.assertEqual(listener["DefaultActions"][0]["TargetGroupArn"], group["TargetGroupArn"])
        rules = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
        self.assertEqual(rules[0]["Actions"][0]["RedirectConfig"]["Path"], "/new")
        self.assertEqual([one["Priority"] for one in rules], ["1", "default"])

        def health():
            told = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
            return [one["TargetHealth"]["State"] for one in told["TargetHealthDescriptions"]]
        self.eventually(lambda: health() == ["healthy"])
        self.assertEqual(self.fails(elb.create_target_group, Name="models", Protocol="HTTP", Port=80,
                                    VpcId="vpc-1")[0], "DuplicateTargetGroupName")
        elsewhere = self.boto(subject, ANYBODY, "elbv2", region="us-east-1")
        self.assertEqual(elsewhere.describe_load_balancers()["LoadBalancers"], [])


class Terraform(ElbCase):
    def test_the_sequence_of_its_resources(self):
        with self.assertRaises(self.elb.exceptions.LoadBalancerNotFoundException):
            self.elb.describe_load_balancers(Names=["tf"])
        web = self.balancer("tf")
        arn = web["LoadBalancerArn"]
        self.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[
            {"Key": "access_logs.s3.enabled", "Value": "false"},
            {"Key": "deletion_protection.enabled", "Value": "false"},
            {"Key": "idle_timeout.timeout_seconds", "Value": "60"},
            {"Key": "routing.http2.enabled", "Value": "true"}])
        with self.assertRaises(self.elb.exceptions.TargetGroupNotFoundException):
            self.elb.describe_target_groups(Names=["tf"])
        group = self.group("tf", self.backend())
        self.elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[
            {"Key": "deregistration_delay.timeout_seconds", "Value": "10"},
            {"Key": "load_balancing.algorithm.type", "Value": "least_outstanding_requests"},
            {"Key": "stickiness.enabled", "Value": "false"},
            {"Key": "stickiness.type", "Value": "lb_cookie"}])
        listener = self.listener(web, group)["ListenerArn"]
        made = self.elb.create_rule(
            ListenerArn=listener, Priority=1, Actions=self.fixed("x"),
            Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/x"]}}])
        rule = made["Rules"][0]["RuleArn"]
        read = self.elb.describe_rules(RuleArns=[rule])["Rules"][0]
        self.assertEqual(read["Conditions"][0]["Values"], ["/x"])
        self.elb.describe_tags(ResourceArns=[arn, group, listener, rule])
        self.elb.delete_rule(RuleArn=rule)
        with self.assertRaises(self.elb.exceptions.RuleNotFoundException):
            self.elb.describe_rules(RuleArns=[rule])
        self.elb.delete_listener(ListenerArn=listener)
        self.elb.delete_target_group(TargetGroupArn=group)
        self.elb.delete_load_balancer(LoadBalancerArn=arn)
        status = self.subject.status()
        self.assertEqual((status["listeners"], status["target_groups"]), ([], []))
