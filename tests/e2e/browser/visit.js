// A browser opens a page, reads a stream of events and talks to a WebSocket; prints what it saw, as JSON.
//   node visit.js CHROMIUM ORIGIN
// Certificates are not checked: that they are right is the matter of test_tls.
'use strict';
const { chromium } = require('playwright-core');

// Runs in the page. An event is acknowledged, and only then does the next one come.
async function inThePage() {
  const events = await new Promise((resolve, reject) => {
    const seen = [];
    const source = new EventSource('/steps');
    source.onmessage = (event) => { seen.push(event.data); fetch(`/_/gate?name=event-${event.data}`); };
    source.addEventListener('end', () => { source.close(); resolve(seen); });
    source.onerror = () => reject(new Error(`the stream broke after ${seen.length} events`));
  });
  const echoes = await new Promise((resolve, reject) => {
    const seen = [];
    const socket = new WebSocket(location.origin.replace('http', 'ws') + '/ws');
    socket.onopen = () => socket.send('0');
    socket.onmessage = (event) => {
      seen.push(event.data);
      if (seen.length < 20) socket.send(String(seen.length)); else socket.close();
    };
    socket.onclose = (event) => resolve({ messages: seen, code: event.code });
    socket.onerror = () => reject(new Error(`the WebSocket broke after ${seen.length} messages`));
  });
  const body = new Uint8Array(300000).fill(120);
  const upload = await (await fetch('/upload', { method: 'POST', body })).json();
  const protocols = performance.getEntriesByType('resource').map((entry) => entry.nextHopProtocol);
  const [page] = performance.getEntriesByType('navigation');
  return { events, echoes, upload, page: page.nextHopProtocol, protocols };
}

(async () => {
  const [executablePath, origin] = process.argv.slice(2);
  // Chromium's sandbox refuses to run as root.
  const args = process.getuid() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath, args, timeout: 60000 });
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const answer = await page.goto(`${origin}/page`);
    console.log(JSON.stringify({ status: answer.status(), text: await page.textContent('h1'),
      ...await page.evaluate(inThePage) }));
  } finally {
    await browser.close();
  }
})().catch((wrong) => {
  console.error(wrong);
  process.exitCode = 1;
});
