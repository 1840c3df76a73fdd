"""Reads the source files of a crate as far as paths go: which modules there are, what they define and import, and which
file defines what a path names. It is no compiler: macros are not expanded, and `#[path]` is not followed.
"""

import re

TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    | (?P<comment>/\*)
    | (?P<text>[bc]?"(?:\\.|[^"\\])*"
        | [bc]?r(?P<hashes>\#*)".*?"(?P=hashes)
        | b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^\\'])')
    | (?P<lifetime>'\w+)
    | (?P<name>(?:r\#)?[A-Za-z_]\w*)
    | (?P<mark>\d\w*|::|.)""",
    re.VERBOSE | re.DOTALL,
)
NAME = re.compile(r"[A-Za-z_]")
OPEN, CLOSE = "([{", ")]}"
TYPES = {"struct", "enum", "union", "trait", "type"}
ITEMS = TYPES | {"fn", "const", "static"}
ITEM_BEGINS = ITEMS | {"pub", "mod", "use", "impl", "unsafe", "async", "extern", "macro_rules"}


def tokens_of(source):
    """Names and marks with their places; comments are left out, and of strings only that there is one."""
    tokens, at = [], 0
    while at < len(source):
        found = TOKEN.match(source, at)
        if found.lastgroup == "comment":
            at = end_of_comment(source, at)
            continue
        if found["name"] or found["mark"]:
            tokens.append((found[0].removeprefix("r#"), at))
        elif found["text"]:
            tokens.append(('""', at))
        at = found.end()
    return tokens


def end_of_comment(source, at):
    """Behind a block comment, which may hold others."""
    depth = 0
    for mark in re.finditer(r"/\*|\*/", source[at:]):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return at + mark.end()
    return len(source)


class Module:
    """A module: what it defines, what it imports, and where it stands."""

    def __init__(self, file, name, parent=None):
        self.file, self.name, self.parent = file, name, parent
        self.root = parent.root if parent else self
        self.children, self.items, self.imports, self.globs = {}, {}, {}, []

    def is_below(self, other):
        above = self.parent
        while above and above is not other:
            above = above.parent
        return above is not None


class File:
    """A file: the paths that it writes, each with the module that it stands in, and the types that it defines."""

    def __init__(self, path):
        self.path = path
        self.source = path.read_text()
        self.uses, self.paths, self.types = [], [], []
        self.names = set()
        self.tests = []

    def without_tests(self):
        """The source, comments and all, but for what only tests have; lines keep their numbers."""
        source = self.source
        for begin, end in self.tests:
            source = source[:begin] + re.sub(r"[^\n]", " ", source[begin:end]) + source[end:]
        return source

    def line(self, at):
        return self.source.count("\n", 0, at) + 1


class Crate:
    """All the files that belong to the program and its library, from src/lib.rs and src/main.rs on."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.files, self.library = [], None
        for root in ("lib.rs", "main.rs"):
            if (folder / root).exists():
                module = self.read(folder / root, root.removesuffix(".rs"), None, folder)
                self.library = self.library or module

    def read(self, path, name, parent, folder):
        """Reads the file of a module, whose own modules are in that folder."""
        file = File(path)
        module = Module(file, name, parent)
        self.files.append(file)
        Scan(self, file, folder).all_of(module)
        return module

    def label(self, file):
        return file.path.relative_to(self.folder).as_posix()

    def resolve(self, module, segments, seen=frozenset()):
        """What a path names: (module, None), (module, item), or None for what is outside of the crate. A path that is
        lost on its way ends at the last module that it reached, with the name that is not there."""
        first, *rest = segments
        if first == "crate":
            place = (module.root, None)
        elif first in ("self", "super"):
            place = (module if first == "self" else module.parent or module, None)
        elif first == self.name and self.library:
            place = (self.library, None)
        else:
            place = self.lookup(module, first, not rest, seen)
        for index, segment in enumerate(rest):
            if place is None or place[1] is not None:
                break
            if segment == "super":
                place = (place[0].parent or place[0], None)
            elif segment != "self":
                last = index == len(rest) - 1
                place = self.lookup(place[0], segment, last, seen) or (place[0], segment)
        return place

    def lookup(self, module, name, last, seen):
        """A name in a module. A module and a function may share one: the end of a path is rather the function."""
        if (module, name, last) in seen:
            return None
        seen = seen | {(module, name, last)}
        hidden = last and (name in module.items or name in module.imports)
        if name in module.children and not hidden:
            return module.children[name], None
        if name in module.imports and not (last and name in module.items):
            return self.resolve(module, module.imports[name], seen)
        if name in module.items:
            return module, name
        for segments in module.globs:
            place = self.resolve(module, segments, seen)
            found = place and place[1] is None and self.lookup(place[0], name, last, seen)
            if found:
                return found
        return None

    def lookup_all(self, module, names):
        """Of these names, what the module has."""
        found = (self.lookup(module, name, True, frozenset()) for name in sorted(names))
        return [place for place in found if place]


class Scan:
    """One walk through the tokens of a file."""

    def __init__(self, crate, file, folder):
        self.crate, self.file, self.folder = crate, file, folder
        self.tokens = tokens_of(file.source)

    def text(self, at):
        return self.tokens[at][0] if 0 <= at < len(self.tokens) else ""

    def closing(self, at):
        """Where the bracket that opens here closes."""
        depth = 0
        for index in range(at, len(self.tokens)):
            depth += (self.text(index) in OPEN) - (self.text(index) in CLOSE)
            if depth == 0:
                return index
        return len(self.tokens)

    def all_of(self, module):
        self.part(module, 0, len(self.tokens), self.folder)

    def part(self, module, at, end, folder):
        depth = 0
        while at < end:
            text, here = self.tokens[at]
            if text == "#" and (self.text(at + 1) == "[" or self.text(at + 1) + self.text(at + 2) == "!["):
                at = self.attribute(at, end)
            elif text == "use" and self.text(at + 1) != "<":
                at = self.use(module, at)
            elif text == "mod" and self.text(at + 2) in ("{", ";"):
                at = self.module(module, at, folder)
            elif text == "pub" and self.text(at + 1) + self.text(at + 2) == "(in":
                at = self.closing(at + 1) + 1
            elif text in ITEMS and NAME.match(self.text(at + 1)) and self.text(at - 1) not in ("<", ","):
                self.item(module, text, self.text(at + 1), here, depth)
                at += 1
            elif text == "macro_rules" and self.text(at + 1) == "!":
                module.items[self.text(at + 2)] = "macro"
                at += 3
            elif NAME.match(text):
                at = self.path(module, at)
            else:
                depth += (text in OPEN) - (text in CLOSE)
                at += 1

    def item(self, module, kind, name, here, depth):
        if depth == 0:
            module.items[name] = kind
        if kind in TYPES and (depth == 0 or kind != "type"):
            self.file.types.append((name, here))

    def attribute(self, at, end):
        """Passes an attribute by, and what follows if only tests have it."""
        inner = self.text(at + 1) == "!"
        close = self.closing(at + 1 + inner)
        words = [self.text(index) for index in range(at + 1 + inner, close)]
        if words[1:4] not in (["cfg", "(", "test"], ["cfg", "(", "all"]) or "test" not in words or "not" in words:
            # What is derived or allowed here names nothing of the crate.
            return close + 1
        behind = end if inner else self.behind_item(close + 1, end)
        last = self.tokens[min(behind, len(self.tokens)) - 1][1]
        self.file.tests.append((self.tokens[at][1], last + 1))
        return behind

    def behind_item(self, at, end):
        while self.text(at) == "#":
            at = self.closing(at + 1) + 1
        begin = self.text(at)
        if begin == "pub":
            at = self.closing(at + 1) + 1 if self.text(at + 1) == "(" else at + 1
        to_semicolon = self.text(at) in ("const", "static", "type", "use") and self.text(at + 1) not in ("fn", "unsafe")
        while at < end:
            text = self.text(at)
            if text in CLOSE:
                return at
            if text == ";" or (text == "," and begin not in ITEM_BEGINS):
                return at + 1
            if text in OPEN:
                at = self.closing(at)
                if text == "{" and not to_semicolon:
                    return at + 1
            at += 1
        return end

    def module(self, parent, at, folder):
        name, inline = self.text(at + 1), self.text(at + 2) == "{"
        below = folder / name
        if inline:
            child = parent.children[name] = Module(self.file, name, parent)
            close = self.closing(at + 2)
            self.part(child, at + 3, close, below)
            return close + 1
        path = next((each for each in (folder / f"{name}.rs", below / "mod.rs") if each.exists()), None)
        if path:
            parent.children[name] = self.crate.read(path, name, parent, below)
        return at + 3

    def path(self, module, at):
        begin, segments = at, [self.text(at)]
        while self.text(at + 1) == "::" and NAME.match(self.text(at + 2)):
            at += 2
            segments.append(self.text(at))
        self.file.names.add(segments[0])
        if len(segments) > 1 and self.text(begin - 1) not in ("::", "."):
            self.file.paths.append((module, segments, self.tokens[begin][1]))
        return at + 1

    def use(self, module, at):
        public = self.text(at - 1) in ("pub", ")")
        here = self.tokens[at][1]
        end = at
        while self.text(end) not in (";", ""):
            end += 1
        if self.text(at + 1) != "::":
            for segments, name in self.tree([], at + 1, end):
                self.file.uses.append((module, segments, name, public, here))
                if name == "*":
                    module.globs.append(segments)
                else:
                    module.imports.setdefault(name, segments)
        return end + 1

    def tree(self, before, at, end):
        """The paths of a use tree, each with the name that it brings in."""
        segments = list(before)
        while at < end:
            text = self.text(at)
            if text == "{":
                close = self.closing(at)
                for begin, stop in self.branches(at + 1, close):
                    yield from self.tree(segments, begin, stop)
                return
            if text == "*":
                yield segments, "*"
                return
            if text == "as":
                yield segments, self.text(at + 1)
                return
            if text != "::" and not (text == "self" and segments):
                segments.append(text)
            at += 1
        if segments:
            yield segments, segments[-1]

    def branches(self, at, end):
        begin = at
        while at < end:
            if self.text(at) == "{":
                at = self.closing(at)
            elif self.text(at) == ",":
                yield begin, at
                begin = at + 1
            at += 1
        if begin < end:
            yield begin, end
