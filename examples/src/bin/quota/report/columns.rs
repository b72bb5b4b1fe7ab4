//! Columns of text, as wide as they have to be.

use std::fmt::Write as _;

/// Rows, the first column of which is a number.
#[derive(Debug, Default)]
pub(super) struct Columns(Vec<Vec<String>>);

impl Columns {
    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.0.push(cells.map(|cell| harmless(&cell)).into());
    }

    /// Returns the rows, each two blanks in; numbers are at the right of their column.
    pub(super) fn render(&self) -> String {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.0.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.0 {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                // Writing to a string does not fail.
                let _ = match cell.starts_with(|first: char| first.is_ascii_digit()) && !cell.contains('-') {
                    true => write!(line, "  {cell:>width$}"),
                    false => write!(line, "  {cell:<width$}"),
                };
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// Returns a number as people read it.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a text that does nothing to a terminal, and is not endless.
///
/// What is in a log was written by whoever called the tenant.
pub(super) fn harmless(text: &str) -> String {
    let mut harmless = String::new();
    for character in text.chars().take(LONGEST) {
        match character {
            // Control characters, and those that turn the direction of writing round.
            '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => harmless.push('?'),
            control if control.is_control() => harmless.push('?'),
            other => harmless.push(other),
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        harmless.push_str("..");
    }
    harmless
}

const LONGEST: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_a_comma_each_three_digits() {
        for (given, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(number(given), expected);
        }
    }

    #[test]
    fn a_name_from_the_log_does_nothing_to_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\nc\u{202e}d"), "a?[2Jb?c?d");
        assert_eq!(harmless(&"x".repeat(1_000)).len(), 102);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut columns = Columns::default();
        columns.row(["1".to_owned(), "a".to_owned(), "x".to_owned()]);
        columns.row(["1,000".to_owned(), "bcd".to_owned(), String::new()]);
        assert_eq!(columns.render(), "      1  a    x\n  1,000  bcd\n");
    }
}
