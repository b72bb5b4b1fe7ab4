//! One event of the log: the members that matter.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::date::Date;
use super::elements::Sink;
use super::limits::LONGEST_NAME;
use super::text::{Text, Words};

/// An event.
#[derive(Debug)]
pub(crate) struct Event<'a> {
    pub(crate) code: Cow<'a, str>,
    /// In milliseconds since the epoch.
    pub(crate) date: u64,
    pub(crate) id: Option<Cow<'a, str>>,
    pub(crate) client_id: Option<Cow<'a, str>>,
    pub(crate) client_name: Option<Cow<'a, str>>,
    pub(crate) audience: Option<Cow<'a, str>>,
    pub(crate) organization: Option<Cow<'a, str>>,
    pub(crate) scope: Words<'a>,
}

/// An object of the export: an event, or what holds events.
#[derive(Debug, Deserialize)]
pub(super) struct Object<'a> {
    #[serde(borrow, rename = "type")]
    code: Option<Text<'a>>,
    date: Option<Date>,
    #[serde(borrow)]
    log_id: Option<Text<'a>>,
    #[serde(borrow)]
    _id: Option<Text<'a>>,
    #[serde(borrow)]
    client_id: Option<Text<'a>>,
    #[serde(borrow)]
    client_name: Option<Text<'a>>,
    #[serde(borrow)]
    audience: Option<Words<'a>>,
    #[serde(borrow)]
    organization_id: Option<Text<'a>>,
    #[serde(borrow)]
    organization_name: Option<Text<'a>>,
    #[serde(borrow)]
    scope: Option<Words<'a>>,
    /// The event of a log stream.
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    /// The events of a page with totals.
    #[serde(borrow)]
    logs: Option<&'a RawValue>,
}

impl<'a> Object<'a> {
    /// Hands over the events of an object that begins at `line`.
    pub(super) fn hand_over(self, line: u64, sink: &mut impl Sink) {
        match self {
            Self { code: None, logs: Some(logs), .. } => hand_over_page(logs, line, sink),
            Self { code: None, data: Some(data), log_id, .. } => {
                let inner = serde_json::from_str::<Object<'_>>(data.get());
                match inner.map_err(|error| why(&error)).and_then(|inner| inner.event(log_id)) {
                    Ok(event) => sink.event(&event),
                    Err(why) => sink.broken(line, &why),
                }
            }
            event => match event.event(None) {
                Ok(event) => sink.event(&event),
                Err(why) => sink.broken(line, &why),
            },
        }
    }

    fn event(self, outer_id: Option<Text<'a>>) -> Result<Event<'a>, String> {
        let code = self.code.ok_or("it has no type")?.0;
        let date = self.date.ok_or("it has no date")?.0;
        let event = Event {
            code,
            date,
            id: named(self.log_id).or_else(|| named(self._id)).or_else(|| named(outer_id)),
            client_id: named(self.client_id),
            client_name: named(self.client_name),
            audience: self.audience.map(Words::into_text).filter(|audience| !audience.is_empty()),
            organization: named(self.organization_id).or_else(|| named(self.organization_name)),
            scope: self.scope.unwrap_or_default(),
        };
        let names = [
            ("type", Some(&event.code)),
            ("client_id", event.client_id.as_ref()),
            ("client_name", event.client_name.as_ref()),
            ("audience", event.audience.as_ref()),
            ("organization", event.organization.as_ref()),
        ];
        match names.iter().find(|(_, name)| name.is_some_and(|name| name.len() > LONGEST_NAME)) {
            Some((member, _)) => Err(format!("its {member} is longer than {LONGEST_NAME} bytes")),
            None => Ok(event),
        }
    }
}

/// Returns a name; Auth0 writes none as "" as well.
fn named(text: Option<Text<'_>>) -> Option<Cow<'_, str>> {
    text.map(|text| text.0).filter(|name| !name.is_empty())
}

fn hand_over_page(logs: &RawValue, line: u64, sink: &mut impl Sink) {
    let events: Vec<&RawValue> = match serde_json::from_str(logs.get()) {
        Ok(events) => events,
        Err(error) => return sink.broken(line, &format!("its logs: {}", why(&error))),
    };
    for (number, event) in events.into_iter().enumerate() {
        let event = serde_json::from_str::<Object<'_>>(event.get());
        match event.map_err(|error| why(&error)).and_then(|event| event.event(None)) {
            Ok(event) => sink.event(&event),
            Err(why) => sink.broken(line, &format!("event {} of the page: {why}", number + 1)),
        }
    }
}

/// Returns what was wrong, without where: the place is relative to what was parsed.
pub(super) fn why(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    what.chars().take(LONGEST_REASON).collect()
}

const LONGEST_REASON: usize = 120;
