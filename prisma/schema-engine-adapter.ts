import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, type SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import { executeScript } from './execute-script';

/** Type ids from `pg_type`: `"char"`, the one-byte type of the system catalogues, and `text`. */
const CATALOGUE_CHAR_OID = 18;
const TEXT_OID = 25;

/**
 * Adds two things to `PrismaPg` that the schema engine needs:
 *
 * - Scripts run as a whole (`execute-script.ts`). `PrismaPg` alone splits them at every `;`, even inside a function's
 *   body.
 * - `"char"` columns are supported. The engine reads such columns when it describes a database.
 */
export function schemaEngineAdapter(pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  const charColumnsOf = rememberCharColumns(pool);
  const factory = new PrismaPg(pool);
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connectToShadowDb: () => factory.connectToShadowDb(),
    connect: async () => {
      const adapter = await factory.connect();
      adapter.executeScript = (script) => executeScript(pool, script);
      const queryRaw = adapter.queryRaw.bind(adapter);
      adapter.queryRaw = async (query) => {
        const result = await queryRaw(query);
        for (const index of charColumnsOf(result.rows)) result.columnTypes[index] = ColumnTypeEnum.Character;
        return result;
      };
      return adapter;
    },
  };
}

/**
 * Makes the pool return `"char"` columns as text, which the adapter accepts.
 *
 * @returns a function that lists which columns of a result were `"char"`, because the engine requires the type
 * Character for them
 */
function rememberCharColumns(pool: pg.Pool): (rows: unknown[][]) => number[] {
  const remembered = new WeakMap<unknown[][], number[]>();
  const query = pool.query.bind(pool) as (
    config: unknown,
  ) => Promise<pg.QueryArrayResult | pg.QueryArrayResult[]>;
  Object.assign(pool, {
    query: async (config: unknown) => {
      const result = await query(config);
      for (const { fields, rows } of [result].flat()) {
        const columns = fields.flatMap(({ dataTypeID }, index) =>
          dataTypeID === CATALOGUE_CHAR_OID ? [index] : [],
        );
        for (const index of columns) Object.assign(fields[index] ?? {}, { dataTypeID: TEXT_OID });
        remembered.set(rows, columns);
      }
      return result;
    },
  });
  return (rows) => remembered.get(rows) ?? [];
}
