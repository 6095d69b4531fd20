import { singleKeysAreOn } from '../shell/preferences';

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));

/**
 * Moves the focus to the next event of the list on `j` and to the previous one on `k`. Opens the event on `o`, as Enter does.
 * An open dialog has keys of its own.
 */
export function moveInList(event: KeyboardEvent): void {
  const { key, target } = event;
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || isTyping(target)) return;
  if (document.querySelector('dialog[open]') || !singleKeysAreOn()) return;
  const links = [...document.querySelectorAll<HTMLAnchorElement>('tbody a[id^=event-]')];
  const at = links.findIndex((link) => link.closest('tr')?.contains(document.activeElement));
  if (key === 'o') links[at]?.click();
  else links[key === 'j' ? at + 1 : Math.max(0, at - 1)]?.focus();
}
