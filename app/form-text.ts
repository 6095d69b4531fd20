/** The form of an action; an empty one for a caller that sent something else. */
export function asForm(sent: unknown): FormData {
  return sent instanceof FormData ? sent : new FormData();
}

/** A form's field as trimmed text; a file or nothing is empty. */
export function formText(form: FormData, name: string): string {
  const value = asForm(form).get(name);
  return typeof value === 'string' ? value.trim() : '';
}
