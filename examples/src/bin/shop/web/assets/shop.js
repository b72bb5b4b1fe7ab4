// What the shop's pages do. No token ever comes here: only its scopes and its end.
"use strict";

const byId = (id) => document.getElementById(id);
const euros = (cents) => `${(cents / 100).toFixed(2)} €`;

// Calls the shop. A refusal is a problem document (RFC 9457), and becomes an Error with its detail.
async function call(method, path, body) {
  const options = { method, headers: { accept: "application/json" }, cache: "no-store" };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const text = await response.text();
  if (!response.ok) {
    let detail = `the shop answered ${response.status}`;
    try { detail = JSON.parse(text).detail || detail; } catch { /* no problem document: the status says it */ }
    throw Object.assign(new Error(detail), { status: response.status });
  }
  return JSON.parse(text);
}

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function report(error) {
  const notice = byId("notice");
  notice.textContent = error.status === 401 ? "The session is over: log in again." : `That failed: ${error.message}.`;
  notice.hidden = false;
}

// ---- the dashboard

let endsAt = 0; // on the clock of performance.now(), since the demo's clock is not the browser's
let lifetime = 1;

function showSession(session) {
  endsAt = performance.now() + session.remaining_ms;
  lifetime = Math.max(lifetime, session.remaining_ms);
  byId("scopes").replaceChildren(...session.scopes.map((scope) =>
    element("li", scope, { "data-scope": scope, "data-api": scope.includes(":") ? "yes" : "no" })));
  byId("audience").textContent = session.audience;
  byId("ttl").dataset.expiresAt = session.expires_at;
  tick();
}

function tick() {
  const left = Math.max(0, endsAt - performance.now());
  const seconds = Math.ceil(left / 1000);
  const ttl = byId("ttl");
  ttl.dataset.seconds = seconds;
  ttl.dataset.state = left === 0 ? "expired" : left < 60000 ? "expiring" : "living";
  ttl.textContent = left === 0 ? "expired" : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  byId("ttl-bar").value = left / lifetime;
}

function showProducts(products) {
  byId("products").replaceChildren(...products.map((product) => {
    const line = document.createElement("li");
    line.append(element("span", product.name), element("data", euros(product.price_cents), { class: "price" }));
    return line;
  }));
}

const WORDS = {
  s: "logins", seacft: "codes exchanged, one a login", sertft: "refreshes",
  seccft: "tokens of the shop's own", feccft: "tokens of its own refused", feacft: "codes refused", fertft: "refreshes refused",
  ferrt: "refresh tokens reused",
};

const COSTS = { counted: "quota: ", not_counted: "nothing: ", undocumented: "not known: " };

function showLedger(ledger) {
  const rows = new Map(["s", "seacft", "sertft", "seccft"].map((code) => [code, { count: 0, why: "" }]));
  rows.get("seccft").why = "this kind alone costs quota, and there was none";
  for (const line of ledger.lines) {
    const code = line.log_code || "no answer";
    const row = rows.get(code) || { count: 0, why: "" };
    row.count += line.count;
    row.why = `${COSTS[line.quota] || ""}${line.why}`;
    rows.set(code, row);
  }
  const log = ledger.tenant_log;
  for (const head of document.querySelectorAll("#ledger .log")) head.hidden = !log;
  const body = document.querySelector("#ledger tbody");
  const before = new Map([...body.rows].map((row) => [row.dataset.code, row.querySelector(".count").textContent]));
  body.replaceChildren(...[...rows].map(([code, row]) => {
    const line = element("tr", "", { "data-code": code });
    const codeCell = document.createElement("td");
    codeCell.append(element("code", code));
    const whose = code === "seccft" || code === "feccft" ? "the worker" : "users";
    line.append(codeCell, element("td", whose), element("td", WORDS[code] || "no answer"), element("td", row.count, { class: "number count" }));
    if (log) line.append(element("td", log[code] ?? "", { class: "number log" }));
    line.append(element("td", row.why, { class: "why" }));
    if (before.size && before.get(code) !== String(row.count)) line.dataset.changed = "yes";
    return line;
  }));
  const quota = byId("quota");
  quota.textContent = `M2M quota consumed: ${ledger.m2m_quota_consumed}`;
  quota.dataset.consumed = ledger.m2m_quota_consumed;
  quota.dataset.spent = ledger.m2m_quota_consumed > 0 ? "yes" : "no";
  byId("worker-tokens").textContent = rows.get("seccft").count;
  return rows.get("sertft").count;
}

