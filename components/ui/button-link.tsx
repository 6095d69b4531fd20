import type { ComponentProps } from 'react';
import { type ButtonLook, buttonClasses } from './button';
import { Link } from './link';

type ButtonLinkProps = ComponentProps<typeof Link> & ButtonLook;

/** An internal link that looks like a button. */
export function ButtonLink({ className, variant, size, ...props }: ButtonLinkProps) {
  return <Link className={buttonClasses({ variant, size, className })} {...props} />;
}
