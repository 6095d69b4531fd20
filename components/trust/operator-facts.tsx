import type { ReactNode } from 'react';
import type { OperatorFacts } from '@/lib/trust/operator-facts';
import { Card } from '../ui/card';
import { UntrustedText } from '../ui/untrusted-text';

const link = 'wrap-anywhere text-accent underline underline-offset-4';

/** Shows where and by which rules this deployment runs, in the operator's own words. */
export function OperatorFactsCard({ hosting, deletion, contact, security, retention }: OperatorFacts) {
  return (
    <Card>
      <dl className="divide-y text-sm">
        <Row term="Hosting">{said(hosting)}</Row>
        <Row term="Retention">
          <ul className="grid grid-cols-1 gap-0.5">
            {retention.map(({ what, kept }) => (
              <li key={what}>
                {what}: {kept}
              </li>
            ))}
          </ul>
        </Row>
        <Row term="Deletion">{said(deletion)}</Row>
        <Row term="Contact">{contact === null ? NOT_STATED : <Contact uri={contact} />}</Row>
        <Row term="Report a vulnerability">
          {security.contact === null ? NOT_STATED : <Contact uri={security.contact} />}
          {security.policyUrl === null ? null : (
            <>
              {' · '}
              <a href={security.policyUrl} className={link}>
                Disclosure policy
              </a>
            </>
          )}
        </Row>
      </dl>
    </Card>
  );
}

const NOT_STATED = <span className="text-muted">Not stated by the operator</span>;

const said = (text: string | null) => (text === null ? NOT_STATED : <UntrustedText>{text}</UntrustedText>);

function Contact({ uri }: { uri: string }) {
  return (
    <a href={uri} className={link}>
      {uri.replace(/^mailto:/, '')}
    </a>
  );
}

function Row({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-1 gap-x-6 gap-y-0.5 px-4 py-3 sm:grid-cols-[11rem_minmax(0,1fr)] sm:px-5">
      <dt className="text-muted">{term}</dt>
      <dd className="min-w-0 leading-relaxed">{children}</dd>
    </div>
  );
}
