"""Certificates for tests, made by the openssl command."""
import os
import ssl
import subprocess
import tempfile


def _openssl(*arguments, data=None):
    done = subprocess.run(["openssl", *map(str, arguments)], input=data, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"openssl {arguments}: {done.stderr.decode()}")
    return done.stdout


class Authority:
    """Signs certificates into a folder of its own, which goes with the test."""

    def __init__(self, case, name="weir test authority"):
        folder = tempfile.TemporaryDirectory(prefix="weir-e2e-ca-", dir="/tmp")
        case.addCleanup(folder.cleanup)
        self.folder, self.count = folder.name, 0
        self.key, self.ca = self.path("ca.key"), self.path("ca.pem")
        self._key(self.key, "ec")
        _openssl("req", "-x509", "-key", self.key, "-subj", f"/CN={name}", "-days", 30, "-out",
                 self.ca, "-addext", "basicConstraints=critical,CA:TRUE",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def path(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def _key(path, kind):
        options = {"ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
                   "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]}[kind]
        _openssl("genpkey", *options, "-out", path)
        os.chmod(path, 0o600)

    def issue(self, name, names="DNS:localhost,IP:127.0.0.1", kind="ec", days=30):
        """{certificate, key}: NAME.pem and NAME.key, replaced at one blow where they exist."""
        self.count += 1
        certificate, key = self.path(name + ".pem"), self.path(name + ".key")
        self._key(key + ".new", kind)
        request = _openssl("req", "-new", "-key", key + ".new", "-subj", f"/CN={name}",
                           "-addext", f"subjectAltName={names}")
        _openssl("x509", "-req", "-CA", self.ca, "-CAkey", self.key, "-days", days,
                 "-set_serial", 1000 + self.count, "-copy_extensions", "copy", "-out",
                 certificate + ".new", data=request)
        os.rename(key + ".new", key)
        os.rename(certificate + ".new", certificate)
        return {"certificate": certificate, "key": key}

    def client(self, pair=None):
        """What a client that trusts the authority needs."""
        context = ssl.create_default_context(cafile=self.ca)
        if pair:
            context.load_cert_chain(pair["certificate"], pair["key"])
        return context

    def server(self, pair, clients=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair["certificate"], pair["key"])
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.ca)
        return context

    def ocsp(self, pair):
        """The path of an OCSP response that calls the certificate good."""
        index, out = self.path("index.txt"), self.path("ocsp.der")
        serial = _openssl("x509", "-in", pair["certificate"], "-noout", "-serial").decode()
        serial = serial.strip().split("=")[1]
        with open(index, "w") as file:
            file.write(f"V\t301231235959Z\t\t{serial}\tunknown\t/CN=x\n")
        _openssl("ocsp", "-issuer", self.ca, "-cert", pair["certificate"], "-index", index,
                 "-rsigner", self.ca, "-rkey", self.key, "-CA", self.ca, "-ndays", 7,
                 "-respout", out)
        return out
