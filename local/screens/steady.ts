/** Replaces values that differ from run to run, so that pictures of an unchanged page are identical byte for byte. */
import type { Page } from '@playwright/test';

/** The day and time of every picture. */
const SHOWN_DAY = '2026-01-15';
const SHOWN_TIME = '10:30:00';

const DAY_MS = 86_400_000;

/** Shifts a date so that today becomes the shown day. */
function shifted(date: string): string {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  return new Date(Date.parse(date) - today + Date.parse(SHOWN_DAY)).toISOString().slice(0, 10);
}

const REPLACED: readonly [RegExp, string | ((found: string) => string)][] = [
  [/\b20\d\d-\d\d-\d\d\b/g, shifted],
  [/\b\d\d:\d\d:\d\d(\.\d+)?\b/g, SHOWN_TIME],
  [/\b\d+ (second|minute)s? ago\b/g, 'just now'],
  [/\bin \d+ minutes?\b/g, 'in 30 minutes'],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '5f0c1e9a-7d34-4b62-9c58-2a6e8f1d3b70'],
  // Matches a SHA-256 in base64.
  [/(?<![\w/+])[A-Za-z0-9+/]{43}=/g, 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA='],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b/g, (hex) => '9f86d081884c7d65'.repeat(4).slice(0, hex.length)],
  [/\bpsk_demo_\w{4}/g, 'psk_demo_4Tz9'],
  [/\blocalhost:\d+/g, 'localhost:3000'],
];

export function steady(text: string): string {
  return REPLACED.reduce((left, [pattern, by]) => left.replace(pattern, by as string), text);
}

/** Replaces dates, times of day, ids, hashes, key prefixes and ports, in texts and in the values of fields. */
export async function makeSteady(page: Page): Promise<void> {
  const texts = await page.evaluate(() => {
    const found: string[] = [];
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) found.push(nodes.currentNode.nodeValue ?? '');
    for (const { value } of document.querySelectorAll('input')) found.push(value);
    return found;
  });
  await page.evaluate((replaced) => {
    const left = [...replaced];
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) nodes.currentNode.nodeValue = left.shift() ?? '';
    for (const field of document.querySelectorAll('input'))
      if (field.type !== 'file') field.value = left.shift() ?? '';
      else left.shift();
  }, texts.map(steady));
}
