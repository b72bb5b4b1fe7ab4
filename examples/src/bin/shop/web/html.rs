//! Templates with `{{holes}}`: text is escaped, markup of ours goes in as it is.

/// What goes into a hole.
#[derive(Clone, Copy)]
pub(crate) enum Part<'a> {
    /// Text of anybody's: escaped.
    Text(&'a str),
    /// Markup that this program wrote.
    Html(&'a str),
}

/// Fills each hole once, so that text with braces in it fills nothing.
///
/// # Panics
/// Where the template names a hole that `parts` does not fill: both are of this program.
pub(crate) fn fill(template: &str, parts: &[(&str, Part<'_>)]) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    let mut pieces = template.split("{{");
    filled.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (hole, rest) = piece.split_once("}}").unwrap_or((piece, ""));
        match parts.iter().find(|(name, _)| *name == hole) {
            Some((_, Part::Text(text))) => escape(text, &mut filled),
            Some((_, Part::Html(html))) => filled.push_str(html),
            None => panic!("the template has a hole `{hole}` that nothing fills"),
        }
        filled.push_str(rest);
    }
    filled
}

fn escape(text: &str, into: &mut String) {
    for character in text.chars() {
        match character {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&#39;"),
            other => into.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_fills_no_holes() {
        let parts = [("a", Part::Text("<b>&\"'{{c}}")), ("c", Part::Html("<i>"))];
        assert_eq!(fill("<p>{{a}}{{c}}</p>", &parts), "<p>&lt;b&gt;&amp;&quot;&#39;{{c}}<i></p>");
    }
}
