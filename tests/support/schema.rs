//! The published shape of a report, which every report that a test reads must have.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;
use std::path::Path;
use std::sync::OnceLock;

static SHAPE: OnceLock<(Schemas, SchemaIndex)> = OnceLock::new();

/// What a value lacks, or has too much, to be a report.
pub fn deviation(report: &Value) -> Option<String> {
    let (schemas, shape) = SHAPE.get_or_init(published);
    let found = schemas.validate(report, *shape);
    found.err().map(|error| error.to_string())
}

fn published() -> (Schemas, SchemaIndex) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.schema.json");
    let mut schemas = Schemas::new();
    let file = file.to_str().expect("a path that is text");
    let index = Compiler::new().compile(file, &mut schemas);
    let index = index.expect("the schema is one");
    (schemas, index)
}
