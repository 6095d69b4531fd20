import { expect, it } from 'vitest';
import { Circuits } from './circuits';
import { Slots } from './traffic';

it('remembers a bounded number of failing buckets, and counts the open ones correctly', () => {
  let open = 0;
  const circuits = new Circuits({
    now: () => 0,
    onDown: () => {},
    onBucket: (change) => {
      open = change.open;
    },
  });
  for (let n = 0; n < 20_000; n++)
    for (let times = 0; times < 5; times++) circuits.failed('sync', `app:${n}`);
  expect(open).toBe(5000);
  for (let n = 15_000; n < 20_000; n++) circuits.succeeded('sync', `app:${n}`);
  expect(open).toBe(0);
});

it('forgets buckets and tenants without calls in flight', async () => {
  const slots = new Slots();
  for (let n = 0; n < 1000; n++) {
    const leave = await slots.enter({ routeClass: 'mint', bucket: `app:${n}`, tenant: `tenant-${n}` }, 1000);
    leave?.();
  }
  const busy = await Promise.all(
    Array.from({ length: 24 }, () => slots.enter({ routeClass: 'mint', bucket: 'app:1', tenant: 'a' }, 1000)),
  );
  // Calls that got no slot must not be remembered either.
  expect(await slots.enter({ routeClass: 'mint', bucket: 'app:1', tenant: 'a' }, 1)).toBeUndefined();
  for (const leave of busy) leave?.();
  expect(slots.remembered).toBe(0);
});
