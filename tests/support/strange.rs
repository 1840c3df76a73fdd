//! Answers that are not what was asked for: strange bodies, and one strange value in an answer that is right otherwise.

use sandbox::{Fault, Route, Sandbox, When};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// Bodies that nobody asked for.
pub fn strange_bodies() -> Vec<Vec<u8>> {
    let texts = [
        "",
        " ",
        "null",
        "[]",
        "[null]",
        "[[]]",
        "[[],0,null]",
        "[false,false,{},null]",
        "\"text\"",
        "42",
        "-1e999",
        "true",
        "{}",
        "{\"value\":null}",
        "{\"value\":{}}",
        "{\"value\":[null]}",
        "{\"value\":[5]}",
        "{\"value\":[{}]}",
        "{\"Items\":null,\"TotalResults\":0}",
        "{\"Items\":[{}],\"TotalResults\":1}",
        "{\"Items\":[],\"TotalResults\":-1}",
        "{\"Items\":[],\"TotalResults\":1.5}",
        "{\"Items\":[],\"TotalResults\":1e18}",
        "{\"Items\":",
        "\u{feff}{}",
        "{\"error\":{}}",
        "{\"ErrorMessage\":5}",
        "<html><body>Sign in</body></html>",
        "##octopus[setVariable name='eA==' value='eA==']",
    ];
    let mut bodies: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    bodies.push("[".repeat(5000).into_bytes());
    bodies.push("{\"a\":".repeat(5000).into_bytes());
    bodies.push("{}".encode_utf16().flat_map(u16::to_le_bytes).collect());
    bodies.push(b"{\"value\":[\"\xff\xfe\x00\"]}".to_vec());
    bodies.push(vec![0; 100]);
    bodies
}

/// The places in a document that hold a value, and what each of them can be made of.
fn places(document: &Value, at: &str, found: &mut Vec<String>) {
    match document {
        Value::Object(fields) => {
            for (name, value) in fields {
                places(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(rows) => {
            for (index, value) in rows.iter().enumerate() {
                places(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
    if !at.is_empty() {
        found.push(at.to_owned());
    }
}

/// What takes the place of a value.
fn strange_values() -> [Value; 8] {
    [
        Value::Null,
        json!(-7),
        json!(1e300),
        json!("strange"),
        json!(""),
        json!([]),
        json!({}),
        json!("x".repeat(100_000)),
    ]
}

/// One place of every answer of a route, spoilt.
pub struct Spoilt {
    route: Route,
    number: usize,
    value: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Spoilt {
    /// From now on the place of this number is spoilt, if the answers have so many.
    pub fn at(sandbox: &Sandbox, route: Route, number: usize) -> Self {
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let record = Arc::clone(&seen);
        let values = strange_values();
        let value = values[number % values.len()].clone();
        let shown = value.to_string().chars().take(20).collect();
        let spoil = move |document: &mut Value| {
            let mut found = Vec::new();
            places(document, "", &mut found);
            if let Some(spoilt) = found
                .get(number)
                .and_then(|place| document.pointer_mut(place))
            {
                *spoilt = value.clone();
            }
            *record.lock().expect("no panic") = found;
        };
        sandbox.fault(route, When::Always, Fault::edit(spoil));
        Self {
            route,
            number,
            value: shown,
            seen,
        }
    }

    /// What was spoilt; `None` where the answers have no such place.
    pub fn what(&self) -> Option<String> {
        let seen = self.seen.lock().expect("no panic");
        let place = seen.get(self.number)?;
        Some(format!("{:?}{place} = {}", self.route, self.value))
    }
}
