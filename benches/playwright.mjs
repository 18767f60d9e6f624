// Signs users in with Playwright, each in a fresh context of one browser that is kept.
// The first line of standard input says with what, every later one who: {urls, at_once}; the answer
// is how many signed in. An empty line ends it.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const modules = new URL('../target/benchmark/node_modules/', import.meta.url);
const { chromium } = createRequire(modules)('playwright-core');

const input = createInterface({ input: process.stdin });
const lines = input[Symbol.asyncIterator]();
const told = JSON.parse((await lines.next()).value);
const args = process.getuid() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({ executablePath: told.browser, args });

const signIn = async (url) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.fill('input[name="identifier"]', told.username);
  await page.click('[data-se="save"]');
  await page.fill('input[name="credentials.passcode"]', told.password);
  await page.click('[data-se="save"]');
  await page.waitForURL((at) => at.href.startsWith(told.redirect_uri), { waitUntil: 'commit' });
  const signedIn = page.url().includes('access_token=');
  await context.close();
  return signedIn;
};

for (;;) {
  const { value: line } = await lines.next();
  if (!line) {
    break;
  }
  const { urls, at_once: atOnce } = JSON.parse(line);
  let signedIn = 0;
  const worker = async () => {
    for (let url = urls.pop(); url; url = urls.pop()) {
      const done = await signIn(url);
      signedIn += done ? 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  console.log(signedIn);
}
input.close();
await browser.close();
