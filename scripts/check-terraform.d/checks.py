"""What is looked at in the example, and what it is compared with."""

import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import hcl

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GUIDE = ROOT / "docs/set-up-by-hand.md"
TEMPLATE = ROOT / "step-template/octopus-scale-in.json"

# What the provider knows, by kind and type.
KNOWN = tomllib.loads((HERE / "provider.toml").read_text())
PROVIDER = "octopusdeploy"
# Terraform's own, as far as the example has it: what each kind of block may say, and must.
CONDITION = {"required": ["condition", "error_message"]}
LIFECYCLE = {
    "optional": ["prevent_destroy", "ignore_changes", "create_before_destroy", "precondition", "postcondition"],
    "blocks": {"precondition": CONDITION, "postcondition": CONDITION},
}
ON_EVERY_RESOURCE = ["count", "for_each", "depends_on", "lifecycle"]
LANGUAGE = {
    "terraform": {
        "optional": ["required_version", "required_providers"],
        "blocks": {"required_providers": {"optional": [PROVIDER]}},
    },
    "variable": {
        "required": ["type", "description"],
        "optional": ["default", "sensitive", "nullable", "validation"],
        "blocks": {"validation": CONDITION},
    },
    "output": {"required": ["value", "description"], "optional": ["sensitive"]},
    "import": {"required": ["to", "id"]},
}
# What the guide calls the types of variables.
TYPES = {"Azure Account": "AzureAccount", "Sensitive": "Sensitive", "Text": "String"}


class Example:
    """All files, what they declare, and what was found."""

    def __init__(self, files):
        self.problems = []
        self.used = set()
        self.roots = {}
        for name, text in files.items():
            try:
                self.roots[name] = hcl.read(text)
            except hcl.UNREADABLE as error:
                self.problems.append(f"{name}: cannot be read: {str(error).splitlines()[0]}")
        self.values = [root for name, root in self.roots.items() if name.endswith(".tfvars.example")]
        self.declared = self.declarations()

    def problem(self, file, line, text):
        self.problems.append(f"{file}:{line}: {text}")

    def blocks(self, *kinds):
        """The outermost blocks of these kinds, each with its file."""
        for file, root in self.roots.items():
            yield from ((file, block) for block in root.blocks if not kinds or block.kind in kinds)

    def resources(self, of_type):
        return [block for _, block in self.blocks("resource") if block.labels[0] == of_type]

    def declarations(self):
        """{address: (file, line)}."""
        found = {}
        for file, block in self.blocks():
            for address, line in addresses(block):
                if address in found:
                    self.problem(file, line, f"{address} is declared twice")
                found[address] = (file, line)
        return found


def addresses(block):
    """What others call it, or what is in it: var.a, local.a, data.type.name, type.name."""
    begin = {"variable": ["var"], "data": ["data"], "resource": [], "output": ["output"]}
    if block.kind == "locals":
        yield from ((f"local.{one.name}", one.line) for one in block.attributes)
    elif block.kind in begin:
        yield ".".join(begin[block.kind] + block.labels), block.line


def names_in(schema):
    return [name for part in ("required", "optional") for name in schema.get(part, [])]


def check_declarations(example):
    for file, block in example.blocks():
        if block.kind in ("resource", "data", "provider"):
            schema = KNOWN[block.kind].get(block.labels[0])
            if schema is None:
                example.problem(file, block.line, f"the provider has no {block.kind} {block.labels[0]}")
            else:
                check_block(example, file, block, with_meta(schema))
        elif block.kind in LANGUAGE:
            check_block(example, file, block, LANGUAGE[block.kind])
        elif block.kind != "locals":
            example.problem(file, block.line, f"Terraform has no block {block.kind} that this check knows")


def with_meta(schema):
    blocks = schema.get("blocks", {}) | {"lifecycle": LIFECYCLE}
    return schema | {"optional": schema.get("optional", []) + ON_EVERY_RESOURCE, "blocks": blocks}


def check_block(example, file, block, schema):
    """What is set in it against what may be, and must be."""
    where = " ".join([block.kind, *block.labels])
    inner = schema.get("blocks", {})
    for attribute in block.attributes:
        check_name(example, file, attribute.line, attribute.name, where, schema)
        if attribute.name in inner:
            example.problem(file, attribute.line, f"{where}: {attribute.name} is a block, without an equals sign")
        value = hcl.text_of(attribute.value)
        if value is not None and value not in schema.get("values", {}).get(attribute.name, [value]):
            example.problem(file, attribute.line, f"{where}: {attribute.name} is never {value}")
        check_objects(example, file, attribute.name, attribute.value, schema)
    for one in block.blocks:
        check_name(example, file, one.line, one.kind, where, schema)
        if one.kind in inner:
            check_block(example, file, one, inner[one.kind])
        elif one.kind in names_in(schema):
            example.problem(file, one.line, f"{where}: {one.kind} is an attribute, with an equals sign")
    given = [one.name for one in block.attributes] + [one.kind for one in block.blocks]
    check_given(example, file, block.line, given, where, schema)


def check_objects(example, file, name, value, schema):
    """The objects that an attribute is set to, where the table knows what is in them."""
    inner = schema.get("objects", {}).get(name)
    for made in hcl.objects_in(value) if inner else []:
        given = []
        for key, part, line in hcl.pairs_in(made):
            given.append(key)
            check_name(example, file, line, key, name, inner)
            check_objects(example, file, key, part, inner)
        check_given(example, file, made.meta.line, given, name, inner)


