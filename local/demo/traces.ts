/** Looks for a secret wherever this system could have left it. */
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { AppServer } from '../app-server';
import type { Services } from '../services';

/** @returns the places that hold one of the secrets, raw or base64; none, if all is well */
export async function findTraces(
  secrets: string[],
  { database, store }: Services,
  app: AppServer,
): Promise<string[]> {
  const forms = secrets.flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ]);
  const places: [string, string][] = [
    ['the log', app.log()],
    ['Redis', JSON.stringify(await store.dump())],
    ...(await dumpDatabase(database.ownerUrl)),
  ];
  return places.filter(([, content]) => forms.some((form) => content.includes(form))).map(([place]) => place);
}

/** Every row of every table, as text. */
export async function dumpDatabase(ownerUrl: string): Promise<[table: string, rows: string][]> {
  const client = new pg.Client(ownerUrl);
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      "SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'",
    );
    const dumps: [string, string][] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      dumps.push([`the table ${name}`, rows.map(({ row }) => row).join('\n')]);
    }
    return dumps;
  } finally {
    await client.end();
  }
}

/** As GitHub's audit log writes it. */
export function hashedToken(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
