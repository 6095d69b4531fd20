import { describe, expect, it, vi } from 'vitest';
import { log } from '../observability/log';
import { logRequestError } from './request-error';

describe('logRequestError', () => {
  it('logs the digest of an error page with the request id, and the path without its query', () => {
    const write = vi.spyOn(log, 'error').mockImplementation(() => {});
    const error = Object.assign(new Error('broken'), { digest: '1234' });
    logRequestError(error, { path: '/new?code=x', method: 'GET', headers: { 'x-request-id': 'abc' } });
    expect(write.mock.calls[0]?.[0]).toMatchObject({ digest: '1234', request_id: 'abc', path: '/new' });
  });
});
