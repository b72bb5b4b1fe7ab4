//! Markdown, as far as the rules read it: commands in fences, links in prose, cells in tables.

/// A line of a document, with its number.
pub(crate) type Line<'a> = (usize, &'a str);

/// Languages of a fence whose lines are commands.
const SHELLS: [&str; 4] = ["sh", "console", "bash", "shell"];

/// Returns the lines outside of fences.
pub(crate) fn prose(text: &str) -> Vec<Line<'_>> {
    split(text).into_iter().filter(|(fence, _)| fence.is_none()).map(|(_, line)| line).collect()
}

/// Returns the commands of the shell fences, each whole: continued lines are joined, comments and
/// variables before a command are left out, `a && b` is two.
pub(crate) fn commands(text: &str) -> Vec<(usize, Vec<String>)> {
    let mut commands = Vec::new();
    let mut begun: Option<(usize, String)> = None;
    for (fence, (number, line)) in split(text) {
        let Some(language) = fence.filter(|language| SHELLS.contains(language)) else { continue };
        let line = line.trim();
        // In a console session what follows the prompt was typed; the rest is output.
        let typed = match line.strip_prefix("$ ") {
            Some(typed) => typed,
            None if language == "console" && begun.is_none() && !line.starts_with("cargo ") => continue,
            None => line,
        };
        let (start, mut command) = begun.take().unwrap_or((number, String::new()));
        command.push_str(typed);
        if let Some(more) = command.strip_suffix('\\') {
            begun = Some((start, more.to_owned()));
        } else {
            commands.extend(words_of(&command).into_iter().map(|words| (start, words)));
        }
    }
    commands
}

fn words_of(line: &str) -> Vec<Vec<String>> {
    let line = line.split(" #").next().unwrap_or_default();
    let single = line.replace("&&", "\n").replace([';', '|'], "\n");
    let commands = single.lines().map(|command| {
        let words = command.split_whitespace().filter(|word| *word != "&");
        let words =
            words.skip_while(|word| word.starts_with(|c: char| c.is_ascii_uppercase()) && word.contains('='));
        words.map(|word| word.trim_matches(['\'', '"']).to_owned()).collect::<Vec<_>>()
    });
    commands.filter(|words| words.first().is_some_and(|word| !word.starts_with('#'))).collect()
}

/// Returns the targets of links and images, `[text](target "title")`, `[name]: target`, `src="target"`.
pub(crate) fn targets(text: &str) -> Vec<Line<'_>> {
    let mut targets = Vec::new();
    for (number, line) in prose(text) {
        for (before, after) in [("](", ')'), ("src=\"", '"'), ("href=\"", '"')] {
            let found = line
                .match_indices(before)
                .filter_map(|(at, _)| line[at + before.len()..].split(after).next());
            targets.extend(found.map(|target| (number, target)));
        }
        if line.starts_with('[')
            && let Some((_, target)) = line.split_once("]: ")
        {
            targets.push((number, target));
        }
    }
    let first_word = |target: &'_ str| target.split_whitespace().next().map(str::len).unwrap_or_default();
    targets
        .into_iter()
        .map(|(number, target)| {
            let target = target.trim_start();
            (number, target[..first_word(target)].trim_matches(['<', '>']))
        })
        .collect()
}

/// Returns the last cell of each row of the tables, but for their heads and rules.
pub(crate) fn last_cells(text: &str) -> Vec<Line<'_>> {
    let lines = prose(text);
    let is_rule = |line: &str| line.starts_with('|') && line.chars().all(|c| "|-: ".contains(c));
    let mut cells = Vec::new();
    for (at, &(number, line)) in lines.iter().enumerate() {
        let is_head = lines.get(at + 1).is_some_and(|(_, next)| is_rule(next.trim()));
        let line = line.trim();
        if !line.starts_with('|') || is_rule(line) || is_head {
            continue;
        }
        cells.extend(line.trim_end_matches('|').rsplit('|').next().map(|cell| (number, cell.trim())));
    }
    cells
}

/// Returns the texts between single backticks.
pub(crate) fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Each line with the language of the fence it is in; the fences themselves are left out.
fn split(text: &str) -> Vec<(Option<&str>, Line<'_>)> {
    let mut fence: Option<(&str, &str)> = None;
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => {
                let info = trimmed.trim_start_matches(['`', '~']).trim();
                fence = Some((mark, info.split([' ', ',']).next().unwrap_or_default()));
            }
            (Some((open, _)), Some(mark)) if open == mark => fence = None,
            _ => lines.push((fence.map(|(_, language)| language), (at + 1, line))),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(usize, String)> {
        commands(text).into_iter().map(|(line, words)| (line, words.join(" "))).collect()
    }

    #[test]
    fn commands_are_read_whole_from_shell_fences_only() {
        let text = "```rust\ncargo no\n```\ncargo no\n```sh\n# no\ncargo a \\\n  --b  # no\nX=1 Y=2 cargo c && cargo d\n```\n\
                    ```console\n$ cargo e\nCompiling cargo\n```\n";
        let expected = [(7, "cargo a --b"), (9, "cargo c"), (9, "cargo d"), (12, "cargo e")];
        assert_eq!(lines(text), expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn targets_are_read_from_prose_only() {
        let text = "[a](b.md#c \"t\") ![p](q.png)\n```\n[no](no.md)\n```\n[r]: s.md\n<img src=\"t.png\">\n";
        assert_eq!(targets(text), [(1, "b.md#c"), (1, "q.png"), (5, "s.md"), (6, "t.png")]);
    }

    #[test]
    fn the_last_cell_of_a_row_is_read_and_no_head() {
        let text = "| line | test |\n| --- | --- |\n| a | `b` |\n| c | d, `e`\n";
        assert_eq!(last_cells(text), [(3, "`b`"), (4, "d, `e`")]);
        assert_eq!(code_spans("d, `e` and `f`").collect::<Vec<_>>(), ["e", "f"]);
    }
}
