"""Small crates that were made up, and what the reader has to find in each."""

import tempfile
from pathlib import Path

# What is tried: the files of src/, and the arrows with the names that they are for.
ARROWS = [
    (
        "a re-export leads to the file that defines the item, and is no arrow itself",
        {
            "lib.rs": "mod a; mod b;",
            "a.rs": "use crate::b::Thing;",
            "b/mod.rs": "mod inner; pub use inner::{Other as Thing};",
            "b/inner.rs": "mod deep; pub(crate) use self::deep::Other;",
            "b/inner/deep.rs": "pub struct Other;",
        },
        {"a.rs > b/inner/deep.rs: Other"},
    ),
    (
        "a re-export that the file uses itself is an arrow, and so is one of what lies elsewhere",
        {
            "lib.rs": "mod a; mod b;",
            "a.rs": "mod inner; pub use inner::Thing; pub use super::b::Far; fn f() -> Thing { loop {} }",
            "a/inner.rs": "pub struct Thing;",
            "b.rs": "pub enum Far {}",
        },
        {"a.rs > a/inner.rs: Thing", "a.rs > b.rs: Far"},
    ),
    (
        "braces in braces, names given anew, self, and what is outside of the crate",
        {
            "lib.rs": "mod a; mod b; mod c;",
            "a.rs": "use crate::{b::{self, One as Uno, deep::{Two}}, c::Three}; use std::{fmt, io::Read};"
            "fn f() { b::four() }",
            "b.rs": "pub struct One; pub mod deep; pub fn four() {}",
            "b/deep.rs": "pub struct Two;",
            "c.rs": "pub struct Three;",
        },
        {"a.rs > b.rs: One, four", "a.rs > b/deep.rs: Two", "a.rs > c.rs: Three"},
    ),
    (
        "super and self, also in a module inside of a file, and paths in the middle of the code",
        {
            "lib.rs": "mod a; pub const TOP: u8 = 1;",
            "a/mod.rs": "mod one; mod two; pub struct Own;",
            "a/one.rs": "mod inside { fn f() -> super::super::two::Two { self::g(super::super::super::TOP) }"
            " fn g(_: u8) {} }",
            "a/two.rs": "pub struct Two; pub(in crate::a) fn f<'a>(_: &'a super::Own) -> Vec<crate::a::Own> { vec![] }",
        },
        {"a/one.rs > a/two.rs: Two", "a/one.rs > lib.rs: TOP", "a/two.rs > a/mod.rs: Own"},
    ),
    (
        "comments, strings and what only tests have do not count",
        {
            "lib.rs": "mod a; mod b; #[cfg(test)] mod tests;",
            "a.rs": "//! [`crate::b::Thing`]\n/* crate::b::f() /* inner */ crate::b::f() */\n"
            'const A: &str = r#"crate::b::f() " "#; const B: char = \'"\'; const C: char = \'\\\'\';\n'
            "#[cfg(test)]\n#[allow(dead_code)]\nuse crate::b::Thing;\n#[cfg(test)] mod tests { use crate::b::f; }\n"
            "#[cfg(all(test, unix))] pub(crate) fn g<A, B>(_: A, _: B) { crate::b::f() }\n"
            "#[cfg(test)] const D: () = { crate::b::f() };\n#[cfg(not(test))] use crate::b::h;",
            "b.rs": "pub struct Thing; pub fn f() {} pub fn h() {}",
            "tests.rs": "use crate::b::f;",
        },
        {"a.rs > b.rs: h"},
    ),
    (
        "everything of a module or of an enum, as far as it is used",
        {
            "lib.rs": "mod a; mod b; mod c;",
            "a.rs": "use crate::b::*; use crate::c::Kind::*; fn f() -> One { g(First) }",
            "b.rs": "pub struct One; pub struct Unused;",
            "c.rs": "pub enum Kind { First }",
        },
        {"a.rs > b.rs: One", "a.rs > c.rs: Kind"},
    ),
    (
        "the program names its library; a module and a function share a name",
        {
            "main.rs": "use made_up::record; fn main() { record(); made_up::a::go() }",
            "lib.rs": "pub mod a; mod record; pub use record::record;",
            "a.rs": "pub fn go() {}",
            "record.rs": "pub fn record() {}",
        },
        {"main.rs > record.rs: record", "main.rs > a.rs: go"},
    ),
]

CIRCLE = {
    "lib.rs": "mod a; mod b; mod c; mod d;",
    "a.rs": "use crate::b::B; pub struct A;",
    "b.rs": "use super::c::C; pub struct B;",
    "c.rs": "pub struct C(crate::a::A);",
    "d.rs": "use crate::a::A; pub struct D;",
}

KNOWS_TOO_MUCH = {
    "lib.rs": "mod reconcile; mod run; mod error;",
    "error.rs": "use crate::run::Row; pub struct Error;",
    "run.rs": "pub struct Row;",
    "reconcile/mod.rs": "use std::{fmt, fs}; use crate::error::Error; pub struct Row;\n// As ScaleSets do.\n"
    "fn f(_: impl fmt::Debug) { log::info!(); u64::MAX; String::new(); let virtual_machine = 1; }\n"
    "#[cfg(test)] mod tests { const A: &str = \"vmss\"; }",
}


# Who uses what, below check/: a judge has its reasons from what was read.
ASKERS = [
    ("judges/reach", "check/set_up.rs"),
    ("judges/reach", "http/client.rs"),
    ("judges/safe", "check/reading/mod.rs"),
    ("reading/mod", "http/client.rs"),
]

MANIFEST = '[workspace]\nmembers = ["other"]\n\n[package]\nname = "made-up"\ndescription = "A crate"\n'


def run(house):
    """Tries everything; 1 if something was not found as it should be."""
    failed = []

    def made(files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {"../Cargo.toml": MANIFEST, **files}.items():
                path = Path(folder, "src", name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return house.crate_of(Path(folder))

    def expect(what, found, expected):
        print(f"{'ok  ' if found == expected else 'FAIL'} {what}")
        if found != expected:
            print(f"     found:    {found}\n     expected: {expected}")
            failed.append(what)

    for what, files, expected in ARROWS:
        arrows, lost = house.arrows_of(made(files))
        written = {f"{source} > {target}: {', '.join(sorted(names))}" for (source, target), names in arrows.items()}
        expect(what, (written, lost), (expected, []))

    arrows, _ = house.arrows_of(made(CIRCLE))
    expect("a circle", house.circles_of(list(CIRCLE), arrows), [("a.rs", "b.rs", "c.rs")])

    crate = made(KNOWS_TOO_MUCH)
    arrows, _ = house.arrows_of(crate)
    expect("an arrow up", house.ups_of(arrows), [("error.rs", "run.rs")])
    expect("a type name defined twice", house.twins_of(crate), {"Row": ["reconcile/mod.rs:1", "run.rs:1"]})
    expected = [
        "reconcile/mod.rs uses error.rs",
        "reconcile/mod.rs:3: the crate log",
        "reconcile/mod.rs:1: std::fs",
        "reconcile/mod.rs:2: the word Scale Set",
        "reconcile/mod.rs:3: the word virtual machine",
    ]
    expect("what decides knows too much", house.impurities_of(crate, arrows), expected)
    arrows = {(f"check/{source}.rs", target): {"x"} for source, target in ASKERS}
    expected = ["check/judges/reach.rs uses http/client.rs", "check/judges/safe.rs uses check/reading/mod.rs"]
    expect("a judge that asks", house.askers_of(arrows), expected)
    return 1 if failed else 0
