//! The pages that people see: the login form, and messages that go nowhere.

use std::fmt::Write as _;

use super::faults::Endpoint;
use super::registration::LoginMethod;
use super::state::{State, Transaction};

/// Returns the login page for a transaction, perhaps after a login that failed.
pub(super) fn login(state: &State, name: &str, transaction: &Transaction, failure: Option<&str>) -> String {
    let alert = failure.map_or_else(String::new, |failure| {
        format!("<p class=\"alert\" role=\"alert\">{}</p>", escaped(failure))
    });
    let form = format!(
        r#"<h1>Sign in</h1>
<p>to continue to <strong>{client}</strong></p>
{alert}
<form method="post" action="{action}">
<input type="hidden" name="transaction" value="{name}">
<label for="username">Username</label>
<input id="username" name="username" value="{hint}" autocomplete="username" autocapitalize="none" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button id="sign-in" type="submit" class="primary">Sign in</button>
{social}
<button id="cancel" type="submit" name="cancel" value="cancel" class="quiet" formnovalidate>Cancel</button>
</form>
<section aria-labelledby="people">
<h2 id="people">People of this demo</h2>
<table><thead><tr><th scope="col">Name</th><th scope="col">Username</th><th scope="col">Password</th></tr></thead>
<tbody>{people}</tbody></table>
</section>"#,
        client = escaped(&transaction.client_id),
        action = Endpoint::Login.path(),
        name = escaped(name),
        hint = escaped(transaction.login_hint.as_deref().unwrap_or_default()),
        social = social_buttons(state),
        people = people(state),
    );
    page("Sign in", &form)
}

/// Returns a page with a message.
pub(super) fn message(title: &str, text: &str) -> String {
    let (heading, text) = (escaped(title), escaped(text));
    page(title, &format!("<h1>{heading}</h1>\n<p>{text}</p>"))
}

fn social_buttons(state: &State) -> String {
    let mut seen: Vec<&str> = Vec::new();
    let mut buttons = String::new();
    for user in &state.users {
        let LoginMethod::Social { connection, label } = &user.login else {
            continue;
        };
        if seen.contains(&connection.as_str()) {
            continue;
        }
        seen.push(connection);
        let id = match seen.len() {
            1 => "social".to_owned(),
            nth => format!("social-{nth}"),
        };
        // Writing to a String cannot fail.
        let _ = write!(
            buttons,
            r#"<button id="{id}" type="submit" name="connection" value="{}" formnovalidate>Continue with {}</button>"#,
            escaped(connection),
            escaped(label),
        );
    }
    buttons
}

fn people(state: &State) -> String {
    let mut rows = String::new();
    for user in &state.users {
        let how = match &user.login {
            LoginMethod::Password(password) => format!(
                "<td><code>{}</code></td><td><code>{}</code></td>",
                escaped(&user.username),
                escaped(password)
            ),
            LoginMethod::Social { label, .. } => {
                format!("<td colspan=\"2\">through {}</td>", escaped(label))
            }
        };
        let _ = write!(rows, "<tr><th scope=\"row\">{}</th>{how}</tr>", escaped(&user.name));
    }
    rows
}

fn page(title: &str, main: &str) -> String {
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{main}
</main>
<footer>A provider for tests and demos. It knows no real person.</footer>
</body>
</html>
"#,
        title = escaped(title),
    )
}

/// Escapes text for an element or a quoted attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--ground:#f3f4f6;\
--line:#8c959f;--accent:#0b57d0;--on-accent:#fff;--alert:#b3261e}\
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b3;--paper:#161b22;\
--ground:#0d1117;--line:#6e7681;--accent:#a8c7fa;--on-accent:#062e6f;--alert:#f2b8b5}}\
*{box-sizing:border-box}\
body{margin:0;min-height:100vh;display:flex;flex-direction:column;align-items:center;\
justify-content:center;gap:1rem;padding:1rem;background:var(--ground);color:var(--ink);\
font:1rem/1.5 system-ui,sans-serif}\
main{width:100%;max-width:26rem;padding:2rem;background:var(--paper);border-radius:.75rem;\
box-shadow:0 1px 4px rgb(0 0 0/.2)}\
h1{margin:0;font-size:1.5rem}h2{margin:2rem 0 .5rem;font-size:1rem}p{margin:.25rem 0 1rem}\
form{display:flex;flex-direction:column}label{font-weight:600}\
input,button{font:inherit;padding:.625rem .75rem;border:1px solid var(--line);\
border-radius:.5rem;background:transparent;color:inherit}\
input{margin:.25rem 0 1rem}button{margin-top:.5rem;cursor:pointer}\
.primary{background:var(--accent);border-color:var(--accent);color:var(--on-accent);\
font-weight:600}.quiet{border-color:transparent;color:var(--soft)}\
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}\
.alert{color:var(--alert);font-weight:600}\
table{width:100%;border-collapse:collapse;font-size:.875rem}\
th,td{padding:.25rem .5rem .25rem 0;text-align:left;font-weight:400;\
border-top:1px solid var(--ground)}thead th{color:var(--soft)}\
footer{color:var(--soft);font-size:.875rem}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_markup_is_shown_as_text() {
        let page = message("<b>", "\"><script>alert('1')</script>&");
        assert!(!page.contains("<script>") && !page.contains("<b>"));
        assert!(page.contains("&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;"));
    }
}
