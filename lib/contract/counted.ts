/**
 * Returns a number with its noun, such as `1 repository` or `1,204 repositories`.
 *
 * @param many the plural, unless it is `one` with an s
 */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}
