import { describe, expect, it } from 'vitest';
import { appPageUrl } from './app-info';

describe('the page that the App is installed from', () => {
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
  ])('below %s is where GitHub has it: %s', (webUrl, htmlUrl, expected) => {
    expect(appPageUrl(webUrl, htmlUrl)).toBe(expected);
  });

  it('stays on the configured origin, whatever GitHub’s answer names', () => {
    expect(appPageUrl('https://ghes.test', 'https://elsewhere.test/apps/x')).toBe('https://ghes.test/apps/x');
  });

  it.each([
    undefined,
    '',
    'nonsense',
    'https://ghes.test/',
    'https://ghes.test/apps/',
    'https://ghes.test/x/../login',
  ])('is not %s', (htmlUrl) => {
    expect(appPageUrl('https://ghes.test', htmlUrl)).toBeUndefined();
  });
});