def check_name(example, file, line, name, where, schema):
    if name in schema.get("deprecated", []):
        example.problem(file, line, f"{where}: {name} is deprecated")
    elif name in schema.get("read_only", []):
        example.problem(file, line, f"{where}: {name} can only be read")
    elif name not in names_in(schema):
        example.problem(file, line, f"{where}: there is no {name}")


def check_given(example, file, line, given, where, schema):
    """What is missing, and what is there more than once."""
    for name in schema.get("required", []):
        if name not in given:
            example.problem(file, line, f"{where}: {name} is missing")
    for name, times in Counter(given).items():
        if times > 1 and name not in ("precondition", "postcondition", "validation"):
            example.problem(file, line, f"{where}: {name} is there {times} times")


def check_references(example):
    for file, outermost in example.blocks():
        for block in outermost.everything():
            for attribute in block.attributes:
                if (block.kind, attribute.name) == ("variable", "type"):
                    continue
                for path in hcl.references(attribute.value):
                    check_reference(example, file, attribute.line, path, outermost)


def check_reference(example, file, line, path, owner):
    head = path[0]
    if head in ("each", "count", "path", "terraform"):
        return
    if head == "self":
        check_path(example, file, line, path, 1, KNOWN[owner.kind].get(owner.labels[0]))
        return
    words = 3 if head == "data" else 2
    address = ".".join(path[:words])
    example.used.add(address)
    if address not in example.declared:
        example.problem(file, line, f"{address} is not declared")
    elif head not in ("var", "local"):
        kind, of_type = ("data", path[1]) if head == "data" else ("resource", head)
        check_path(example, file, line, path, words, KNOWN[kind].get(of_type))


def check_path(example, file, line, path, begin, schema):
    """Whether a resource has the attributes that are read from it, as deep as the table goes."""
    for index in range(begin, len(path)):
        if schema is None:
            return
        if path[index] not in names_in(schema) + schema.get("read_only", []):
            example.problem(file, line, f"{'.'.join(path[:index])} has no {path[index]}")
            return
        schema = (schema.get("objects", {}) | schema.get("blocks", {})).get(path[index])


def check_unused(example):
    for address, (file, line) in example.declared.items():
        if address.startswith(("var.", "local.", "data.")) and address not in example.used:
            example.problem(file, line, f"{address} is declared, and nothing uses it")


def check_values(example):
    """The values that somebody begins with: every variable that has no default, and no other names."""
    variables = {block.labels[0]: block for _, block in example.blocks("variable")}
    for root in example.values:
        given = {one.name for one in root.attributes}
        unknown = given - variables.keys()
        example.problems += [f"terraform.tfvars: there is no variable {name}" for name in sorted(unknown)]
        for name, block in variables.items():
            if block.value("default") is None and name not in given:
                example.problems.append(f"terraform.tfvars: the variable {name} is missing")


def check_step(example, template, guide):
    """The step's parameters against the template's, and against what the guide binds."""
    by_label = {parameter["Label"]: parameter["Name"] for parameter in template["Parameters"]}
    steps = example.resources(f"{PROVIDER}_process_templated_step")
    if not steps:
        example.problems.append("no step is made from the template")
    for block in steps:
        bound = {}
        for made in hcl.objects_in(block.value("parameters")):
            bound |= {name: value for name, value, _ in hcl.pairs_in(made)}
        unknown = bound.keys() - by_label.values()
        example.problems += [f"the step: the template has no parameter {name}" for name in sorted(unknown)]
        for label, value in guide_table(guide, "| parameter | value |"):
            check_bound(example, bound, by_label.get(label), label, value)


def check_bound(example, bound, name, label, value):
    if name is None:
        example.problems.append(f"{GUIDE.name} binds {label}, which the template does not have")
    elif name not in bound:
        example.problems.append(f"the step: {name} is missing, which {GUIDE.name} binds")
    elif re.fullmatch("`[^`]*`", value) and hcl.text_of(bound[name]) != value.strip("`"):
        example.problems.append(f"the step: {name} is not {value}, as in {GUIDE.name}")


def check_variables(example, guide):
    """The project's variables against the guide's six."""
    made = {}
    for block in example.resources(f"{PROVIDER}_variable"):
        made[hcl.text_of(block.value("name"))] = hcl.text_of(block.value("type"))
    rows = guide_table(guide, "| variable | type | value |")
    wanted = {name.strip("`"): TYPES.get(of_type, of_type) for name, of_type, _ in rows}
    for name, of_type in wanted.items():
        is_now = made.get(name, "missing")
        if is_now != of_type:
            example.problems.append(f"the variable {name} is {is_now}, and {of_type} in {GUIDE.name}")
    example.problems += [f"the variable {name} is not in {GUIDE.name}" for name in made if name not in wanted]


def guide_table(guide, head):
    """The rows below that head."""
    lines = guide[guide.index(head) :].splitlines()[2:]
    rows = lines[: next(index for index, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def problems_of(files):
    template = json.loads(TEMPLATE.read_text())
    guide = GUIDE.read_text()
    example = Example(files)
    check_declarations(example)
    check_references(example)
    check_unused(example)
    check_values(example)
    check_step(example, template, guide)
    check_variables(example, guide)
    if template["Packages"]:
        example.problems.append("the step template has packages, and the example says that it has none")
    return example.problems
