/** Reads lists page by page, by the key of a page's last row, in any of several orders. */
import { z } from 'zod';
import { type List, Text } from '../contract/pagination';
import type { Order, Sorted } from '../contract/sort';
import { cursorOf } from '../cursor';
import { type Sql, sql } from './sql';

/** A row's key as a cursor holds it: text, or milliseconds since 1970. `null` is a time that never comes or came. */
type Place = string | number | null;

/** An expression that a list is sorted by. Rows with the same value are sorted by id. */
type Key = {
  by: Sql;
  /** Accepts the places that `boundOf` converts. */
  place: z.ZodType<Place>;
  /** Converts a value of the expression, as the database returns it, to a place. */
  placeOf: (value: unknown) => Place;
  /** Converts a place to a value that the expression is compared with. */
  boundOf: (place: Place) => Sql;
};

/** Caps the characters that texts are compared by, so that a cursor stays short. */
const MOST_COMPARED = 200;

/** Sorts by text, regardless of case. */
export const byText = (text: Sql): Key => ({
  by: sql`left(lower(${text}), ${MOST_COMPARED}::int)`,
  // A character of the database may be two of JavaScript's.
  place: Text(2 * MOST_COMPARED),
  placeOf: String,
  boundOf: (place) => sql`${place}::text`,
});

/**
 * Sorts by a time of millisecond precision.
 *
 * @param missing where rows without a time belong: before all others, or after them
 */
export function byTime(time: Sql, missing: '-infinity' | 'infinity' = 'infinity'): Key {
  const never = sql`${missing}::text::timestamptz`;
  return {
    by: sql`coalesce(${time}, ${never})`,
    place: z.int().min(0).max(8.64e15).nullable(),
    placeOf: (value) => (value instanceof Date ? value.getTime() : null),
    boundOf: (place) => (place === null ? never : sql`${new Date(place)}::timestamptz`),
  };
}

/** The parts of a statement that reads one page and one row more. */
type Page = {
  /** The sorted expression. Select it as `place`. */
  place: Sql;
  /** A condition: whether a row comes after the previous page. */
  isAfter: Sql;
  orderBy: Sql;
  limit: Sql;
  /** Converts the rows that the statement returns. */
  toList: <Row extends { id: string; place: unknown }>(rows: Row[]) => List<Row>;
};

const DIRECTIONS = {
  asc: { after: sql`>`, word: sql`ASC` },
  desc: { after: sql`<`, word: sql`DESC` },
} as const satisfies Record<Order, object>;

/**
 * Defines the orders of a list.
 *
 * @param keys the expression for each column that the list may be sorted by
 * @param id a unique `uuid`, which decides between rows with the same value
 * @returns a function that prepares one page. It throws a {@link Problem} `invalid_request` for a cursor of another order
 */
export function keyset<Name extends string>(keys: Readonly<Record<Name, Key>>, id: Sql) {
  return (
    { sort, order }: Sorted<Name>,
    { cursor, limit }: { cursor?: string | undefined; limit: number },
  ): Page => {
    const { by, place, placeOf, boundOf } = keys[sort];
    const { after, word } = DIRECTIONS[order];
    const Cursor = cursorOf(z.tuple([z.literal(sort), z.literal(order), place, z.uuid()]));
    const last = cursor === undefined ? undefined : Cursor.decode(cursor);
    return {
      place: by,
      isAfter:
        last === undefined ? sql`true` : sql`(${by}, ${id}) ${after} (${boundOf(last[2])}, ${last[3]}::uuid)`,
      orderBy: sql`${by} ${word}, ${id} ${word}`,
      limit: sql`${limit + 1}::int`,
      toList: (rows) => {
        const data = rows.slice(0, limit);
        const end = data.at(-1);
        const isLast = rows.length <= limit || end === undefined;
        return {
          data,
          next_cursor: isLast ? null : Cursor.encode([sort, order, placeOf(end.place), end.id]),
        };
      },
    };
  };
}
