import type { Usage } from '@/lib/audit/usage';
import { counted } from '@/lib/contract/counted';
import { Card, CardFooter } from '../ui/card';
import { Link } from '../ui/link';
import { Time } from '../ui/time';
import { totalsOf, UsageChart } from './usage-chart';

type UsageCardProps = {
  usage: Usage;
  /** The path of the audit log with the events that are counted here. */
  logHref: string;
  /** Returns the path of the audit log with the events from one address. */
  addressHref: (ip: string) => string;
};

/** Shows how much something was used lately, and from where. */
export function UsageCard({ usage: { days, addresses }, logHref, addressHref }: UsageCardProps) {
  const { issued, refused, atLeast } = totalsOf(days);
  return (
    <Card>
      <section aria-labelledby="use" className="grid grid-cols-1 gap-4 p-5 sm:p-6">
        <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
          <h2 id="use" className="font-semibold text-base tracking-tight">
            Use in {days.length} days
          </h2>
          <p className="text-13 text-muted tabular-nums">
            {atLeast}
            {counted(issued, 'token')} issued, {refused.toLocaleString('en')} refused
          </p>
        </div>
        {issued + refused === 0 ? (
          <p className="text-muted text-sm">No token was issued or refused.</p>
        ) : (
          <UsageChart days={days} />
        )}
        {addresses.length === 0 ? null : (
          <div>
            <h3 className="mb-1.5 font-medium text-13">Addresses</h3>
            <ul className="grid gap-1 text-13">
              {addresses.map(({ ip, events, last_at }) => (
                <li key={ip} className="flex flex-wrap justify-between gap-x-4">
                  <Link
                    href={addressHref(ip)}
                    className="wrap-anywhere min-h-6 font-mono text-accent underline underline-offset-4 hover:no-underline"
                  >
                    {ip}
                  </Link>
                  <span className="text-muted tabular-nums">
                    {counted(events, 'event')}, last <Time value={last_at} />
                  </span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </section>
      <CardFooter>
        <Link
          href={logHref}
          className="inline-flex min-h-6 items-center text-13 text-accent underline underline-offset-4"
        >
          Show in the audit log
        </Link>
      </CardFooter>
    </Card>
  );
}

/** Says why the use cannot be shown now. */
export function UsageNotNow({ why }: { why: string }) {
  return (
    <Card>
      <p className="p-5 text-muted text-sm sm:p-6">Its use is not shown now. {why}</p>
    </Card>
  );
}
