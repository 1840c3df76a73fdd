//! What Octopus keeps as whole documents: projects and what belongs to them, accounts, pools, step templates. A document is
//! JSON as the server answers it, so that a test can change any field, and a field that nobody here knows is kept.

mod routes;
mod shapes;

pub(crate) use routes::{find, list, need, one, shown};
pub use shapes::Kind;
pub(crate) use shapes::{SHAPES, Shape};

use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything that is kept as a document, by its id.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    by_id: BTreeMap<String, (Kind, Value)>,
}

impl Documents {
    /// The document of this id.
    pub fn get(&self, id: &str) -> Option<&Value> {
        self.by_id.get(id).map(|(_, json)| json)
    }

    /// The document of this id, if it is of this kind.
    pub(crate) fn get_as(&self, kind: Kind, id: &str) -> Option<&Value> {
        let found = self.by_id.get(id).filter(|(own, _)| *own == kind);
        found.map(|(_, json)| json)
    }

    /// One text of the document of this id.
    pub(crate) fn text(&self, id: &str, field: &str) -> Option<&str> {
        self.get(id)?.get(field)?.as_str()
    }

    /// All documents of a kind, sorted by their ids.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Value> {
        let own = self.by_id.values().filter(move |(own, _)| *own == kind);
        own.map(|(_, json)| json)
    }

    /// All documents with their ids, sorted by those.
    pub fn all(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.by_id.iter().map(|(id, (_, json))| (id, json))
    }

    /// Keeps a document under its `Id`, instead of another one that may have had it.
    pub fn insert(&mut self, kind: Kind, json: Value) {
        let id = text(&json, "Id").to_owned();
        assert!(!id.is_empty(), "a document has an id");
        self.by_id.insert(id, (kind, json));
    }

    /// Removes a document.
    pub fn remove(&mut self, id: &str) -> Option<Value> {
        self.by_id.remove(id).map(|(_, json)| json)
    }

    /// Changes a document. Variable sets and processes get a new version by that, as they do when somebody saves them.
    pub fn edit(&mut self, id: &str, change: impl FnOnce(&mut Value)) {
        let found = self.by_id.get_mut(id);
        let (kind, json) = found.unwrap_or_else(|| panic!("there is no document {id}"));
        change(json);
        if kind.is_versioned() {
            json["Version"] = (json["Version"].as_u64().unwrap_or(0) + 1).into();
        }
    }
}

/// A text of a document; empty where there is none.
pub(crate) fn text<'a>(json: &'a Value, field: &str) -> &'a str {
    json[field].as_str().unwrap_or_default()
}

/// The texts of a list.
pub(crate) fn texts(json: &Value) -> Vec<String> {
    let items = json.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

impl World {
    /// The document of this id, which must exist: a project, a runbook, an account, ...
    pub fn document(&self, id: &str) -> &Value {
        let found = self.octopus.documents.get(id);
        found.unwrap_or_else(|| panic!("there is no document {id}"))
    }

    /// The id of the document of a kind that has this name.
    pub fn id_of(&self, kind: Kind, name: &str) -> Option<String> {
        let mut all = self.octopus.documents.of(kind);
        let found = all.find(|json| json["Name"] == name);
        found.map(|json| text(json, "Id").to_owned())
    }

    /// The id and the name of each document of a kind.
    pub fn documents(&self, kind: Kind) -> Vec<(String, String)> {
        let all = self.octopus.documents.of(kind);
        let both = |json| (text(json, "Id").to_owned(), text(json, "Name").to_owned());
        all.map(both).collect()
    }

    /// Changes the document of this id, as somebody does who saves it.
    pub fn edit(&mut self, id: &str, change: impl FnOnce(&mut Value)) {
        self.octopus.documents.edit(id, change);
    }

    /// Removes the document of this id.
    pub fn remove(&mut self, id: &str) {
        let removed = self.octopus.documents.remove(id);
        assert!(removed.is_some(), "there is no document {id}");
    }
}
