import { expect, it } from 'vitest';
import { startTestApp } from '../auth/test-fixtures';
import { inTurn } from './transitions';

await startTestApp();

it('refuses a change that waited too long for its turn with a code that mints may return too', async () => {
  let end = () => {};
  const held = new Promise<void>((resolve) => {
    end = resolve;
  });
  const running = [1, 2].map(() => inTurn(1, () => held));
  await expect(inTurn(1, async () => {})).rejects.toMatchObject({ code: 'database_unavailable' });
  end();
  await Promise.all(running);
});