function showWorker(done) {
  byId("worker").hidden = false;
  byId("worker-runs").textContent = done.failure ? `${done.runs}, the last of which failed: ${done.failure}` : done.runs;
  byId("worker-products").textContent = done.products ?? "none yet";
  byId("worker-scopes").textContent = done.scopes.join(" ") || "none yet";
}

const loadSession = async () => showSession(await call("GET", "/api/session"));
const loadProducts = async () => showProducts(await call("GET", "/api/products"));
const loadLedger = async () => showLedger(await call("GET", "/api/ledger"));

async function loadWorker() {
  try {
    showWorker(await call("GET", "/api/worker"));
  } catch (error) {
    if (error.status !== 404) throw error; // there is none
  }
}

// While one button works, all rest: two bursts at once would count each other's refreshes.
async function press(act) {
  const buttons = document.querySelectorAll(".actions button");
  byId("notice").hidden = true;
  for (const button of buttons) button.disabled = true;
  try { await act(); } catch (error) { report(error); }
  for (const button of buttons) button.disabled = false;
}

function tell(place, state, text) {
  place.dataset.state = state;
  place.textContent = text;
}

async function refresh() {
  showSession(await call("POST", "/api/refresh"));
  await loadLedger();
  tell(byId("burst-result"), "good", "A new token, by force: one refresh at the provider.");
}

async function expire() {
  await call("POST", "/api/demo/expire");
  endsAt = 0;
  tick();
  tell(byId("burst-result"), "", "The token has expired. The next request will renew it.");
}

async function work() {
  showWorker(await call("POST", "/api/demo/work"));
  await loadLedger();
}

async function burst() {
  const demo = byId("dashboard").dataset.demo === "yes";
  if (demo) await expire();
  const before = await loadLedger();
  const lamps = Array.from({ length: 20 }, () => element("i", "·"));
  byId("lamps").replaceChildren(...lamps);
  tell(byId("burst-result"), "", "20 requests are under way …");
  const answers = await Promise.allSettled(lamps.map(async (lamp) => {
    const start = performance.now();
    try {
      await call("GET", "/api/products");
      tell(lamp, "served", `${Math.round(performance.now() - start)} ms`);
    } catch (error) {
      tell(lamp, "failed", error.status || "–");
      throw error;
    }
  }));
  const served = answers.filter((answer) => answer.status === "fulfilled").length;
  await loadSession();
  const refreshes = (await loadLedger()) - before;
  const good = served === lamps.length && (!demo || refreshes === 1);
  const plural = refreshes === 1 ? "refresh" : "refreshes";
  tell(byId("burst-result"), good ? "good" : "bad", `${served} of ${lamps.length} requests served, ${refreshes} ${plural}`);
}

async function openDashboard() {
  byId("refresh").addEventListener("click", () => press(refresh));
  byId("burst").addEventListener("click", () => press(burst));
  byId("work")?.addEventListener("click", () => press(work));
  byId("expire")?.addEventListener("click", () => press(expire));
  try {
    // First the session, so that an expired token is renewed by one request and not by three.
    await loadSession();
    await Promise.all([loadProducts(), loadLedger(), loadWorker()]);
  } catch (error) {
    report(error);
  }
  setInterval(tick, 250);
}

// ---- the products page

async function addProduct(event) {
  event.preventDefault();
  const form = event.target;
  const button = byId("add-product");
  button.disabled = true;
  try {
    const price_cents = Math.round(Number(form.elements.price.value) * 100);
    const added = await call("POST", "/api/products", { name: form.elements.name.value, price_cents });
    showProducts(await call("GET", "/api/products"));
    tell(byId("add-result"), "good", `Added “${added.name}”.`);
    form.reset();
  } catch (error) {
    tell(byId("add-result"), "bad", `Refused: ${error.message}.`);
  }
  button.disabled = false;
}

if (byId("dashboard")) openDashboard();
byId("add")?.addEventListener("submit", addProduct);
