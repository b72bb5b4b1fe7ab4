//! Everything that an audit found.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::broken::Broken;
use crate::count::{Cost, Lifetimes, NONE, NameId, Names, Order, Tally, Waste, WastefulSet, cost};
use crate::ledger::{Comparison, Counts, Ledger, Row, compare};
use crate::log::{shown_day, shown_time};

/// What an audit found.
#[derive(Debug, Serialize)]
pub(crate) struct Findings {
    pub(crate) logs: usize,
    pub(crate) events: u64,
    pub(crate) first: Option<String>,
    pub(crate) last: Option<String>,
    pub(crate) order: Order,
    pub(crate) out_of_order: u64,
    pub(crate) duplicates: u64,
    pub(crate) of_other_clients: u64,
    pub(crate) broken: Broken,

    pub(crate) m2m_quota_consumed: u64,
    pub(crate) by_client: Vec<ByClient>,
    pub(crate) by_audience: Vec<ByAudience>,
    pub(crate) by_day: BTreeMap<String, u64>,
    pub(crate) not_counted: Vec<NotCounted>,
    pub(crate) undocumented: Vec<ByClient>,
    pub(crate) rate_limits: Vec<ByClient>,
    pub(crate) waste: Wasted,
    /// Audiences that counted, and look like the tenant's own.
    pub(crate) doubtful_audiences: Vec<String>,
    pub(crate) comparison: Option<Comparison>,
    /// Kinds of events that were too many to be compared.
    pub(crate) not_compared: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct ByClient {
    pub(crate) client_id: Option<String>,
    pub(crate) client_name: Option<String>,
    pub(crate) count: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct ByAudience {
    pub(crate) audience: Option<String>,
    pub(crate) count: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct NotCounted {
    pub(crate) code: String,
    pub(crate) why: String,
    pub(crate) count: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Wasted {
    pub(crate) fetched: u64,
    pub(crate) while_living: u64,
    pub(crate) sufficient: u64,
    pub(crate) unexamined: u64,
    /// The worst, first.
    pub(crate) sets: Vec<WastedSet>,
    pub(crate) more_sets: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct WastedSet {
    pub(crate) client_id: Option<String>,
    pub(crate) client_name: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) organization: Option<String>,
    pub(crate) scope: String,
    pub(crate) lifetime_seconds: u64,
    pub(crate) fetched: u64,
    pub(crate) while_living: u64,
    pub(crate) sufficient: u64,
}

impl Findings {
    /// How many events were read, of whichever client.
    pub(crate) const fn all_events(&self) -> u64 {
        self.events + self.of_other_clients
    }

    pub(crate) fn new(
        mut tally: Tally,
        broken: Broken,
        logs: usize,
        lifetimes: &Lifetimes,
        ledger: Option<&Ledger>,
    ) -> Self {
        let fetches = tally.take_fetches();
        let waste = fetches.waste(|audience| lifetimes.of(tally.audiences.name(audience)));
        let ends = tally.span.ends();
        Self {
            logs,
            events: tally.events,
            first: ends.map(|(first, _)| shown_time(first)),
            last: ends.map(|(_, last)| shown_time(last)),
            order: tally.span.order(),
            out_of_order: tally.span.out_of_order(),
            duplicates: tally.duplicates,
            of_other_clients: tally.of_other_clients,
            broken,
            m2m_quota_consumed: tally.counted,
            by_client: by_client(&tally, &tally.by_client),
            by_audience: by_audience(&tally),
            by_day: tally.by_day.iter().map(|(day, count)| (shown_day(*day), *count)).collect(),
            not_counted: not_counted(&tally),
            undocumented: by_client(&tally, &tally.undocumented),
            rate_limits: by_client(&tally, &tally.rate_limits),
            waste: wasted(&tally, waste),
            doubtful_audiences: tally.doubtful_audiences().into_iter().map(str::to_owned).collect(),
            comparison: ledger.map(|ledger| compare(ledger, &counts(&tally))),
            not_compared: tally.too_many_rows,
        }
    }
}

fn by_client(tally: &Tally, counts: &HashMap<NameId, u64>) -> Vec<ByClient> {
    most_first(counts, &tally.clients)
        .map(|(client, client_id, count)| ByClient {
            client_id,
            client_name: client_name(tally, client),
            count,
        })
        .collect()
}

fn by_audience(tally: &Tally) -> Vec<ByAudience> {
    most_first(&tally.by_audience, &tally.audiences)
        .map(|(_, audience, count)| ByAudience { audience, count })
        .collect()
}

fn most_first<'a>(
    counts: &HashMap<NameId, u64>,
    names: &'a Names,
) -> impl Iterator<Item = (NameId, Option<String>, u64)> + use<'a> {
    let mut counts: Vec<(NameId, u64)> = counts.iter().map(|(number, count)| (*number, *count)).collect();
    counts.sort_by(|(one, count), (other, more)| {
        more.cmp(count).then_with(|| names.name(*one).cmp(names.name(*other)))
    });
    counts.into_iter().map(|(number, count)| (number, name(names, number), count))
}

/// Returns what cost nothing: `seccft` for the tenant's own audiences first, then the rest, most first.
fn not_counted(tally: &Tally) -> Vec<NotCounted> {
    let builtin = most_first(&tally.builtin, &tally.audiences).map(|(_, audience, count)| NotCounted {
        code: "seccft".to_owned(),
        why: format!("for the tenant's own {}", audience.unwrap_or_default()),
        count,
    });
    let mut rest: Vec<NotCounted> = tally
        .by_code
        .iter()
        .filter_map(|(code, count)| {
            let code = tally.codes.name(*code);
            let Cost::Nothing(why) = cost(code) else { return None };
            Some(NotCounted { code: code.to_owned(), why: why.to_owned(), count: *count })
        })
        .collect();
    rest.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.code.cmp(&other.code)));
    builtin.chain(rest).collect()
}

fn wasted(tally: &Tally, waste: Waste) -> Wasted {
    let more_sets = waste.sets.len().saturating_sub(MOST_SETS);
    let shown = waste.sets.into_iter().take(MOST_SETS).map(|set| {
        let WastefulSet {
            client,
            audience,
            organization,
            scope,
            lifetime,
            fetched,
            while_living,
            sufficient,
        } = set;
        WastedSet {
            client_id: name(&tally.clients, client),
            client_name: client_name(tally, client),
            audience: name(&tally.audiences, audience),
            organization: name(&tally.organizations, organization),
            scope: scope.into(),
            lifetime_seconds: lifetime / 1_000,
            fetched,
            while_living,
            sufficient,
        }
    });
    Wasted {
        fetched: waste.fetched,
        while_living: waste.while_living,
        sufficient: waste.sufficient,
        unexamined: waste.unexamined,
        sets: shown.collect(),
        more_sets,
    }
}

fn counts(tally: &Tally) -> Counts {
    let rows = tally.in_span.iter().map(|(row, count)| {
        let row = Row {
            code: tally.codes.name(row.code).to_owned(),
            client_id: name(&tally.clients, row.client),
            audience: name(&tally.audiences, row.audience),
        };
        (row, *count)
    });
    Counts { rows: rows.collect(), m2m_quota_consumed: tally.counted_in_span }
}

fn name(names: &Names, number: NameId) -> Option<String> {
    (number != NONE).then(|| names.name(number).to_owned())
}

fn client_name(tally: &Tally, client: NameId) -> Option<String> {
    tally.client_names.get(&client).map(|name| name.as_ref().to_owned())
}

const MOST_SETS: usize = 100;
