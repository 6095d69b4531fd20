import { expect, it } from 'vitest';
import type { UserActor } from '../actor';
import { makeWorkspace, startTestApp } from '../auth/test-fixtures';
import { getDb } from '../db/client';
import { deleteView, listViews, readAddress, restoreView, saveView, writeAddress } from './views';

await startTestApp();

async function member() {
  const { id, people } = await makeWorkspace('admin');
  return { workspaceId: id, actor: people[0] as UserActor };
}
const namesOf = async ({ workspaceId, actor }: Awaited<ReturnType<typeof member>>) =>
  (await listViews(workspaceId, actor.id)).map(({ name }) => name);

it('keeps a search under its name, and replaces one of the same name if asked to', async () => {
  const by = await member();
  await saveView(by, 'refused', 'result=refused&cursor=x&event=7&evil=1');
  await saveView(by, 'Outside', 'ip=-10.0.0.0%2F8&from=7d&order=oldest&columns=actor%2Cip&zone=Asia%2FTokyo');
  expect(await saveView(by, 'refused', 'result=refused&q=a+b')).toBe('name_taken');
  expect(await saveView(by, 'refused', 'result=refused')).toBe('saved');
  expect((await listViews(by.workspaceId, by.actor.id))[1]?.address).toMatchObject({ result: 'refused' });
  expect(await saveView(by, 'refused', 'result=refused&q=a+b', true)).toBe('saved');
  const views = await listViews(by.workspaceId, by.actor.id);
  expect(views.map(({ name, address }) => [name, writeAddress(address)])).toEqual([
    ['Outside', 'ip=-10.0.0.0%2F8&from=7d&order=oldest&columns=actor%2Cip&zone=Asia%2FTokyo'],
    ['refused', 'result=refused&q=a+b'],
  ]);
});

it('drops everything from an address that is not part of a search', () => {
  expect(writeAddress(readAddress('q=x&cursor=1&event=2&verify=1&__proto__=3&other=4'))).toBe('q=x');
});

it('shows and deletes views of the member alone, in the workspace alone', async () => {
  const [mine, other] = [await member(), await member()];
  await saveView(mine, 'mine', '');
  const [view] = await listViews(mine.workspaceId, mine.actor.id);
  expect(await listViews(mine.workspaceId, other.actor.id)).toEqual([]);
  expect(await listViews(other.workspaceId, mine.actor.id)).toEqual([]);
  for (const by of [other, { ...mine, actor: other.actor }, { ...other, actor: mine.actor }])
    await expect(deleteView(by, view?.id ?? '')).rejects.toMatchObject({ code: 'not_found' });
  await expect(deleteView(mine, 'no id')).rejects.toMatchObject({ code: 'not_found' });
  await expect(saveView({ ...mine, actor: other.actor }, 'x', '')).rejects.toMatchObject({
    code: 'not_found',
  });
  await deleteView(mine, view?.id ?? '');
  expect(await namesOf(mine)).toEqual([]);
});

it('keeps the first of two searches that two tabs save under one name at the same time', async () => {
  const by = await member();
  const searches = Array.from({ length: 10 }, (_, n) => `q=${n}`);
  const outcomes = await Promise.all(searches.map((search) => saveView(by, 'mine', search)));
  expect(outcomes.filter((outcome) => outcome === 'saved')).toHaveLength(1);
  const [view, ...more] = await listViews(by.workspaceId, by.actor.id);
  expect(more).toEqual([]);
  expect(writeAddress(view?.address ?? {})).toBe(searches[outcomes.indexOf('saved')]);
});

it('stops at fifty views, also if many are saved at the same time', async () => {
  const by = await member();
  const saved = await Promise.allSettled(
    Array.from({ length: 60 }, (_, n) => saveView(by, `view ${n}`, `q=${n}`)),
  );
  expect(saved.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
  const [first = ''] = await namesOf(by);
  expect(await saveView(by, first, 'q=replaced', true)).toBe('saved');
  expect(await saveView(by, first, 'q=other')).toBe('name_taken');
  await expect(saveView(by, 'one more', '')).rejects.toMatchObject({ code: 'invalid_request' });
});

it('restores a deleted view, unless its name is taken or there is no room', async () => {
  const by = await member();
  await saveView(by, 'mine', 'q=x');
  const [view] = await listViews(by.workspaceId, by.actor.id);
  const { name, address } = await deleteView(by, view?.id ?? '');
  expect(await namesOf(by)).toEqual([]);
  expect(await restoreView(by, name, writeAddress(address))).toBe(true);
  expect(await listViews(by.workspaceId, by.actor.id)).toMatchObject([{ name: 'mine', address: { q: 'x' } }]);

  await saveView(by, 'mine', 'q=newer', true);
  expect(await restoreView(by, name, writeAddress(address))).toBe(false);
  expect(await listViews(by.workspaceId, by.actor.id)).toMatchObject([{ address: { q: 'newer' } }]);

  for (let n = 1; n < 50; n++) await saveView(by, `view ${n}`, '');
  expect(await restoreView(by, 'one more', '')).toBe(false);
  const outsider = await member();
  await expect(restoreView({ ...by, actor: outsider.actor }, 'x', '')).rejects.toMatchObject({
    code: 'not_found',
  });
});

it('ends a member’s views with the membership', async () => {
  const by = await member();
  await saveView(by, 'mine', 'q=x');
  await getDb().membership.deleteMany({ where: { workspaceId: by.workspaceId, userId: by.actor.id } });
  expect(await namesOf(by)).toEqual([]);
});
