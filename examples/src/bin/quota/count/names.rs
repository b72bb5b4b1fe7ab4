//! Names as numbers: each is kept once, and so many at most.

use std::collections::HashMap;
use std::rc::Rc;

/// The number of a name.
pub(crate) type NameId = u32;

/// What has no name.
pub(crate) const NONE: NameId = 0;

/// What came after the last name that is kept.
pub(crate) const OTHERS: NameId = 1;

/// Names, each under a number.
#[derive(Debug)]
pub(crate) struct Names {
    numbers: HashMap<Rc<str>, NameId>,
    names: Vec<Rc<str>>,
    most: usize,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self::at_most(MOST)
    }

    fn at_most(most: usize) -> Self {
        Self { numbers: HashMap::new(), names: vec!["(none)".into(), "(others)".into()], most }
    }

    /// Returns the number of a name.
    pub(crate) fn number(&mut self, name: Option<&str>) -> NameId {
        let Some(name) = name else {
            return NONE;
        };
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let Ok(number) = NameId::try_from(self.names.len()) else {
            return OTHERS;
        };
        if self.names.len() >= self.most + 2 {
            return OTHERS;
        }
        let name: Rc<str> = name.into();
        self.numbers.insert(Rc::clone(&name), number);
        self.names.push(name);
        number
    }

    pub(crate) fn name(&self, number: NameId) -> &str {
        self.names.get(number as usize).map_or("", AsRef::as_ref)
    }
}

const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number_and_the_last_names_share_one() {
        let mut names = Names::at_most(2);
        let [a, b] = ["a", "b"].map(|name| names.number(Some(name)));
        assert_eq!((names.number(Some("a")), names.number(Some("b"))), (a, b));
        assert_eq!((names.number(Some("c")), names.number(Some("d"))), (OTHERS, OTHERS));
        assert_eq!(names.number(None), NONE);
        assert_eq!([a, b, NONE, OTHERS].map(|number| names.name(number)), ["a", "b", "(none)", "(others)"]);
        assert_ne!(names.number(Some("(none)")), NONE);
    }
}
