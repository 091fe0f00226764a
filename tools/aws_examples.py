#!/usr/bin/env python3
"""Writes tests/fixtures/aws/examples: AWS's own examples (botocore, Apache-2.0) as requests on the wire.

Each is an operation of tools/aws_operations.txt, its parameters, the request that botocore makes of them, and
the output of the example. Run it with the python3 that has botocore."""
import base64
import datetime
import gzip
import json
import pathlib

import aws_models

OUT = aws_models.ROOT / "tests" / "fixtures" / "aws" / "examples"


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    return value


def requests(service, data, operations):
    import botocore.session
    import botocore.serialize
    session = botocore.session.get_session()
    model = session.get_service_model(service)
    path = next(iter(sorted(data.glob("*/examples-1.json*"), reverse=True)), None)
    if not path:
        return
    raw = path.read_bytes()
    examples = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)["examples"]
    serializer = botocore.serialize.create_serializer(model.resolved_protocol, include_validation=False)
    for name in sorted(set(examples) & operations):
        for example in examples[name]:
            params = example.get("input", {})
            wire = serializer.serialize_to_request(dict(params), model.operation_model(name))
            body = wire["body"]
            if isinstance(body, dict):
                from urllib.parse import urlencode
                body = urlencode(body)
            if isinstance(body, str):
                body = body.encode()
            yield {"operation": name, "method": wire["method"], "path": wire["url_path"],
                   "query": wire.get("query_string") or "", "headers": {k.lower(): v for k, v in wire["headers"].items()},
                   "body": base64.b64encode(body or b"").decode(), "params": plain(params),
                   "output": plain(example.get("output") or {})}


def main():
    import botocore
    data = pathlib.Path(botocore.__file__).parent / "data"
    OUT.mkdir(parents=True, exist_ok=True)
    wanted = {}
    for line in aws_models.LIST.read_text().split():
        service, _, operation = line.partition(":")
        wanted.setdefault(service, set()).add(operation)
    for service, operations in sorted(wanted.items()):
        made = list(requests(service, data / service, operations))
        if made:
            lines = ",\n".join(json.dumps(one, separators=(",", ":"), sort_keys=True) for one in made)
            (OUT / f"{service}.json").write_text(f"[\n{lines}\n]\n")
            print(f"{service}: {len(made)} examples")


if __name__ == "__main__":
    main()
