import { html } from 'hono/html';
import type { Actions } from '../actions/actions';
import type { State } from '../state/store';
import type { Repository } from '../state/types';
import type { Html } from './page';

interface SettingsForm {
  path: string;
  danger: boolean;
  title(repository: Repository): string;
  button(repository: Repository): string;
  fields(repository: Repository, state: State): Html | '';
  submit(actions: Actions, repository: Repository, form: URLSearchParams, by: string): unknown;
}

/** The forms of a repository's settings page. */
export const settingsForms: readonly SettingsForm[] = [
  {
    path: 'rename',
    danger: false,
    title: () => 'Repository name',
    button: () => 'Rename',
    fields: ({ name }) =>
      html`<br><input type="text" name="name" value="${name}" aria-label="Repository name">`,
    submit: (actions, { id }, form, by) =>
      actions.renameRepository({ repository: id, name: form.get('name') ?? '', by }),
  },
  {
    path: 'default-branch',
    danger: false,
    title: () => 'Default branch',
    button: () => 'Update default branch',
    fields: ({ branches, defaultBranch }) =>
      html`<br><select name="branch" aria-label="Default branch">${branches.map(
        (branch) => html`<option ${branch === defaultBranch ? 'selected' : ''}>${branch}</option>`,
      )}</select>`,
    submit: (actions, { id }, form, by) =>
      actions.changeDefaultBranch({ repository: id, branch: form.get('branch') ?? '', by }),
  },
  {
    path: 'visibility',
    danger: true,
    title: (repository) => `This repository is ${repository.private ? 'private' : 'public'}`,
    button: (repository) => (repository.private ? 'Make public' : 'Make private'),
    fields: () => '',
    submit: (actions, repository, _form, by) =>
      actions.setVisibility({ repository: repository.id, private: !repository.private, by }),
  },
  {
    path: 'archive',
    danger: true,
    title: ({ archived }) => (archived ? 'This repository is archived' : 'Archive this repository'),
    button: ({ archived }) => (archived ? 'Unarchive' : 'Archive'),
    fields: () => '',
    submit: (actions, { id, archived }, _form, by) =>
      archived
        ? actions.unarchiveRepository({ repository: id, by })
        : actions.archiveRepository({ repository: id, by }),
  },
  {
    path: 'transfer',
    danger: true,
    title: () => 'Transfer ownership',
    button: () => 'Transfer',
    fields: ({ ownerId }, state) =>
      html`<br><select name="to" aria-label="New owner">${[...state.accounts.values()]
        .filter(({ id }) => id !== ownerId)
        .map(({ login }) => html`<option>${login}</option>`)}</select>`,
    submit: (actions, { id }, form, by) =>
      actions.transferRepository({ repository: id, to: form.get('to') ?? '', by }),
  },
  {
    path: 'delete',
    danger: true,
    title: () => 'Delete this repository',
    button: () => 'Delete',
    fields: () => '',
    submit: (actions, { id }, _form, by) => actions.deleteRepository({ repository: id, by }),
  },
];
