import { FILTER_NAMES, VIEW_NAMES } from '@/lib/contract/audit-log-href';
import { isUsualColumns } from './columns';

/** Closes the menu from which the form was submitted. Returns the id of what then has the focus. */
export function leaveMenu(submitter: HTMLElement | null): string | undefined {
  const menu = document.activeElement?.closest('details') ?? submitter?.closest('details');
  menu?.removeAttribute('open');
  menu?.querySelector('summary')?.focus();
  return document.activeElement?.id;
}

/** Returns the address to which a submitted form leads. */
export function searchHref(form: HTMLFormElement, fields: FormData): string {
  const isTime = (name: string) => {
    const field = form.elements.namedItem(name);
    return field instanceof HTMLInputElement && fields.get(name) !== field.defaultValue;
  };
  const { pathname } = new URL(form.action);
  return hrefOfFields(pathname, fields, isTime('local_from') || isTime('local_to'));
}

/**
 * Returns the address of the filters in a form's fields. Only the server can read a typed line or time. It then
 * gets all fields, and leads to the address of their filters.
 */
export function hrefOfFields(path: string, fields: FormData, isTimeTyped: boolean): string {
  const values = joined(fields);
  if (isUsualColumns(values.get('columns'))) values.delete('columns');
  const isLineTyped = (values.get('query') ?? '') !== (values.get('shown') ?? '');
  if (isLineTyped || isTimeTyped) {
    for (const name of ['from', 'to', 'zone']) values.delete(name);
    return `${path}?${new URLSearchParams([...values])}`;
  }
  for (const [name, value] of new URLSearchParams(values.get('set'))) values.set(name, value);
  const known = [...FILTER_NAMES, ...VIEW_NAMES].flatMap((name) => {
    const value = values.get(name);
    return value ? [[name, value]] : [];
  });
  return known.length === 0 ? path : `${path}?${new URLSearchParams(known)}`;
}

/** Leaves out empty fields, and joins repeated ones with commas. */
function joined(fields: FormData): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of fields)
    if (typeof value === 'string' && value.trim() !== '')
      values.set(name, [...(values.has(name) ? [values.get(name)] : []), value.trim()].join());
  return values;
}
