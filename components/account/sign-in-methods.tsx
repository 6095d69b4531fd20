import { KeyRound } from 'lucide-react';
import type { SignInMethod } from '@/lib/auth/sessions';
import { NamedRow, Rows } from '../ui/rows';
import { Section } from '../ui/section';
import { Time } from '../ui/time';
import { UntrustedText } from '../ui/untrusted-text';

type SignInMethodsProps = {
  email: string;
  methods: readonly SignInMethod[];
  /** The providers' names, by id. A provider that is no longer configured has none. */
  names: ReadonlyMap<string, string>;
};

/** Lists the accounts that the user signs in with. */
export function SignInMethods({ email, methods, names }: SignInMethodsProps) {
  return (
    <Section
      id="sign-in-methods"
      title="Sign-in methods"
      about={
        <>
          You’re <UntrustedText className="font-medium text-foreground">{email}</UntrustedText>. Passwords and
          second factors are kept by the provider; we store none.
        </>
      }
    >
      {methods.length === 0 ? (
        <p className="text-muted text-sm">
          You sign in with your email address alone, which is for tests only.
        </p>
      ) : (
        <Rows>
          {methods.map(({ provider, since }) => (
            <NamedRow
              key={`${provider} ${since}`}
              mark={<KeyRound aria-hidden className="size-4 shrink-0 text-muted" />}
              name={names.get(provider) ?? provider}
              about={
                <>
                  since <Time value={since} />
                  {names.has(provider) ? null : ', no longer offered here'}
                </>
              }
            >
              {null}
            </NamedRow>
          ))}
        </Rows>
      )}
    </Section>
  );
}
