/**
 * Checks that the fixture (fixtures.ts) records every browser complaint. A recorded complaint fails its test, unless
 * the test discards it.
 */
import { expect, test } from './fixtures';

const FAULTS = {
  'an error in the console': () => console.error('planted'),
  'a warning in the console': () => console.warn('planted'),
  'an exception': () => {
    setTimeout(() => {
      throw new Error('planted');
    });
  },
  'a violation of the policy': () => {
    document.body.insertAdjacentHTML('beforeend', '<p style="color: red">planted</p>');
  },
  'a file that is not there': () => {
    document.body.append(Object.assign(new Image(), { src: '/no/such.png' }));
  },
};

for (const [name, plant] of Object.entries(FAULTS))
  test(`${name} is recorded as a complaint`, async ({ page, complaints }) => {
    await page.goto('/trust');
    expect(complaints).toEqual([]);
    await page.evaluate(plant);
    await expect.poll(() => complaints.length).toBeGreaterThan(0);
    complaints.length = 0;
  });
