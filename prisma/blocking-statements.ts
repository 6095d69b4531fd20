/**
 * Finds statements of a migration that would keep writers waiting on a large table. `prisma/author-migration.ts` prints
 * them, and a test refuses them in `prisma/migrations`.
 */

/** A statement that is not online, and how to reach the same without blocking. */
export type Blocking = { statement: string; instead: string };

/** A comment line before a statement that accepts it, with the reason: `-- Online: the table has one row.` */
const ACCEPTED = /^--\s*Online:\s*\S/m;

const ALTER = String.raw`^ALTER\s+TABLE\b[\s\S]*`;
/** Constants, and functions that PostgreSQL evaluates once for all rows. Any other default rewrites the table. */
const ONCE = String.raw`(?:'[^']*'(?:::[\w" ()[\]]+)?|[-\d.]+|true|false|null|array\[\](?:::[\w" \[\]]+)?|now\(\)|CURRENT_TIMESTAMP)`;

type Rule = { matches: RegExp; instead: string };

/** One row per kind of statement. A rule does not apply to tables that the same migration creates. */
const RULES: readonly Rule[] = [
  {
    matches: /^CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY\b)/i,
    instead: 'CREATE INDEX CONCURRENTLY, alone in its migration',
  },
  {
    matches: /^DROP\s+INDEX\s+(?!CONCURRENTLY\b)/i,
    instead: 'DROP INDEX CONCURRENTLY, alone in its migration',
  },
  { matches: /^REINDEX\b(?![\s\S]*\bCONCURRENTLY\b)/i, instead: 'REINDEX CONCURRENTLY by hand' },
  {
    matches: /^(?:CLUSTER|VACUUM|TRUNCATE|LOCK)\b/i,
    instead: 'a way that does not lock the whole table',
  },
  {
    matches: /^(?:UPDATE|DELETE)\b/i,
    instead: 'a job of the app that changes rows in small batches',
  },
  {
    matches: new RegExp(String.raw`${ALTER}\bALTER\s+(?:COLUMN\s+)?"?\w+"?\s+(?:SET\s+DATA\s+)?TYPE\b`, 'i'),
    instead: 'a new column that a job fills, because a new type rewrites the table',
  },
  {
    matches: new RegExp(String.raw`${ALTER}\bSET\s+NOT\s+NULL\b`, 'i'),
    instead:
      'ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID, then VALIDATE CONSTRAINT in the next migration',
  },
  {
    matches: new RegExp(
      String.raw`${ALTER}\bADD\s+COLUMN\b[^,;]*\bDEFAULT\b(?!\s*${ONCE}\s*(?:,|$|NOT\b|NULL\b))`,
      'i',
    ),
    instead: 'a constant default, because any other is computed for each row',
  },
  {
    matches: new RegExp(
      String.raw`${ALTER}\bADD\s+COLUMN\b[^;]*\b(?:(?:BIG|SMALL)?SERIAL|GENERATED|REFERENCES|PRIMARY\s+KEY|UNIQUE)\b`,
      'i',
    ),
    instead: 'a plain column, then the constraint or index online in a later migration',
  },
  {
    matches: new RegExp(
      String.raw`${ALTER}\bADD\s+(?:CONSTRAINT\s+"?\w+"?\s+)?(?:CHECK|FOREIGN\s+KEY)\b(?![\s\S]*\bNOT\s+VALID\b)`,
      'i',
    ),
    instead: 'NOT VALID, then VALIDATE CONSTRAINT in the next migration',
  },
  {
    matches: new RegExp(
      String.raw`${ALTER}\bADD\s+(?:CONSTRAINT\s+"?\w+"?\s+)?(?:UNIQUE|PRIMARY\s+KEY|EXCLUDE)\b(?![\s\S]*\bUSING\s+INDEX\b)`,
      'i',
    ),
    instead: 'CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … USING INDEX',
  },
  {
    matches: new RegExp(
      String.raw`${ALTER}\b(?:SET\s+(?:LOGGED|UNLOGGED|TABLESPACE|ACCESS\s+METHOD)|DETACH\s+PARTITION(?![\s\S]*CONCURRENTLY))`,
      'i',
    ),
    instead: 'a way that neither rewrites nor locks the table',
  },
];

