//! The published shapes: of a report, which every report that a test reads must have, and of what `setup` prints.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;
use std::path::Path;
use std::sync::OnceLock;

/// A shape, read once.
type Shape = OnceLock<(Schemas, SchemaIndex)>;

static REPORT: Shape = OnceLock::new();
static SETUP: Shape = OnceLock::new();

/// What a value lacks, or has too much, to be a report.
pub fn deviation(report: &Value) -> Option<String> {
    deviation_from(&REPORT, "docs/report.schema.json", report)
}

/// The same for what `setup` prints.
pub fn deviation_of_setup(told: &Value) -> Option<String> {
    deviation_from(&SETUP, "docs/setup.schema.json", told)
}

fn deviation_from(shape: &Shape, file: &str, value: &Value) -> Option<String> {
    let (schemas, shape) = shape.get_or_init(|| published(file));
    let found = schemas.validate(value, *shape);
    found.err().map(|error| error.to_string())
}

fn published(file: &str) -> (Schemas, SchemaIndex) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let mut schemas = Schemas::new();
    let file = file.to_str().expect("a path that is text");
    let index = Compiler::new().compile(file, &mut schemas);
    let index = index.expect("the schema is one");
    (schemas, index)
}
