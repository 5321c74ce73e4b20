// What pa11y has against pages. Addresses come on stdin, one a line; each answer is one line of JSON.
// node pa11y.cjs <folder of pa11y> <browser> <arguments of the browser>
"use strict";
const [folder, browser, ...args] = process.argv.slice(2);
const pa11y = require(folder);
const puppeteer = require(require.resolve("puppeteer", { paths: [folder] }));
const readline = require("node:readline");

async function judge(open, url) {
  const page = await open.newPage();
  // pa11y itself would then wait for half a second in which the page asks for nothing.
  await page.goto(url, { waitUntil: "load" });
  const { issues } = await pa11y(url, { browser: open, page, ignoreUrl: true, standard: "WCAG2AA", runners: ["htmlcs"] });
  await page.close();
  return issues.map((one) => `${one.code}: ${one.context} (${one.message})`);
}

async function main() {
  const open = await puppeteer.launch({ executablePath: browser, args, headless: true });
  // Not before: lines that come while nobody reads them are lost.
  const lines = readline.createInterface({ input: process.stdin });
  for await (const url of lines) console.log(JSON.stringify(await judge(open, url)));
  await open.close();
}

main();
