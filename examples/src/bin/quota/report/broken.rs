//! What of a log is broken: the first places, and how many.

use std::fmt;

use serde::Serialize;

/// What is broken.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Broken {
    pub(crate) count: u64,
    pub(crate) first: Vec<Place>,
}

/// One place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    pub(crate) log: String,
    pub(crate) line: u64,
    pub(crate) why: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}", self.log, self.line, self.why)
    }
}

impl Broken {
    pub(crate) fn add(&mut self, log: &str, line: u64, why: &str) {
        self.count += 1;
        if self.first.len() < MOST {
            self.first.push(Place { log: log.to_owned(), line, why: why.to_owned() });
        }
    }
}

const MOST: usize = 20;