/** Statements whose lock on a table in use is strong but short. */
const LOCKS_BRIEFLY =
  /^(?:ALTER\s+TABLE|CREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?TRIGGER|DROP\s+TRIGGER)\b/i;
/** Statements that may take long. After a brief lock in the same transaction, the lock is no longer brief. */
const MAY_TAKE_LONG = /^(?:INSERT\b[\s\S]*\bSELECT|WITH|SELECT|DO)\b|\bVALIDATE\s+CONSTRAINT\b/i;

/**
 * Returns a migration's statements that are not online, in order.
 *
 * @param script the migration's SQL. Tables that it creates are empty, so statements on them are online
 */
export function findBlocking(script: string): Blocking[] {
  const created = new Set<string>();
  const locked = new Set<string>();
  const found: Blocking[] = [];
  for (const { comments, sql } of splitStatements(script)) {
    const made = /^CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:"?public"?\.)?"?(\w+)"?/i.exec(sql)?.[1];
    if (made !== undefined) created.add(made);
    const table = tableOf(sql);
    if (made !== undefined || (table !== undefined && created.has(table)) || ACCEPTED.test(comments))
      continue;
    const add = (instead: string) => found.push({ statement: sql, instead });
    const rule = RULES.find(({ matches }) => matches.test(sql));
    if (rule !== undefined) add(rule.instead);
    else if (locked.size > 0 && MAY_TAKE_LONG.test(sql))
      add(`a migration of its own, because this one keeps ${[...locked].join(', ')} locked until it commits`);
    if (table === undefined || !LOCKS_BRIEFLY.test(sql)) continue;
    locked.add(table);
    if (locked.size === 2)
      add(`one migration per table, because the lock on ${[...locked][0]} is held while this one is awaited`);
  }
  return found;
}

/** Returns the table that a statement changes, without its schema. */
function tableOf(sql: string): string | undefined {
  const name = String.raw`(?:"?public"?\.)?"?(\w+)"?`;
  const forms = [
    String.raw`^(?:ALTER|TRUNCATE|LOCK)\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?${name}`,
    String.raw`^(?:CREATE|DROP)\s+(?:UNIQUE\s+)?(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?(?:INDEX|TRIGGER)\b[\s\S]*?\sON\s+(?:ONLY\s+)?${name}`,
    String.raw`^UPDATE\s+(?:ONLY\s+)?${name}`,
    String.raw`^DELETE\s+FROM\s+(?:ONLY\s+)?${name}`,
  ];
  for (const form of forms) {
    const table = new RegExp(form, 'i').exec(sql)?.[1];
    if (table !== undefined) return table;
  }
  return undefined;
}

/** A comment, a quoted text, a function's body, or the end of a statement. */
const TOKEN = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1|;/g;

/** Splits a script at the semicolons outside of quotes and comments. Comments before a statement are kept beside it. */
function splitStatements(script: string): { comments: string; sql: string }[] {
  const statements: { comments: string; sql: string }[] = [];
  let comments = '';
  let sql = '';
  let from = 0;
  const end = () => {
    if (sql.trim() !== '') statements.push({ comments, sql: sql.trim() });
    comments = '';
    sql = '';
  };
  for (const { 0: token, index } of script.matchAll(TOKEN)) {
    sql += script.slice(from, index);
    from = index + token.length;
    if (token === ';') end();
    else if (token.startsWith('--') || token.startsWith('/*')) comments += `${token}\n`;
    else sql += token;
  }
  sql += script.slice(from);
  end();
  return statements;
}
