import { query, sql } from './sql';

export type Table = { name: string; columns: string[] };

/** Lists the tables and columns that the app's role can see, except Prisma's migrations table. */
export async function listTables(): Promise<Table[]> {
  return query(
    'work',
    sql<Table>`SELECT table_name AS name, array_agg(column_name::text ORDER BY ordinal_position) AS columns
      FROM information_schema.columns
      WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_prisma%'
      GROUP BY table_name ORDER BY table_name`,
  );
}
