import { describe, expect, it } from 'vitest';
import { failureOf } from '@/lib/http/failure';
import { hrefWith } from '@/lib/http/href-with';
import { PROBLEMS, Problem, type ProblemCode } from '@/lib/problem';
import { RateLimited } from '@/lib/rate-limit/limiter';
import { FAILURES, shownNotice } from './notices';

/** Returns the notice that a page shows after an action has failed with this error and redirected there. */
const shownFor = (error: unknown) =>
  shownNotice(FAILURES, Object.fromEntries(new URLSearchParams(hrefWith('', failureOf(error).query))));

describe('a notice', () => {
  it('tells after how many seconds to retry when a limit was exceeded', () => {
    expect(shownFor(new RateLimited({}, 42))?.nextStep).toBe('Try again in 42 s.');
  });

  it('never shows a text or an implausible time from a link', () => {
    const plain = FAILURES.limited;
    for (const retry_after of ['', 'soon', '-1', '1e9', '99999', '5 s. Call us', ['x', '5']])
      expect(shownNotice(FAILURES, { notice: 'limited', retry_after })).toEqual(plain);
    expect(shownNotice(FAILURES, { notice: 'not_now', retry_after: '5' })).toEqual(FAILURES.not_now);
    for (const notice of ['toString', '__proto__', 'confirmed', '', undefined])
      expect(shownNotice(FAILURES, { notice })).toBeNull();
  });

  it.each(Object.keys(PROBLEMS) as ProblemCode[])(
    'covers every problem except an unexpected one: %s',
    (code) => {
      const problem = new Problem(code, 'told');
      if (code === 'internal') expect(() => failureOf(problem)).toThrow(problem);
      else expect(shownFor(problem)).not.toBeNull();
    },
  );

  it('rethrows Next’s redirects and unexpected errors', () => {
    for (const error of [
      Object.assign(new Error('x'), { digest: 'NEXT_REDIRECT;push;/;307;' }),
      'text',
      null,
    ])
      expect(() => failureOf(error)).toThrow();
  });
});
