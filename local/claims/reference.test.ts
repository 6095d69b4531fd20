import { describe, expect, it } from 'vitest';
import { isReferenced, namePattern, parseReference } from './reference';

const isMatch = (reference: string, file: string, ...titles: string[]) =>
  isReferenced(parseReference(reference), { file, titles, status: 'passed', messages: [] });

describe('a reference to a test', () => {
  it('matches only its own file and its whole title', () => {
    expect(isMatch('a.test.ts › holds', 'a.test.ts', 'holds')).toBe(true);
    expect(isMatch('a.test.ts › holds', 'b.test.ts', 'holds')).toBe(false);
    expect(isMatch('a.test.ts › holds', 'a.test.ts', 'holds twice')).toBe(false);
    expect(isMatch('a.test.ts › holds', 'a.test.ts', 'holds', 'never')).toBe(false);
  });

  it('matches with any of its groups left out, but not with another group', () => {
    for (const groups of ['', 'one › ', 'two › ', 'one › two › '])
      expect(isMatch(`a.test.ts › ${groups}holds`, 'a.test.ts', 'one', 'two', 'holds')).toBe(true);
    for (const groups of ['three › ', 'two › one › '])
      expect(isMatch(`a.test.ts › ${groups}holds`, 'a.test.ts', 'one', 'two', 'holds')).toBe(false);
  });

  it('matches each case of a parametrized test', () => {
    const reference = 'a.test.ts › is refused (403) for %s at $path.name';
    expect(isMatch(reference, 'a.test.ts', 'is refused (403) for a member at /w/acme')).toBe(true);
    expect(isMatch(reference, 'a.test.ts', 'is refused 403 for a member at /w/acme')).toBe(false);
  });

  it('gives the runner a pattern that finds the test by its full name', () => {
    const pattern = new RegExp(namePattern(parseReference('a.test.ts › one › takes 10% of %s, or more')));
    expect(pattern.test('one takes 10% of all, or more')).toBe(true);
    expect(pattern.test('one two takes 10% of all, or more')).toBe(true);
    expect(pattern.test('two takes 10% of all, or more')).toBe(false);
  });
});
