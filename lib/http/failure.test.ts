import { describe, expect, it } from 'vitest';
import { PROBLEMS, Problem, type ProblemCode } from '../problem';
import { problemReply } from './failure';
import { queryObject } from './request';

const bodyOf = (problem: Problem) => JSON.parse(problemReply(problem, 'the request').body);

describe('the response to bad input', () => {
  it('always lists the errors of bad input in `errors`', async () => {
    expect(bodyOf(new Problem('invalid_request', 'The body is not JSON.'))).toMatchObject({
      status: 400,
      errors: [{ path: '', message: 'The body is not JSON.' }],
    });
    const errors = [{ path: 'slug', message: 'is taken' }];
    expect(bodyOf(new Problem('invalid_request', 'This slug cannot be used.', { errors }))).toMatchObject({
      errors,
    });
  });

  it.each(['toString', '__proto__', 'constructor', 'hasOwnProperty'])(
    'treats a parameter named %s like any other',
    (name) => {
      const query = queryObject(`http://localhost/?${name}=1&limit=2`);
      expect(Object.entries(query)).toEqual([
        [name, '1'],
        ['limit', '2'],
      ]);
      expect(() => queryObject(`http://localhost/?${name}=1&${name}=2`)).toThrow('given twice');
    },
  );

  it('names a parameter that is given twice', () => {
    expect(() => queryObject('http://localhost/?limit=1&limit=2')).toThrow(
      expect.objectContaining({ errors: [{ path: 'limit', message: 'is given twice' }] }),
    );
  });

  it('sends `errors` with status 400 only', async () => {
    for (const code of Object.keys(PROBLEMS) as ProblemCode[]) {
      const body = bodyOf(new Problem(code, 'Something.'));
      expect([code, 'errors' in body]).toEqual([code, body.status === 400]);
    }
  });
});
