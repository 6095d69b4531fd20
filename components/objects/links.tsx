import { Link } from '../ui/link';
import { UntrustedText } from '../ui/untrusted-text';

/** Links the names on a page. */
export type Links = {
  /** The path of the workspace. */
  workspacePath: string;
  /** The ids of members, by email address. */
  memberIds: ReadonlyMap<string, string>;
};

const CLASSES = 'underline decoration-border-strong underline-offset-4 hover:decoration-current';

/** An email address. It leads to the member's page, if the person is still a member. */
export function PersonLink({ email, links }: { email: string; links: Links }) {
  const id = links.memberIds.get(email);
  if (id === undefined) return <UntrustedText>{email}</UntrustedText>;
  return (
    <Link href={`${links.workspacePath}/settings/members/${id}`} className={CLASSES}>
      <UntrustedText>{email}</UntrustedText>
    </Link>
  );
}

/** The name of a repository. It leads to the repository's page. */
export function RepositoryLink({
  id,
  name,
  links,
}: {
  id: number;
  name: string;
  links: Pick<Links, 'workspacePath'>;
}) {
  return (
    <Link href={`${links.workspacePath}/repositories/${id}`} className={CLASSES}>
      <UntrustedText>{name}</UntrustedText>
    </Link>
  );
}
