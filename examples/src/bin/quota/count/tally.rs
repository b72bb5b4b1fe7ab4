//! The counts of a log.

use std::collections::{BTreeMap, HashMap};

use super::builtin::Builtins;
use super::cost::{Cost, cost};
use super::names::{NameId, Names, OTHERS};
use super::seen::Seen;
use super::span::Span;
use super::waste::Fetches;
use crate::log::{Event, day};

/// Everything that is counted.
#[derive(Debug)]
pub(crate) struct Tally {
    builtins: Builtins,
    /// The only clients that are looked at; none is all.
    only: Vec<String>,
    /// The seconds of a ledger, first and last: what is within is kept by code, client and audience.
    span_wanted: Option<(u64, u64)>,

    pub(crate) events: u64,
    pub(crate) duplicates: u64,
    pub(crate) of_other_clients: u64,
    pub(crate) span: Span,
    seen: Seen,

    pub(crate) codes: Names,
    pub(crate) clients: Names,
    pub(crate) audiences: Names,
    pub(crate) organizations: Names,
    pub(crate) client_names: HashMap<NameId, Box<str>>,

    pub(crate) by_code: BTreeMap<NameId, u64>,
    pub(crate) counted: u64,
    pub(crate) by_client: HashMap<NameId, u64>,
    pub(crate) by_audience: HashMap<NameId, u64>,
    /// The last day stands for those that are too many.
    pub(crate) by_day: BTreeMap<u64, u64>,
    /// `seccft` for the tenant's own audiences.
    pub(crate) builtin: HashMap<NameId, u64>,
    pub(crate) undocumented: HashMap<NameId, u64>,
    pub(crate) rate_limits: HashMap<NameId, u64>,
    fetches: Fetches,

    pub(crate) counted_in_span: u64,
    pub(crate) in_span: HashMap<SpanRow, u64>,
    pub(crate) too_many_rows: u64,
}

/// Events within a ledger's time, by what a ledger knows of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SpanRow {
    pub(crate) code: NameId,
    pub(crate) client: NameId,
    pub(crate) audience: NameId,
}

impl Tally {
    /// `span` is a ledger's, in seconds, first and last.
    pub(crate) fn new(builtins: Builtins, only: Vec<String>, span: Option<(u64, u64)>) -> Self {
        Self {
            builtins,
            only,
            span_wanted: span,
            events: 0,
            duplicates: 0,
            of_other_clients: 0,
            span: Span::default(),
            seen: Seen::default(),
            codes: Names::new(),
            clients: Names::new(),
            audiences: Names::new(),
            organizations: Names::new(),
            client_names: HashMap::new(),
            by_code: BTreeMap::new(),
            counted: 0,
            by_client: HashMap::new(),
            by_audience: HashMap::new(),
            by_day: BTreeMap::new(),
            builtin: HashMap::new(),
            undocumented: HashMap::new(),
            rate_limits: HashMap::new(),
            fetches: Fetches::new(),
            counted_in_span: 0,
            in_span: HashMap::new(),
            too_many_rows: 0,
        }
    }

    /// Counts an event.
    pub(crate) fn add(&mut self, event: &Event<'_>) {
        if event.id.as_deref().is_some_and(|id| !self.seen.is_new(id)) {
            self.duplicates += 1;
            return;
        }
        if !self.only.is_empty()
            && !self.only.iter().any(|only| Some(only.as_str()) == event.client_id.as_deref())
        {
            self.of_other_clients += 1;
            return;
        }
        self.events += 1;
        self.span.add(event.date);
        let code = self.codes.number(Some(&event.code));
        *self.by_code.entry(code).or_default() += 1;
        let is_counted = match cost(&event.code) {
            Cost::ByAudience => self.add_machine_token(event),
            Cost::Undocumented => {
                let client = self.client(event);
                *self.undocumented.entry(client).or_default() += 1;
                false
            }
            Cost::RateLimit => {
                let client = self.client(event);
                *self.rate_limits.entry(client).or_default() += 1;
                false
            }
            Cost::Nothing(_) => false,
        };
        if self.span_wanted.is_some_and(|(first, last)| (first..=last).contains(&(event.date / 1_000))) {
            self.counted_in_span += u64::from(is_counted);
            self.add_in_span(code, event);
        }
    }

    /// Counts a client-credentials token, and returns whether it cost quota.
    fn add_machine_token(&mut self, event: &Event<'_>) -> bool {
        let audience = self.audiences.number(event.audience.as_deref());
        if event.audience.as_deref().is_some_and(|audience| self.builtins.contains(audience)) {
            *self.builtin.entry(audience).or_default() += 1;
            return false;
        }
        let client = self.client(event);
        let organization = self.organizations.number(event.organization.as_deref());
        self.counted += 1;
        *self.by_client.entry(client).or_default() += 1;
        *self.by_audience.entry(audience).or_default() += 1;
        let day = day(event.date);
        let is_full = self.by_day.len() >= MOST_DAYS && !self.by_day.contains_key(&day);
        *self.by_day.entry(if is_full { u64::MAX } else { day }).or_default() += 1;
        self.fetches.add([client, audience, organization], &event.scope.set(), event.date);
        true
    }

    fn client(&mut self, event: &Event<'_>) -> NameId {
        let client = self.clients.number(event.client_id.as_deref());
        if let Some(name) =
            event.client_name.as_deref().filter(|_| client != OTHERS && event.client_id.is_some())
        {
            self.client_names.entry(client).or_insert_with(|| name.into());
        }
        client
    }

    fn add_in_span(&mut self, code: NameId, event: &Event<'_>) {
        let client = self.clients.number(event.client_id.as_deref());
        let audience = self.audiences.number(event.audience.as_deref());
        let row = SpanRow { code, client, audience };
        if self.in_span.len() == MOST_ROWS && !self.in_span.contains_key(&row) {
            self.too_many_rows += 1;
            return;
        }
        *self.in_span.entry(row).or_default() += 1;
    }

    /// Returns the fetches, once.
    pub(crate) fn take_fetches(&mut self) -> Fetches {
        std::mem::replace(&mut self.fetches, Fetches::new())
    }

    /// Returns the audiences that counted and look like the tenant's own.
    pub(crate) fn doubtful_audiences(&self) -> Vec<&str> {
        let names = self.by_audience.keys().map(|audience| self.audiences.name(*audience));
        let mut doubtful: Vec<&str> = names.filter(|name| self.builtins.is_doubtful(name)).collect();
        doubtful.sort_unstable();
        doubtful
    }
}

const MOST_DAYS: usize = 10_000;
const MOST_ROWS: usize = 100_000;
