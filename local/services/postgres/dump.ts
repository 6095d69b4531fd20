import pg from 'pg';

/** Returns the rows of every table as text. */
export async function dumpDatabase(
  connection: string | pg.ClientConfig,
): Promise<[table: string, rows: string][]> {
  const client = new pg.Client(connection);
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
