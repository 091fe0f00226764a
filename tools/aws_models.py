#!/usr/bin/env python3
"""Writes third_party/aws-models from an installed botocore (1.43 or later): python3 tools/aws_models.py

Each model keeps the operations of tools/aws_operations.txt and the shapes that they reach, without
documentation, and the bare names of all other operations. Run it with the python3 that has botocore."""
import gzip
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "third_party" / "aws-models"
LIST = ROOT / "tools" / "aws_operations.txt"
OLDEST = (1, 43)
# botocore's folder, and the version where there are several
VERSIONS = {"ec2": "2016-11-15"}
METADATA = ["apiVersion", "awsQueryCompatible", "jsonVersion", "protocols", "serviceId", "signingName", "endpointPrefix",
            "targetPrefix", "timestampFormat", "xmlNamespace"]
OPERATION = ["name", "http", "input", "output", "errors"]
DROPPED = {"documentation", "deprecated", "deprecatedMessage", "deprecatedSince", "box", "synthetic", "retryable",
           "synonym", "contextParam", "internal", "internalonly", "wrapper", "requiresLength"}


def stripped(node):
    if isinstance(node, dict):
        # Members are named as they like; the words that we drop are words only outside of them.
        return {key: {name: stripped(member) for name, member in value.items()} if key == "members" else stripped(value)
                for key, value in node.items() if key not in DROPPED}
    return [stripped(item) for item in node] if isinstance(node, list) else node


def references(shape):
    yield from (member["shape"] for member in shape.get("members", {}).values())
    yield from (shape[part]["shape"] for part in ("member", "key", "value") if part in shape)


def reached(model, operations):
    todo = [operation[part]["shape"] for operation in operations.values() for part in ("input", "output")
            if part in operation]
    todo += [error["shape"] for operation in operations.values() for error in operation.get("errors", [])]
    found = set()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += references(model["shapes"][name])
    return found


def pruned(model, wanted):
    if missing := sorted(wanted - set(model["operations"])):
        sys.exit(f"this botocore has no {', '.join(missing)}: it is too old")
    operations = {name: {key: stripped(model["operations"][name][key]) for key in OPERATION
                         if key in model["operations"][name]} for name in sorted(wanted)}
    shapes = {name: stripped(model["shapes"][name]) for name in sorted(reached(model, operations))}
    return {"metadata": {key: model["metadata"][key] for key in METADATA if key in model["metadata"]},
            "names": sorted(model["operations"]), "operations": operations, "shapes": shapes}


def lines(pack):
    """JSON with a line for each operation and shape, so that a change of the model reads as one."""
    def compact(value):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def section(entries):
        return "{\n" + ",\n".join(f"{json.dumps(name)}:{compact(value)}" for name, value in entries.items()) + "\n}"

    return (f'{{\n"metadata":{compact(pack["metadata"])},\n"names":{compact(pack["names"])},\n'
            f'"operations":{section(pack["operations"])},\n"shapes":{section(pack["shapes"])}\n}}\n')


def main():
    try:
        import botocore
    except ImportError:
        sys.exit("this python3 has no botocore: run this with one that has (pip install botocore)")
    if tuple(map(int, botocore.__version__.split(".")[:2])) < OLDEST:
        sys.exit(f"botocore {botocore.__version__} is too old: its models lack operations that we serve")
    data = pathlib.Path(botocore.__file__).parent / "data"
    wanted = {}
    for line in LIST.read_text().split():
        service, _, operation = line.partition(":")
        wanted.setdefault(service, set()).add(operation)
    for service, operations in sorted(wanted.items()):
        version = VERSIONS.get(service) or max(path.name for path in (data / service).iterdir())
        model = json.loads(gzip.decompress((data / service / version / "service-2.json.gz").read_bytes()))
        text = lines(pruned(model, operations))
        (OUT / f"{service}.json").write_text(text)
        print(f"{service} {version}: {len(operations)} operations, {len(text) // 1024} KiB")
    (OUT / "VERSION").write_text(f"botocore {botocore.__version__}\n")


if __name__ == "__main__":
    main()
