/** Returns the address of a form's page. Leaves out empty fields, and joins repeated ones with commas. */
export function formHref(action: string, fields: FormData): string {
  const values = new Map<string, string>();
  for (const [name, value] of fields)
    if (typeof value === 'string' && value.trim() !== '')
      values.set(name, [...(values.has(name) ? [values.get(name)] : []), value.trim()].join());
  const query = new URLSearchParams([...values]);
  return query.size === 0 ? action : `${action}?${query}`;
}
