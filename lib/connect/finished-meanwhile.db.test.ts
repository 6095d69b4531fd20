import { expect, it } from 'vitest';
import { makeWorkspace } from '../auth/test-fixtures';
import { getDb, inTransaction } from '../db/client';
import { startTestWorld } from '../testing/test-world';
import { awaitConfirmation, createConnectAttempt, findChoice, offerChoice } from './attempts';

await startTestWorld();
const USER = { id: 20001, login: 'olivia', token: 'unused' };
const INSTALLATION = {
  id: 52_000_001,
  account: { id: 30001, login: 'acme', type: 'Organization' },
} as Parameters<typeof awaitConfirmation>[2];

it('offers neither a choice nor a link for an attempt that a removal finished while GitHub was responding', async () => {
  const { id: workspaceId, people } = await makeWorkspace('owner');
  const userId = people[0]?.id ?? '';
  for (const revive of [
    (id: string) => offerChoice(id, USER, [INSTALLATION.id]),
    (id: string) => awaitConfirmation(id, USER, INSTALLATION),
  ]) {
    await inTransaction((tx) =>
      createConnectAttempt(tx, { workspaceId, userId, candidateInstallationId: undefined, browser: null }),
    );
    const { id } = await getDb().connectAttempt.findFirstOrThrow({
      where: { workspaceId, status: 'started' },
    });
    await getDb().connectAttempt.update({ where: { id }, data: { status: 'finished' } });
    await revive(id);
    expect(await getDb().connectAttempt.findUniqueOrThrow({ where: { id } })).toMatchObject({
      status: 'finished',
    });
    expect(await findChoice(id, workspaceId, userId)).toBeNull();
  }
});
