import { ExternalLink } from 'lucide-react';
import { buttonClasses } from '../ui/button';

/** To an organization's single sign-on, on GitHub. */
export function SignOnLink({ href }: { href: string }) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      className={buttonClasses({ size: 'sm', variant: 'primary' })}
    >
      Sign in to the organization
      <ExternalLink aria-hidden />
      <span className="sr-only">(opens in a new tab)</span>
    </a>
  );
}
