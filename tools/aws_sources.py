"""The models of third_party/aws-models and the .def files of src/api/aws, for the tools that compare them."""
import json
import re

import source

MODELS = source.ROOT / "third_party" / "aws-models"
FOLDERS = source.ROOT / "src" / "api" / "aws"


def services():
    """(folder's name, model) of each service."""
    for path in sorted(MODELS.glob("*.json")):
        yield path.stem.replace("-", "_"), json.loads(path.read_text())


def rows(folder, name):
    """The arguments of each row in a .def file: OPERATION(A, b) is ("A", "b")."""
    path = FOLDERS / folder / name
    if not path.exists():
        return []
    text = re.sub(r"//[^\n]*", "", path.read_text())
    return [tuple(part.strip() for part in row.split(",")) for row in re.findall(r"^[A-Z]+\(([^)]*)\)", text, re.M)]


def built(folder):
    return {row[0] for row in rows(folder, "operations.def")}


def refused(folder):
    return set(rows(folder, "refused.def"))


def references(shape):
    """(member's name or "", the shape's name) of what a shape is made of."""
    for name, member in shape.get("members", {}).items():
        yield name, member["shape"]
    for part in ("member", "key", "value"):
        if part in shape:
            yield "", shape[part]["shape"]


def reached(model, operations, refusals=frozenset()):
    """Shapes of the inputs of these operations; not those below a member that is refused."""
    todo = [model["operations"][name]["input"]["shape"] for name in operations
            if "input" in model["operations"].get(name, {})]
    found = set()
    while todo:
        shape = todo.pop()
        if shape not in found:
            found.add(shape)
            todo += [part for name, part in references(model["shapes"][shape]) if (shape, name) not in refusals]
    return found
