import { describe, expect, it } from 'vitest';
import { policiesWith } from './policies';

const limits = (mint_user: number, mint_internal: number) =>
  Object.fromEntries(
    Object.entries(policiesWith({ mint_user, mint_internal })).map(([name, { limit }]) => [name, limit]),
  );

const WITHOUT_VARIABLE = { api: 300, sign_in: 30, connect: 30, whole_log: 20, sync: 30, new_workspace: 20 };

describe('the limits', () => {
  it('are those of the contract when nothing is configured', () => {
    expect(limits(20, 30)).toEqual({ mint_user: 20, mint_internal: 30, ...WITHOUT_VARIABLE });
  });

  it('rise with the users’ limit where they have no variable', () => {
    expect(limits(50, 30)).toMatchObject({
      mint_user: 50,
      mint_internal: 30,
      api: 750,
      sign_in: 75,
      connect: 75,
    });
    expect(limits(50, 30)).toMatchObject({ whole_log: 50, sync: 75, new_workspace: 50 });
    expect(limits(21, 30)).toMatchObject({ api: 315, sign_in: 32, connect: 32 });
  });

  it('never fall below their defaults where they have no variable', () => {
    expect(limits(1, 1)).toEqual({ mint_user: 1, mint_internal: 1, ...WITHOUT_VARIABLE });
  });
});
