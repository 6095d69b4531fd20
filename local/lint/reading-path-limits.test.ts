import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GROUND, judge, PATHS } from './reading-path-limits';

const LIMIT = { begins: 'app/a/route.ts', limit: 2 };

describe('the limits of reading paths', () => {
  it('counts the files that all paths share apart from the files of the path', () => {
    const ran = ['app/a/route.ts', 'lib/b.ts', 'lib/config.ts', 'lib/observability/log.ts'];
    expect(judge('mint', ran, LIMIT)).toEqual({
      line: 'mint 2 files, and 2 of the ground (limit 2)',
      fault: undefined,
    });
  });

  it('refuses one file more than the limit', () => {
    const { fault } = judge('mint', ['app/a/route.ts', 'lib/b.ts', 'lib/c.ts'], LIMIT);
    expect(fault).toBe('mint: 3 files, 1 more than its limit');
  });

  it.each([[[]], [['lib/b.ts']], [['lib/config.ts']]])(
    'refuses a recording of %j, in which the path never began',
    (ran) => {
      expect(judge('mint', ran, LIMIT).fault).toContain('nothing was counted');
    },
  );

  it('names only files and folders that exist', () => {
    const named = [...GROUND.map(({ entry }) => entry), ...Object.values(PATHS).map(({ begins }) => begins)];
    expect(named.filter((entry) => !existsSync(entry))).toEqual([]);
  });
});
