import { describe, expect, it } from 'vitest';
import { appPageUrl } from './app-info';

describe('the page where users install the App', () => {
  it.each([
    ['https://github.com', 'https://github.com/apps/pulsestream', 'https://github.com/apps/pulsestream'],
    [
      'https://ghes.test',
      'https://ghes.test/github-apps/pulsestream',
      'https://ghes.test/github-apps/pulsestream',
    ],
    [
      'https://ghes.test/git',
      'https://ghes.test/git/github-apps/pulsestream/',
      'https://ghes.test/git/github-apps/pulsestream',
    ],
  ])('keeps the path on %s that GitHub returns in %s', (webUrl, htmlUrl, expected) => {
    expect(appPageUrl(webUrl, htmlUrl)).toBe(expected);
  });

  it('stays on the configured origin even if GitHub’s response names another', () => {
    expect(appPageUrl('https://ghes.test', 'https://elsewhere.test/apps/x')).toBe('https://ghes.test/apps/x');
  });

  it.each([
    undefined,
    '',
    'nonsense',
    'https://ghes.test/',
    'https://ghes.test/apps/',
    'https://ghes.test/x/../login',
  ])('is undefined if GitHub returns %s', (htmlUrl) => {
    expect(appPageUrl('https://ghes.test', htmlUrl)).toBeUndefined();
  });
});
