import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** Files that may name github.com: the defaults, and sample data for a page that exists only in development. */
const MAY_NAME_IT = ['lib/config/variables.ts', 'lib/config/github-urls.ts', 'app/dev/'];
const IS_TEST = /\.test\.tsx?$|\/test-[^/]+$/;

async function sources(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .map((name) => path.posix.join(folder, name.replaceAll('\\', '/')))
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('lib/db/generated/') && !IS_TEST.test(file));
}

/** Removes comments, which may cite GitHub's documentation. */
const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/ .*$/gm, '');

describe('GitHub Enterprise Server', () => {
  it('is supported, because only the defaults name a host of github.com', async () => {
    const files = (await Promise.all(['lib', 'app', 'components'].map(sources))).flat();
    expect(files.length).toBeGreaterThan(100);
    const fixed: string[] = [];
    for (const file of files) {
      if (MAY_NAME_IT.some((prefix) => file.startsWith(prefix))) continue;
      // The issuer of GitHub Actions is an example in a description, and never called by default.
      for (const line of code(await readFile(file, 'utf8')).split('\n'))
        if (/(?<!docs\.|token\.actions\.)\bgithub(?:usercontent)?\.com/i.test(line))
          fixed.push(`${file}: ${line.trim()}`);
    }
    expect(fixed).toEqual([]);
  });
});

describe('a request to GitHub’s API', () => {
  it('carries the app’s User-Agent, wherever in the code it is sent', async () => {
    const files = (await Promise.all(['lib', 'app', 'cli'].map(sources))).flat();
    const senders: string[] = [];
    for (const file of files) {
      const text = code(await readFile(file, 'utf8'));
      if (/\bapiUrl\b/.test(text) && /\bfetch(?:Outgoing)?\(|new Octokit\(/.test(text)) senders.push(file);
    }
    expect(senders.sort()).toEqual([
      'cli/commands/github-register.ts',
      'lib/auth/profiles.ts',
      'lib/github/app.ts',
    ]);
    for (const file of senders) expect(await readFile(file, 'utf8'), file).toContain('USER_AGENT');
  });
});
