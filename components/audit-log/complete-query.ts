import { parseZone } from '@/lib/contract/time-zone';
import {
  type Completion,
  type CompletionSource,
  type Completions,
  complete,
  completionsAt,
  daysToChoose,
} from './completions';

const optionsOf = (selector: string): Completion[] =>
  [...document.querySelectorAll<HTMLOptionElement>(selector)]
    .filter(({ value }) => value !== '')
    .map(({ value, label, text }) => ({ value, label: label || text }));

/** Collects what the page's own fields offer, so it need not be sent twice. */
function sourceOfPage(): CompletionSource {
  const types = [...document.querySelectorAll<HTMLInputElement>('input[name=type]')].map((box) => ({
    value: box.value.replace(/^github\./, ''),
    label: box.labels?.[0]?.textContent ?? box.value,
  }));
  const ages = ['1h', '24h', '7d', '30d'].map((value) => ({ value, label: `${value} ago` }));
  const zone = document.querySelector<HTMLInputElement>('input[name=line_zone]')?.value;
  const days = daysToChoose(parseZone(zone), new Date());
  return {
    type: types,
    actor: optionsOf('#audit-actors option'),
    repo: optionsOf('#audit-repositories option'),
    ip: [],
    connection: optionsOf('select[name=installation_id] option').map(({ label }) => ({
      value: label,
      label,
    })),
    result: optionsOf('select[name=result] option'),
    on: days,
    after: [...days, ...ages],
    before: [...days, ...ages],
  };
}

const DEBOUNCE_MS = 200;
const MOST_REPOSITORIES = 8;

/** Searches the workspace's repositories, of which the page's own field offers the first ones only. */
async function searchRepositories(text: string): Promise<Completion[]> {
  const [, , workspace = ''] = location.pathname.split('/');
  const query = new URLSearchParams({ q: text, limit: String(MOST_REPOSITORIES) });
  const response = await fetch(`/api/v1/workspaces/${workspace}/github/repositories?${query}`).catch(
    () => null,
  );
  if (!response?.ok) return [];
  const { data }: { data: { full_name: string }[] } = await response.json();
  return data.map(({ full_name }) => ({ value: full_name, label: full_name }));
}

/**
 * Offers completions below the search field, as a listbox that the arrow keys move through. Enter or Tab takes the chosen
 * one, Escape closes the list. Without a chosen one, Enter searches.
 *
 * @returns a function that stops it
 */
export function completeQuery(input: HTMLInputElement): () => void {
  let source = sourceOfPage();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const list = document.createElement('ul');
  list.id = 'query-completions';
  list.role = 'listbox';
  list.ariaLabel = 'Completions';
  list.className =
    'absolute top-full left-0 z-30 mt-1 w-full max-w-md rounded-xl border bg-card p-1 text-sm shadow-lg';
  list.hidden = true;
  input.parentElement?.append(list);
  input.role = 'combobox';
  input.setAttribute('aria-controls', list.id);
  input.setAttribute('aria-autocomplete', 'list');
  let found: Completions = { from: 0, to: 0, options: [] };
  let chosen = -1;

  const show = (isOpen: boolean) => {
    list.hidden = !isOpen;
    input.ariaExpanded = String(isOpen);
    if (!isOpen) choose(-1);
  };
  const choose = (index: number) => {
    chosen = index;
    for (const [at, option] of [...list.children].entries()) {
      option.ariaSelected = String(at === index);
      if (at === index) option.scrollIntoView({ block: 'nearest' });
    }
    if (index < 0) input.removeAttribute('aria-activedescendant');
    else input.setAttribute('aria-activedescendant', `query-completion-${index}`);
  };
  const take = (option: Completion | undefined) => {
    if (option === undefined) return;
    const { text, caret } = complete(input.value, found, option);
    input.value = text;
    input.setSelectionRange(caret, caret);
    find();
  };
  const find = () => {
    found = completionsAt(input.value, input.selectionStart ?? input.value.length, source);
    list.replaceChildren(
      ...found.options.map((option, index) => {
        const item = document.createElement('li');
        item.id = `query-completion-${index}`;
        item.role = 'option';
        item.textContent = option.label;
        item.className =
          'wrap-anywhere rounded-md px-2.5 py-1.5 hover:bg-hover aria-selected:bg-hover aria-selected:outline aria-selected:outline-2';
        // Not `click`, before which the field would lose the focus.
        item.addEventListener('pointerdown', (event) => {
          event.preventDefault();
          take(option);
        });
        return item;
      }),
    );
    show(found.options.length > 0);
    choose(-1);
  };
  const findRepositories = () => {
    clearTimeout(timer);
    const [, typed] =
      /(?:^|\s)repo:([^\s"]{2,})$/i.exec(input.value.slice(0, input.selectionStart ?? 0)) ?? [];
    if (typed === undefined) return;
    const text = input.value;
    timer = setTimeout(async () => {
      const more = await searchRepositories(typed);
      const known = new Set(source.repo?.map(({ value }) => value));
      source = {
        ...source,
        repo: [...(source.repo ?? []), ...more.filter(({ value }) => !known.has(value))],
      };
      // Meanwhile, the reader may have typed on, chosen an option or left the field.
      if (input.value === text && document.activeElement === input && chosen < 0) find();
    }, DEBOUNCE_MS);
  };
  const onInput = () => {
    find();
    findRepositories();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const count = list.hidden ? 0 : found.options.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && count > 0) {
      event.preventDefault();
      choose(chosen < 0 && step < 0 ? count - 1 : (chosen + step + count) % count);
    } else if ((event.key === 'Enter' || event.key === 'Tab') && chosen >= 0 && count > 0) {
      event.preventDefault();
      take(found.options[chosen]);
    } else if (event.key === 'Escape' && count > 0) {
      // Otherwise, browsers would also empty the field.
      event.preventDefault();
      show(false);
    } else if (event.key === 'Enter') show(false);
  };
  const close = () => show(false);
  input.addEventListener('input', onInput);
  input.addEventListener('click', find);
  input.addEventListener('keydown', onKeyDown);
  input.addEventListener('blur', close);
  show(false);
  return () => {
    clearTimeout(timer);
    input.removeEventListener('input', onInput);
    input.removeEventListener('click', find);
    input.removeEventListener('keydown', onKeyDown);
    input.removeEventListener('blur', close);
    list.remove();
  };
}
