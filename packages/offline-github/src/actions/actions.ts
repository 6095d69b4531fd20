import type { AuditLog } from '../audit-log';
import type { Dispatcher } from '../webhooks/dispatcher';
import { Payloads } from '../webhooks/payloads';
import { accountActions } from './accounts';
import { Emitter } from './emit';
import { installationActions } from './installations';
import { Lookup } from './lookup';
import type { ActionParts } from './parts';
import { repositoryActions } from './repositories';

/**
 * The actions that change this GitHub's state. Each has the same effects as the page or endpoint on the real GitHub,
 * including webhooks.
 */
export type Actions = ReturnType<typeof createActions>;

type Given = Pick<ActionParts, 'state' | 'settings' | 'keys' | 'clock' | 'urls' | 'tokens' | 'git'> & {
  auditLog: AuditLog;
  hooks: Dispatcher;
};

export function createActions(world: Given) {
  const { state, settings, keys, clock, urls, tokens, git, auditLog } = world;
  const payloads = new Payloads(urls, state, settings);
  const parts = {
    state,
    settings,
    keys,
    clock,
    urls,
    tokens,
    git,
    audit: auditLog,
    find: new Lookup(state),
    emit: new Emitter(state, settings, payloads, world.hooks),
    transferredFrom: payloads.transferredFrom.bind(payloads),
  };
  return { ...installationActions(parts), ...repositoryActions(parts), ...accountActions(parts) };
}
