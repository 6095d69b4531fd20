import { CircleUser, LogOut, Stethoscope } from 'lucide-react';
import type { ReactNode } from 'react';
import { Avatar } from '../ui/avatar';
import { Badge } from '../ui/badge';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuTrigger,
  dropdownItemClasses,
} from '../ui/dropdown-menu';
import { Link } from '../ui/link';
import { UntrustedText } from '../ui/untrusted-text';
import { SignOutForm } from './sign-out-form';

type UserMenuProps = {
  email: string;
  memberRole: string | undefined;
  /**
   * next-auth's CSRF token, which signing out requires. If it's missing, the menu links to the sign-out page instead,
   * which obtains a token.
   */
  csrfToken: string | null;
  themeSwitch: ReactNode;
  /** The operator's page; `null` for everybody else. */
  operatorHref: string | null;
};

export function UserMenu({ email, memberRole, csrfToken, themeSwitch, operatorHref }: UserMenuProps) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger className="rounded-full p-0.5">
        <Avatar name={email} size="md" />
        <span className="sr-only">Your account</span>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <div className="flex items-start justify-between gap-2 px-2.5 py-2">
          <div className="min-w-0 text-sm">
            <p className="text-muted text-xs">Signed in as</p>
            <UntrustedText>{email}</UntrustedText>
          </div>
          {memberRole ? <Badge>{memberRole}</Badge> : null}
        </div>
        <div className="my-1.5 flex items-center justify-between border-y px-2.5 py-2 text-sm">
          Theme
          {themeSwitch}
        </div>
        <Link href="/account" className={dropdownItemClasses}>
          <CircleUser aria-hidden />
          Account
        </Link>
        {operatorHref === null ? null : (
          <Link href={operatorHref} className={dropdownItemClasses}>
            <Stethoscope aria-hidden />
            Operator
          </Link>
        )}
        {csrfToken === null ? (
          <Link href="/sign-out" className={dropdownItemClasses}>
            <LogOut aria-hidden />
            Sign out
          </Link>
        ) : (
          <SignOutForm csrfToken={csrfToken}>
            <button type="submit" className={dropdownItemClasses}>
              <LogOut aria-hidden />
              Sign out
            </button>
          </SignOutForm>
        )}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
