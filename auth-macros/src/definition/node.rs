//! A document, YAML or JSON, whose objects have each member once.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::definition::load::MAX_BYTES;

/// A value of a document; what is neither text, list nor object does not matter here.
#[derive(Debug, PartialEq)]
pub(crate) enum Node {
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
    Bool(bool),
    Other,
}

impl Node {
    /// Reads a document: JSON where it begins so, YAML otherwise.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}');
        if text.trim_start().starts_with(['{', '[']) {
            return serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"));
        }
        let options = serde_saphyr::options! { budget: budget() };
        serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let error = error.to_string();
            format!("it is no YAML: {}", error.lines().next().unwrap_or_default())
        })
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The members of an object; of anything else, none.
    pub(crate) fn members(&self) -> &[(String, Self)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// The elements of a list; of anything else, none.
    pub(crate) fn elements(&self) -> &[Self] {
        if let Self::List(elements) = self { elements } else { &[] }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A member that is a text with something in it.
    pub(crate) fn member_text(&self, name: &str) -> Option<String> {
        self.member(name)?.text().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    }
}

/// What a document may cost, whatever it says: an alias is small, and what it stands for may not be.
fn budget() -> Option<serde_saphyr::Budget> {
    let bytes = usize::try_from(MAX_BYTES).unwrap_or(usize::MAX);
    serde_saphyr::budget! {
        max_reader_input_bytes: Some(bytes),
        max_depth: 64,
        flow_nesting_limit: 64,
        max_documents: 1,
        max_events: 1_000_000,
        max_nodes: 250_000,
        max_aliases: 10_000,
        max_anchors: 10_000,
        max_merge_keys: 10_000,
        max_recorded_anchor_events: 1_000_000,
        max_recorded_anchor_bytes: bytes,
        max_total_scalar_bytes: 4 * bytes,
        max_inclusion_depth: 0,
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element()? {
            elements.push(element);
        }
        Ok(Node::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let (mut members, mut names) = (Vec::new(), std::collections::HashSet::new());
        while let Some(Name(name)) = access.next_key()? {
            // Which of two is meant is not guessed; a scope may be one of them.
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format!("the member {name:?} comes twice")));
            }
            members.push((name, access.next_value()?));
        }
        Ok(Node::Object(members))
    }
}

/// The name of a member: a text, or what YAML reads as a number, such as a status of a response.
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E>(self, name: &str) -> Result<Name, E> {
        Ok(Name(name.to_owned()))
    }
}
