// One person's visit to the shop, in a real browser (Debian's Chromium, driven by playwright-core).
//
// node browser.mjs http://127.0.0.1:3000 /usr/bin/chromium shop.png
//
// It looks and reports: one line of JSON at the end. The Rust test judges what was seen.
import { chromium } from 'playwright-core';

const [shop, executablePath, screenshot] = process.argv.slice(2);
const LIMIT = 30_000;

const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
    '--disable-background-networking', '--disable-component-update',
  ],
});
const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
const page = await context.newPage();
page.setDefaultTimeout(LIMIT);

const seen = { console_errors: [], dialogs: [], bodies_read: 0, bodies_with_tokens: [], cookies: [] };
page.on('console', (message) => {
  if (message.type() === 'error') seen.console_errors.push(`${message.text()} (${message.location().url})`);
});
page.on('pageerror', (error) => seen.console_errors.push(String(error)));
page.on('dialog', (dialog) => {
  seen.dialogs.push(dialog.message());
  dialog.dismiss();
});
const readings = [];
page.on('response', (response) => readings.push(look(response)));

await page.goto(shop);
await page.click('#login');
await page.fill('#username', 'ada');
// As a person would: the password is on the page.
const words = page.locator('tr', { has: page.getByText('ada', { exact: true }) }).locator('code');
await page.fill('#password', await words.nth(1).innerText());
await page.click('#sign-in');

await dashboard();
seen.after_login = await describe();
seen.cookies = await context.cookies(shop);
seen.script_sees_cookies = await page.evaluate(() => document.cookie);

const answered = page.waitForResponse((response) => response.request().method() === 'POST');
await page.click('#expire');
await answered;
await page.click('#burst');
await page.waitForFunction(() => /\d+ of 20/.test(document.querySelector('#burst-result').innerText));
seen.burst_result = await text('#burst-result');
seen.after_burst = await describe();
const ran = page.waitForResponse((response) => response.url().endsWith('/api/demo/work'));
await page.click('#work');
await ran;
await page.waitForFunction(
  (before) => Number(document.querySelector('#worker-runs').innerText) > before,
  seen.after_burst.runs,
);
await page.waitForSelector('.actions button:not([disabled])');
seen.after_work = await describe();
await page.screenshot({ path: screenshot, fullPage: true });
// What a page says of itself after a reload is what the server counted.
await page.reload();
await dashboard();
seen.after_reload = await describe();

await page.click('#refresh');
await page.waitForFunction(
  (before) => Number(document.querySelector('#ledger [data-code="sertft"] .count').innerText) > before,
  seen.after_reload.refreshes,
);
seen.after_refresh = await describe();

await page.click('#logout');
await page.waitForSelector('#login');
seen.after_logout = { url: page.url(), products: await page.locator('#products li').count() };
seen.cookies_after_logout = await context.cookies(shop);

await Promise.all(readings);
await browser.close();
console.log(JSON.stringify(seen));

async function dashboard() {
  await page.waitForSelector('#products li');
  await page.waitForSelector('#ledger [data-code="seacft"] .count');
}

async function describe() {
  return {
    user: await text('#user'),
    products: await page.locator('#products li').count(),
    scopes: await text('#scopes'),
    ttl: await text('#ttl'),
    quota: await text('#quota'),
    refreshes: Number(await text('#ledger [data-code="sertft"] .count')),
    machine: Number(await text('#ledger [data-code="seccft"] .count')),
    runs: Number(await text('#worker-runs')),
    codes: Number(await text('#ledger [data-code="seacft"] .count')),
  };
}

/** The words of an element, and none where there is no such element. */
async function text(selector) {
  const found = page.locator(selector);
  return (await found.count()) === 0 ? '' : (await found.first().innerText()).trim();
}

/** Notes a body that holds a JWT; a redirect has no body. */
async function look(response) {
  const body = await response.text().catch(() => '');
  seen.bodies_read += body === '' ? 0 : 1;
  if (/eyJ[\w-]+\.eyJ[\w-]+/.test(body)) seen.bodies_with_tokens.push(response.url().split('?')[0]);
}
