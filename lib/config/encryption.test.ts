import { expect, it } from 'vitest';
import type { Environment } from '../config';
import { COMPLETE, problemsOf } from './test-environment';

const ON_REDIS = { UPSTASH_REDIS_REST_URL: undefined, UPSTASH_REDIS_REST_TOKEN: undefined };
const database = (url: string): Environment => ({ DATABASE_URL: `postgresql://app:password@${url}` });
const redis = (url: string): Environment => ({ ...ON_REDIS, REDIS_URL: url });

const problems = (changes: Environment) => problemsOf({ ...COMPLETE, ...changes });

const REFUSED: [what: string, changes: Environment, variable: string][] = [
  ['a database without TLS', database('db.test/x'), 'DATABASE_URL'],
  ['a database with TLS if the server offers it', database('db.test/x?sslmode=prefer'), 'DATABASE_URL'],
  // The next major version of the driver verifies nothing with these two, as libpq does.
  ['a database with any certificate', database('db.test/x?sslmode=require'), 'DATABASE_URL'],
  ['a database with another name', database('db.test/x?sslmode=verify-ca'), 'DATABASE_URL'],
  ['a database without verification', database('db.test/x?sslmode=no-verify'), 'DATABASE_URL'],
  [
    'two modes of which one is weak',
    database('db.test/x?sslmode=verify-full&sslmode=disable'),
    'DATABASE_URL',
  ],
  ['a remote host in the query', database('localhost/x?host=db.test'), 'DATABASE_URL'],
  [
    'a loopback host that the query replaces',
    database('localhost/x?host=localhost&host=db.test'),
    'DATABASE_URL',
  ],
  ['a database by its address', database('192.0.2.1/x?sslmode=verify-full'), 'DATABASE_URL'],
  ['a database by its IPv6 address', database('[2001:db8::1]/x?sslmode=verify-full'), 'DATABASE_URL'],
  ['a name that only begins as loopback', database('127.0.0.1.db.test/x'), 'DATABASE_URL'],
  ['Redis without TLS', redis('redis://:password@redis.test:6379'), 'REDIS_URL'],
  [
    'Redis without TLS, exempting the database',
    { ...redis('redis://redis.test'), UNENCRYPTED_ALLOWED: 'database' },
    'REDIS_URL',
  ],
  [
    'a database without TLS, exempting Redis',
    { ...database('db.test/x'), UNENCRYPTED_ALLOWED: 'redis' },
    'DATABASE_URL',
  ],
  ['Node without verification', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'NODE_TLS_REJECT_UNAUTHORIZED'],
];

const ACCEPTED: [what: string, changes: Environment][] = [
  ['a verified database', database('db.test/x?sslmode=verify-full')],
  ['a database on this machine', database('127.0.0.1:5432/x')],
  ['a database on this machine by IPv6', database('[::1]:5432/x')],
  ['a database behind a Unix socket', database('localhost/x?host=/var/run/postgresql')],
  ['Redis over TLS', redis('rediss://:password@redis.test:6379')],
  ['Redis on this machine', redis('redis://localhost:6379')],
  ['an exempted database', { ...database('db.test/x'), UNENCRYPTED_ALLOWED: 'database' }],
  ['an exempted Redis', { ...redis('redis://redis.test'), UNENCRYPTED_ALLOWED: 'redis' }],
];

it.each(REFUSED)('refuses %s in staging and prod, and accepts it in dev and demo', (_, changes, variable) => {
  for (const PULSESTREAM_ENV of ['staging', 'prod']) {
    const found = problems({ ...changes, PULSESTREAM_ENV });
    expect([PULSESTREAM_ENV, found]).toEqual([PULSESTREAM_ENV, [expect.stringMatching(`^${variable}: `)]]);
    expect(found.join()).not.toContain('password');
  }
  for (const PULSESTREAM_ENV of ['dev', 'demo'])
    expect(problems({ ...changes, PULSESTREAM_ENV })).toEqual([]);
});

it.each(ACCEPTED)('accepts %s in staging and prod', (_, changes) => {
  for (const PULSESTREAM_ENV of ['staging', 'prod'])
    expect(problems({ ...changes, PULSESTREAM_ENV })).toEqual([]);
});
