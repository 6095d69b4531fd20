import { describe, expect, it } from 'vitest';
import { policiesWith } from './policies';

const limits = (mint_user: number, mint_internal: number) =>
  Object.fromEntries(
    Object.entries(policiesWith({ mint_user, mint_internal })).map(([name, { limit }]) => [name, limit]),
  );

const WITHOUT_VARIABLE = {
  api: 300,
  sign_in: 30,
  connect: 30,
  whole_log: 20,
  sync: 30,
  permissions: 60,
  doctor: 6,
  token_test: 20,
  new_workspace: 20,
  refused_key_network: 1,
  refused_key: 60,
  evidence_link: 30,
  evidence_by_link: 6,
};

describe('the limits', () => {
  it('uses the documented limits when nothing is configured', () => {
    expect(limits(20, 30)).toEqual({ mint_user: 20, mint_internal: 30, ...WITHOUT_VARIABLE });
  });

  it('raises limits without a variable along with the users’ limit', () => {
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

  it('never lowers limits without a variable below their defaults', () => {
    expect(limits(1, 1)).toEqual({ mint_user: 1, mint_internal: 1, ...WITHOUT_VARIABLE });
  });
});
