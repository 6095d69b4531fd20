import type { ReactNode } from 'react';
import type { Credential } from '@/lib/contract/credentials';
import { type Links, PersonLink, RepositoryLink } from '../objects/links';
import { Card, Fact } from '../ui/card';
import { Expiry, Time } from '../ui/time';
import { type CredentialState, meaningOf, StateBadge } from './state';

const SHOWN = 2;

type RepositoriesProps = Pick<Credential, 'repositories'> & { links: Links; all?: boolean };

/** Lists the repositories that may be read: `null` means all shared ones, an empty list means none. */
export function GrantedRepositories({ repositories, links, all = false }: RepositoriesProps) {
  if (repositories === null) return <>All shared repositories</>;
  if (repositories.length === 0) return <>None: it may read nothing</>;
  const shown = all ? repositories : repositories.slice(0, SHOWN);
  const rest = repositories.length - shown.length;
  return (
    <ul className="grid gap-0.5">
      {shown.map(({ id, full_name }) => (
        <li key={id}>
          {full_name === null ? (
            <RepositoryLink id={id} name={`Repository ${id}, no longer shared`} links={links} />
          ) : (
            <RepositoryLink id={id} name={full_name} links={links} />
          )}
        </li>
      ))}
      {rest > 0 ? <li className="text-muted">and {rest} more</li> : null}
    </ul>
  );
}

/** Shows when a key or a trust rule was used last, and from where. */
export function LastUse({ last_used_at, last_used_ip }: Pick<Credential, 'last_used_at' | 'last_used_ip'>) {
  if (last_used_at === null) return <>Never</>;
  return (
    <>
      <Time value={last_used_at} />
      {last_used_ip === null ? null : (
        <>
          {' '}
          from <span className="wrap-anywhere">{last_used_ip}</span>
        </>
      )}
    </>
  );
}

export function Creator({ created_by, links }: Pick<Credential, 'created_by'> & { links: Links }) {
  return <>by {created_by === null ? 'the operator' : <PersonLink email={created_by} links={links} />}</>;
}

type CredentialFactsProps = {
  credential: Credential;
  state: CredentialState;
  links: Links;
  /** Facts that only a key or only a rule has, above the others. */
  head?: ReactNode;
  /** Further facts that only a key or only a rule has. */
  children?: ReactNode;
};

/** Shows everything about an API key or a trust rule. */
export function CredentialFacts({ credential, state, links, head, children }: CredentialFactsProps) {
  const { repositories, created_at, expires_at, revoked_at } = credential;
  const meaning = meaningOf(state);
  return (
    <Card>
      {head}
      <dl className="grid grid-cols-1 gap-x-6 gap-y-4 p-5 text-sm sm:grid-cols-2 sm:p-6">
        <Fact term="Status">
          <StateBadge state={state} />
        </Fact>
        {children}
        <Fact term="Repositories">
          <GrantedRepositories repositories={repositories} links={links} all />
        </Fact>
        <Fact term="Created">
          <Time value={created_at} /> <Creator {...credential} links={links} />
        </Fact>
        <Fact term="Last used">
          <LastUse {...credential} />
        </Fact>
        {revoked_at === null ? (
          <Fact term={state === 'expired' ? 'Expired' : 'Expires'}>
            {expires_at ? <Expiry value={expires_at} /> : 'Never'}
          </Fact>
        ) : (
          <Fact term="Revoked">
            <Time value={revoked_at} />
          </Fact>
        )}
      </dl>
      {meaning ? <p className="border-t px-5 py-3 text-13 text-muted sm:px-6">{meaning}</p> : null}
    </Card>
  );
}
