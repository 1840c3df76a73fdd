"""Reads Terraform's files: their blocks and attributes, and what an expression refers to."""

from dataclasses import dataclass, field

import hcl2
from lark import Tree
from lark.exceptions import LarkError

UNREADABLE = (LarkError, ValueError)


@dataclass
class Attribute:
    name: str
    value: Tree
    line: int


@dataclass
class Block:
    kind: str
    labels: list
    line: int
    attributes: list = field(default_factory=list)
    blocks: list = field(default_factory=list)

    def value(self, name):
        """What that attribute is set to, or None."""
        return next((attribute.value for attribute in self.attributes if attribute.name == name), None)

    def everything(self):
        """This block and those in it."""
        yield self
        for block in self.blocks:
            yield from block.everything()


def read(text):
    """The file as a block without a kind."""
    body = next(child for child in parsed(text).children if kind(child) == "body")
    return filled(Block("", [], 0), body)


def parsed(text):
    # The parser wants a line's end after the last line.
    tree = hcl2.parses_to_tree(text.rstrip() + "\n")
    for node in tree.iter_subtrees():
        # What stands in a heredoc is not parsed, so nothing that it refers to would be looked at.
        if kind(node).startswith("heredoc"):
            raise ValueError(f"line {node.meta.line}: a heredoc, into which this check does not see")
    return tree


def filled(block, body):
    for child in body.children:
        if kind(child) == "attribute":
            block.attributes.append(Attribute(name_of(child.children[0]), child.children[-1], child.meta.line))
        elif kind(child) == "block":
            first, *rest = child.children
            labels = [text_of(label) for label in rest if kind(label) in ("string", "identifier")]
            inner = next((part for part in rest if kind(part) == "body"), Tree("body", []))
            block.blocks.append(filled(Block(name_of(first), labels, child.meta.line), inner))
    return block


def kind(node):
    return str(node.data) if isinstance(node, Tree) else ""


def name_of(identifier):
    return str(identifier.children[0])


def text_of(node):
    """What a string or a bare name says; None for one with something interpolated, and for everything else."""
    if kind(node) == "expr_term" and len(node.children) == 1:
        return text_of(node.children[0])
    if kind(node) == "identifier":
        return name_of(node)
    if kind(node) != "string":
        return None
    parts = [part for part in node.children if kind(part) == "string_part"]
    if any(isinstance(piece, Tree) for part in parts for piece in part.children):
        return None
    return "".join(str(piece) for part in parts for piece in part.children)


def objects_in(node):
    """The objects that an expression makes: itself, in a list, in either branch, or once for each of something."""
    if kind(node) == "object":
        yield node
    elif kind(node) in ("expr_term", "tuple", "conditional", "for_tuple_expr"):
        for child in node.children:
            yield from objects_in(child)


def pairs_in(node):
    """An object's keys (None where one is computed) and values."""
    for element in node.children:
        if kind(element) == "object_elem":
            yield text_of(element.children[0].children[0]), element.children[-1], element.meta.line


def references(node, known=None):
    """Everything that an expression names, as lists of words: var.a[0].b is ["var", "a", "b"].

    `known` has the names of the expressions around it, such as those of a `for`: what each stands for, or None.
    """
    known = known or {}
    path = path_of(node)
    if path:
        if path[0] not in known:
            yield path
        elif known[path[0]]:
            yield known[path[0]] + path[1:]
        inner = indices_in(node)
    elif kind(node) in ("for_tuple_expr", "for_object_expr"):
        intro = next(child for child in node.children if kind(child) == "for_intro")
        yield from references(collection_of(intro), known)
        known = known | names_of(intro, known)
        inner = [child for child in node.children if child is not intro]
    else:
        inner = children_with_references(node)
    for child in inner:
        yield from references(child, known)


def children_with_references(node):
    children = getattr(node, "children", [])
    if kind(node) == "function_call":
        return children[1:]
    if kind(node) == "object_elem_key" and text_of(children[0]) is not None:
        return []
    return children


def path_of(node):
    """The words of a name with attributes, without its indices; None for every other expression."""
    if kind(node) == "identifier":
        return [name_of(node)]
    if kind(node) == "expr_term" and len(node.children) == 1:
        return path_of(node.children[0])
    if kind(node) not in ("get_attr_expr_term", "index_expr_term", "full_splat_expr_term", "attr_splat_expr_term"):
        return None
    before = path_of(node.children[0])
    attributes = [inner for inner in node.children[1].iter_subtrees_topdown() if kind(inner) == "get_attr"]
    if kind(node) == "index_expr_term":
        attributes = []
    return before and before + [name_of(attribute.children[-1]) for attribute in attributes]


def indices_in(node):
    """What stands between the brackets of a name with attributes."""
    if kind(node) == "index_expr_term":
        yield from node.children[1].children
    if isinstance(node, Tree) and node.children:
        yield from indices_in(node.children[0])


def collection_of(intro):
    return next(child for child in intro.children if kind(child) not in ("", "identifier", "new_line_or_comment"))


def names_of(intro, known):
    """The names that a `for` gives: the last is an element of the collection."""
    names = [name_of(child) for child in intro.children if kind(child) == "identifier"]
    path = path_of(collection_of(intro))
    if path and path[0] in known:
        path = known[path[0]] and known[path[0]] + path[1:]
    return dict.fromkeys(names[:-1]) | {names[-1]: path}
