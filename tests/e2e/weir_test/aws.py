"""Clients of the AWS API: the CLI, boto3, curl, and requests signed by hand."""
import datetime
import hashlib
import hmac
import os
import subprocess
import urllib.parse

from weir_test import client
from weir_test.case import PATIENCE
from weir_test.weir import WeirCase

CLI = "/usr/bin/aws"
REGION = "eu-central-1"


def missing():
    """Why the tests cannot run here; False where they can."""
    if not os.path.exists(CLI):
        return f"{CLI} does not exist: apt-get install awscli"
    try:
        import boto3  # noqa: F401
    except ImportError:
        return "boto3 is missing: apt-get install python3-boto3"
    return False


class Key:
    """An access key."""

    def __init__(self, id, secret, token=None):
        self.id, self.secret, self.token = id, secret, token

    @classmethod
    def of(cls, text):
        """From what `weir credentials create` prints."""
        lines = dict(line.split("=", 1) for line in text.splitlines())
        return cls(lines["AWS_ACCESS_KEY_ID"], lines["AWS_SECRET_ACCESS_KEY"],
                   lines.get("AWS_SESSION_TOKEN"))


ANYBODY = Key("test", "test")


class AwsCase(WeirCase):
    """A weir, and what speaks AWS to it."""

    def setUp(self):
        super().setUp()
        if missing():
            self.skipTest(missing())

    def amazon(self, anonymous=False, **top):
        """A weir without listeners."""
        admin = {"anonymous": True} if anonymous else {}
        return self.weir({"admin": admin, **top})

    def key(self, subject, name="ci", *arguments):
        made = subject.cli("credentials", "create", name, *arguments)
        self.assertEqual(made.returncode, 0, made.stderr)
        return Key.of(made.stdout)

    @staticmethod
    def endpoint(subject):
        return f"http://127.0.0.1:{subject.admin_port}"

    def aws(self, subject, key, *arguments, debug=False):
        """The CLI; the process when it has ended."""
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder),
                       "AWS_DEFAULT_REGION": REGION, "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true"}
        if key:
            environment.update(AWS_ACCESS_KEY_ID=key.id, AWS_SECRET_ACCESS_KEY=key.secret)
            if key.token:
                environment["AWS_SESSION_TOKEN"] = key.token
        else:
            arguments = ("--no-sign-request", *arguments)
        if debug:
            arguments = ("--debug", *arguments)
        return subprocess.run([CLI, "--endpoint-url", self.endpoint(subject), *arguments],
                              env=environment, capture_output=True, text=True,
                              timeout=30 * PATIENCE)

    def boto(self, subject, key, service, region=REGION, **more):
        import boto3
        from botocore.config import Config
        session = boto3.session.Session(
            aws_access_key_id=key.id, aws_secret_access_key=key.secret,
            aws_session_token=key.token, region_name=region)
        return session.client(service, endpoint_url=self.endpoint(subject),
                              config=Config(retries={"max_attempts": 0}, **more))

    def fails(self, call, *arguments, **more):
        """The code and the status of a modelled or unmodelled error."""
        from botocore.exceptions import ClientError
        with self.assertRaises(ClientError) as caught:
            call(*arguments, **more)
        response = caught.exception.response
        return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def form(action, version="2011-06-15", **more):
    return urllib.parse.urlencode({"Action": action, "Version": version, **more}).encode()


def signed(subject, key, body, service="sts", region=REGION, at=None, method="POST", path="/",
           headers=(), leave_out=()):
    """Header lines of a request that is signed by hand, with Python's own hmac."""
    at = at or datetime.datetime.now(datetime.timezone.utc)
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    lines = {"host": f"127.0.0.1:{subject.admin_port}", "x-amz-date": stamp,
             "content-type": "application/x-www-form-urlencoded",
             **{name.lower(): value for name, value in headers}}
    names = sorted(name for name in lines if name not in leave_out)
    canonical = "\n".join([method, path, "", *(f"{n}:{lines[n]}" for n in names), "",
                           ";".join(names), hashlib.sha256(body).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    secret = ("AWS4" + key.secret).encode()
    for part in (stamp[:8], region, service, "aws4_request", text):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    lines["authorization"] = (f"AWS4-HMAC-SHA256 Credential={key.id}/{scope}, "
                              f"SignedHeaders={';'.join(names)}, Signature={secret.hex()}")
    del lines["host"]
    return list(lines.items())


def post(subject, headers, body, path="/", host=None):
    return client.ask(("127.0.0.1", subject.admin_port), "POST", path, headers, body,
                      host=host or f"127.0.0.1:{subject.admin_port}")
