"""The door of the AWS API: signatures, access keys, rights, anonymous callers, web pages."""
import datetime
import gzip
import json
import os
import subprocess
import urllib.error
import urllib.request

from weir_test import client
from weir_test.aws import ANYBODY, REGION, AwsCase, Key, form, post, signed
from weir_test.case import limit

WHO = "GetCallerIdentity"


class Clients(AwsCase):
    def setUp(self):
        super().setUp()
        self.subject = self.amazon(aws={"account": "123456789012"})

    @limit(90)
    def test_the_cli_says_who_it_is(self):
        key = self.key(self.subject, "ci")
        done = self.aws(self.subject, key, "sts", "get-caller-identity")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["Arn"], "arn:aws:iam::123456789012:user/ci")
        self.assertEqual(json.loads(done.stdout)["Account"], "123456789012")

    def test_boto3_says_who_it_is(self):
        key = self.key(self.subject, "ci", "--account", "210987654321")
        said = self.boto(self.subject, key, "sts").get_caller_identity()
        self.assertEqual(said["Account"], "210987654321")
        self.assertEqual(said["UserId"], "AIDA" + key.id[4:])
        self.assertRegex(said["ResponseMetadata"]["RequestId"], r"^[0-9a-f-]{36}$")
        self.assertIn(said["ResponseMetadata"]["RequestId"], self.subject.log())

    def test_curl_signs_too(self):
        key = self.key(self.subject)
        done = subprocess.run(
            ["curl", "-s", "--aws-sigv4", f"aws:amz:{REGION}:sts", "--user",
             f"{key.id}:{key.secret}", "--data", form(WHO).decode(),
             self.endpoint(self.subject) + "/"], capture_output=True, text=True, timeout=20)
        self.assertIn("<Account>123456789012</Account>", done.stdout)

    def test_a_json_service_is_signed_alike(self):
        key = self.key(self.subject)
        said = self.boto(self.subject, key, "ssm").get_parameters(
            Names=["/aws/service/ami-amazon-linux-latest/none"])
        self.assertEqual(said["InvalidParameters"], ["/aws/service/ami-amazon-linux-latest/none"])

    def test_a_presigned_url_lets_in_whoever_has_it(self):
        key = self.key(self.subject)
        url = self.boto(self.subject, key, "sts").generate_presigned_url(
            "get_caller_identity", ExpiresIn=60, HttpMethod="GET")
        with urllib.request.urlopen(url, timeout=10) as answer:
            self.assertIn(b"user/ci", answer.read())
        posted = self.boto(self.subject, key, "sts").generate_presigned_url(
            "get_caller_identity", HttpMethod="POST")
        with urllib.request.urlopen(posted, data=b"", timeout=10) as answer:
            self.assertIn(b"user/ci", answer.read())
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"), timeout=10)
        self.assertEqual(caught.exception.code, 403)
        self.assertIn(b"SignatureDoesNotMatch", caught.exception.read())

    @limit(90)
    def test_an_unknown_operation_is_an_error_that_nobody_retries(self):
        key = self.key(self.subject)
        answer = post(self.subject, signed(self.subject, key, form("MakeCoffee")),
                      form("MakeCoffee"))
        self.assertEqual(answer.status, 400, answer)
        self.assertIn(b"InvalidAction", answer.body)
        done = self.aws(self.subject, key, "sagemaker", "list-projects", debug=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("UnknownOperationException", done.stderr)
        self.assertEqual(self.subject.log().count('operation=ListProjects'), 1)


class Refusals(AwsCase):
    def setUp(self):
        super().setUp()
        self.subject = self.amazon()
        self.key_ = self.key(self.subject)

    def who(self, key):
        return self.boto(self.subject, key, "sts").get_caller_identity

    def parameters(self, key):
        client_of = self.boto(self.subject, key, "ssm")
        return lambda: client_of.get_parameters(Names=["x"])

    def test_an_unknown_key_is_told_so_in_each_protocol(self):
        other = Key("AKIAAAAAAAAAAAAAAAAA", self.key_.secret)
        self.assertEqual(self.fails(self.who(other)), ("InvalidClientTokenId", 403))
        self.assertEqual(self.fails(self.parameters(other)), ("UnrecognizedClientException", 400))
        ec2 = self.boto(self.subject, other, "ec2")
        self.assertEqual(self.fails(ec2.describe_vpcs), ("AuthFailure", 401))

    def test_a_wrong_secret_is_told_so_in_each_protocol(self):
        other = Key(self.key_.id, "x" * 40)
        self.assertEqual(self.fails(self.who(other)), ("SignatureDoesNotMatch", 403))
        self.assertEqual(self.fails(self.parameters(other)), ("InvalidSignatureException", 400))

    def test_a_call_without_a_signature_is_refused(self):
        answer = post(self.subject, [("Content-Type", "application/x-www-form-urlencoded")],
                      form(WHO))
        self.assertEqual(answer.status, 403)
        self.assertIn(b"MissingAuthenticationToken", answer.body)

    def test_a_clock_that_is_off_is_told_so(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        for minutes, word in ((-16, b"Signature expired"), (16, b"Signature not yet current")):
            at = now + datetime.timedelta(minutes=minutes)
            answer = post(self.subject, signed(self.subject, self.key_, form(WHO), at=at),
                          form(WHO))
            self.assertEqual(answer.status, 403, answer)
            self.assertIn(word, answer.body)
            self.assertTrue(answer.header("date"))
        at = now - datetime.timedelta(minutes=14)
        answer = post(self.subject, signed(self.subject, self.key_, form(WHO), at=at), form(WHO))
        self.assertEqual(answer.status, 200, answer)

    def test_a_changed_body_is_refused(self):
        answer = post(self.subject, signed(self.subject, self.key_, form(WHO)),
                      form(WHO, Extra="1"))
        self.assertEqual(answer.status, 403, answer)
        self.assertIn(b"SignatureDoesNotMatch", answer.body)

    def test_a_gzipped_body_is_signed_as_it_is_sent(self):
        body = gzip.compress(form(WHO))
        headers = signed(self.subject, self.key_, body, headers=[("Content-Encoding", "gzip")])
        self.assertEqual(post(self.subject, headers, body).status, 200)
        answer = post(self.subject, headers, gzip.compress(form(WHO, Extra="1")))
        self.assertEqual(answer.status, 403, answer)

    def test_a_gzip_bomb_is_refused(self):
        body = gzip.compress(form(WHO) + b"&X=" + b"x" * (64 << 20))
        headers = signed(self.subject, self.key_, body, headers=[("Content-Encoding", "gzip")])
        answer = post(self.subject, headers, body)
        self.assertIn(answer.status, (400, 413), answer)
        self.assertIn(b"Sender", answer.body)

    def test_a_body_above_16_mib_is_refused(self):
        body = form(WHO) + b"&X=" + b"x" * (16 << 20)
        try:
            answer = post(self.subject, signed(self.subject, self.key_, body), body)
        except (ConnectionError, client.Broken):  # it need not be taken to its end
            return
        self.assertEqual(answer.status, 413, answer)

    def test_bodies_of_strangers_are_not_read_to_their_end(self):
        body = b"x" * 200_000
        answer = post(self.subject, signed(self.subject, Key("AKIANOBODY", "x"), body), body)
        self.assertEqual(answer.status, 413, answer)

    def test_signatures_of_streams_of_s3_are_refused_in_words(self):
        body = form(WHO)
        headers = signed(self.subject, self.key_, body, headers=[
            ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")])
        answer = post(self.subject, headers, body)
        self.assertEqual(answer.status, 400, answer)
        self.assertIn(b"sign the whole body", answer.body)

    def test_too_many_calls_are_throttled(self):
        self.subject.config["aws"] = {"rate": "1/h", "burst": 3}
        self.subject.reload()
        codes = [post(self.subject, signed(self.subject, self.key_, form(WHO)), form(WHO))
                 for _ in range(4)]
        self.assertEqual([a.status for a in codes], [200, 200, 200, 400])
        self.assertIn(b"<Code>Throttling</Code>", codes[-1].body)
        ssm = self.parameters(self.key_)
        for _ in range(3):
            ssm()
        self.assertEqual(self.fails(ssm), ("ThrottlingException", 400))

    def test_calls_are_counted(self):
        self.who(self.key_)()
        self.fails(self.who(Key(self.key_.id, "x")))
        count = self.subject.metric("weir_aws_calls_total", service="sts", operation=WHO,
                                    status="2xx")
        self.assertEqual(count, 1)
        self.assertEqual(self.subject.metric("weir_aws_calls_total", status="4xx"), 1)


class Keys(AwsCase):
    def setUp(self):
        super().setUp()
        self.subject = self.amazon()

    def who(self, key):
        return self.boto(self.subject, key, "sts").get_caller_identity

    def test_a_key_that_may_read_changes_nothing(self):
        reader = self.key(self.subject, "grafana", "--read-only")
        self.who(reader)()
        elb = self.boto(self.subject, reader, "elbv2")
        self.assertEqual(self.fails(elb.create_target_group, Name="x"), ("AccessDenied", 403))
        scaling = self.boto(self.subject, reader, "application-autoscaling")
        self.assertEqual(
            self.fails(scaling.delete_scaling_policy, PolicyName="x", ServiceNamespace="ec2",
                       ResourceId="r", ScalableDimension="ec2:spot-fleet-request:TargetCapacity"),
            ("AccessDeniedException", 400))

    def test_a_key_of_one_service_is_for_that_alone(self):
        key = self.key(self.subject, "metrics", "--service", "cloudwatch")
        self.who(key)()
        self.assertEqual(self.fails(self.boto(self.subject, key, "ec2").describe_vpcs),
                         ("UnauthorizedOperation", 403))

    def test_a_service_that_is_not_there_is_told_so(self):
        made = self.subject.cli("credentials", "create", "x", "--service", "monitoring")
        self.assertEqual(made.returncode, 1)
        self.assertIn("no service 'monitoring'; there are acm,", made.stderr)

    def test_a_deleted_key_is_refused_at_once(self):
        key = self.key(self.subject)
        self.who(key)()
        done = self.subject.cli("credentials", "delete", key.id)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.fails(self.who(key)), ("InvalidClientTokenId", 403))

    def test_keys_survive_restarts_and_kills(self):
        key = self.key(self.subject)
        self.subject.kill()
        self.subject.start()
        self.who(key)()
        self.subject.terminate()
        self.subject.start()
        self.who(key)()
        other = self.key(self.subject, "other")
        self.subject.kill()
        self.subject.start()
        self.who(other)()

    def test_a_session_ends(self):
        key = self.key(self.subject, "me", "--session", "--expires", "6s")
        self.assertTrue(key.id.startswith("ASIA"))
        self.who(key)()
        self.assertEqual(self.fails(self.who(Key(key.id, key.secret))),
                         ("InvalidClientTokenId", 403))
        self.eventually(lambda: self.listed()[key.id]["state"] == "expired")
        self.assertEqual(self.fails(self.who(key)), ("ExpiredToken", 403))

    def listed(self):
        done = self.subject.cli("credentials", "list", "--json")
        return {row["id"]: row for row in json.loads(done.stdout)["credentials"]}

    def test_secrets_are_shown_once_and_kept_sealed(self):
        key = self.key(self.subject)
        self.assertNotIn(key.secret, self.subject.cli("credentials", "list", "--json").stdout)
        self.assertIn(key.id, self.subject.cli("credentials", "list").stdout)
        for name in os.listdir(self.subject.dir):
            path = os.path.join(self.subject.dir, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    self.assertNotIn(key.secret.encode(), file.read(), name)
        about = os.stat(os.path.join(self.subject.dir, "state.db.key"))
        self.assertEqual(about.st_mode & 0o777, 0o600)
        self.assertNotIn(key.secret, self.subject.log())

    def test_keys_are_made_over_the_unix_socket_alone(self):
        body = json.dumps({"name": "x"}).encode()
        answer = self.subject.admin("POST", "/api/v1/credentials",
                                    [("Content-Type", "application/json")], body)
        self.assertEqual(answer.status, 403)
        self.assertEqual(self.listed(), {})

    def test_a_lost_key_file_is_told_with_the_remedy(self):
        key = self.key(self.subject)
        self.subject.terminate()
        path = os.path.join(self.subject.dir, "state.db.key")
        os.rename(path, path + ".away")
        self.subject.start()
        self.assertEqual(self.fails(self.who(key)), ("InvalidClientTokenId", 403))
        self.assertEqual(self.listed()[key.id]["state"], "unusable")
        made = self.subject.cli("credentials", "create", "other")
        self.assertEqual(made.returncode, 1)
        self.assertIn("state.db.key: the key file is missing: put back", made.stderr)
        os.rename(path + ".away", path)
        self.subject.reload()
        self.who(key)()


class Anonymous(AwsCase):
    def setUp(self):
        super().setUp()
        self.subject = self.amazon(anonymous=True)

    @limit(90)
    def test_any_signature_and_none_is_let_in(self):
        for key in (ANYBODY, None):
            done = self.aws(self.subject, key, "sts", "get-caller-identity")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["Account"], "000000000000")

    def test_an_access_key_of_12_digits_names_the_account(self):
        sts = self.boto(self.subject, Key("111122223333", "x"), "sts")
        self.assertEqual(sts.get_caller_identity()["Account"], "111122223333")

    def browser(self, headers, host=None):
        return post(self.subject, [("Content-Type", "application/x-www-form-urlencoded"),
                                   *headers], form(WHO), host=host)

    def test_a_form_of_a_web_page_is_refused(self):
        for headers in ([("Origin", "http://evil.test")], [("Origin", "null")],
                        [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")]):
            with self.subTest(headers):
                answer = self.browser(headers)
                self.assertEqual(answer.status, 403, answer)
                self.assertIn(b"AccessDenied", answer.body)
        self.assertEqual(self.browser([]).status, 200)

    def test_a_rebound_name_is_refused(self):
        answer = self.browser([], host="evil.test")
        self.assertEqual(answer.status, 403, answer)
        self.assertIn(b"admin.hosts", answer.body)

    def test_an_image_of_a_web_page_changes_nothing(self):
        target = "/?Action=DeleteLoadBalancer&Version=2015-12-01&LoadBalancerArn=x"
        answer = self.subject.admin("GET", target)
        self.assertEqual(answer.status, 403, answer)
        self.assertIn(b"An anonymous GET may only read", answer.body)
        answer = self.subject.admin("GET", f"/?{form(WHO).decode()}")
        self.assertEqual(answer.status, 200, answer)

    def test_the_native_api_is_as_closed_as_before(self):
        answer = client.ask(("127.0.0.1", self.subject.admin_port), "POST", "/api/v1/reload",
                            [("Content-Type", "application/json")], b"{}",
                            host=f"127.0.0.1:{self.subject.admin_port}")
        self.assertEqual(answer.status, 403, answer)
