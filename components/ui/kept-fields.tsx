/** The query parameters that lead back to the same page of a list. */
export type Kept = Readonly<Record<string, string | number | null | undefined>>;

/** Hidden fields of a form that returns to the page of the list. Parameters without a value have none. */
export function KeptFields({ kept }: { kept: Kept }) {
  return Object.entries(kept).map(([name, value]) =>
    value ? <input key={name} type="hidden" name={name} value={value} /> : null,
  );
}
