import { html } from 'hono/html';
import type { Selection } from '../actions/installations';
import type { State } from '../state/store';
import type { Repository, RepositorySelection } from '../state/types';
import { type Html, PageError } from './page';

/**
 * Cap on the listed repositories. Search finds the rest. A selected repository stays selected even while it isn't
 * listed.
 */
const SHOWN = 200;

export interface SelectionView {
  repositories: readonly Repository[];
  selection: RepositorySelection;
  chosen: ReadonlySet<number>;
  search: string;
}

/** Renders the choice between "All repositories" and "Only select repositories", like GitHub's install page. */
export function selectionFields(state: State, view: SelectionView): Html {
  const { repositories, selection, chosen, search } = view;
  const matching = repositories.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()));
  const shown = matching.slice(0, SHOWN);
  const shownIds = new Set(shown.map(({ id }) => id));
  const hidden = [...chosen].filter((id) => !shownIds.has(id));
  return html`<fieldset><legend>Repository access</legend>
    <label class="choice"><input type="radio" name="install_target" value="all" ${selection === 'all' ? 'checked' : ''}>
      All repositories</label>
    <p class="muted small">This applies to all current <em>and</em> future repositories of the account.</p>
    <label class="choice"><input type="radio" name="install_target" value="selected"
      ${selection === 'selected' ? 'checked' : ''}> Only select repositories</label>
    <p class="muted small">Select at least one repository.</p>
    <div class="repositories" role="group" aria-label="Repositories">
      ${shown.map((each) => checkbox(state, each, chosen.has(each.id)))}
      ${hidden.map((id) => html`<input type="hidden" name="repository_ids" value="${id}">`)}
      ${matching.length > SHOWN ? html`<p class="muted small">${matching.length - SHOWN} more: search for them.</p>` : ''}
    </div></fieldset>`;
}

function checkbox(state: State, repository: Repository, checked: boolean): Html {
  return html`<label class="choice"><input type="checkbox" name="repository_ids" value="${repository.id}"
    ${checked ? 'checked' : ''}> ${state.fullName(repository)}</label>`;
}

/** Renders a search form if the account has more repositories than are shown. */
export function searchForm(view: SelectionView, hidden: Record<string, string>): Html | '' {
  if (view.repositories.length <= SHOWN) return '';
  const fields = Object.entries(hidden).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form method="get" class="actions" role="search">${fields}
    <input type="search" name="q" value="${view.search}" aria-label="Search repositories">
    <button class="btn" type="submit">Search</button></form>`;
}

/**
 * Reads the chosen repositories.
 *
 * @throws PageError if none is selected
 */
export function readSelection(form: URLSearchParams): Selection {
  if (form.get('install_target') === 'all') return { selection: 'all' };
  const repositories = form.getAll('repository_ids').map(Number);
  if (repositories.length === 0) throw new PageError(422, 'Select at least one repository.');
  return { selection: 'selected', repositories };
}
