import { CircleCheck, TriangleAlert } from 'lucide-react';
import { counted } from '@/lib/contract/counted';
import { Card } from '../ui/card';
import { Time } from '../ui/time';

/** A part of a connection: whether it works, what was found, and what to do. */
export type HealthItem = {
  name: string;
  isWell: boolean;
  found: string;
  todo?: string;
  /** When it was found. */
  at?: string;
};

/** Says for each part of a connection whether it works. */
export function HealthCard({ items }: { items: readonly HealthItem[] }) {
  const troubles = items.filter(({ isWell }) => !isWell).length;
  return (
    <Card>
      <section aria-labelledby="health">
        <h2 id="health" className="p-5 font-semibold text-base tracking-tight sm:px-6">
          {troubles === 0 ? 'Healthy' : counted(troubles, 'problem')}
        </h2>
        <ul className="divide-y border-t">
          {items.map(({ name, isWell, found, todo, at }) => (
            <li key={name} className="flex gap-3 px-5 py-3 text-sm sm:px-6">
              {isWell ? (
                <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-success" />
              ) : (
                <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warning" />
              )}
              <div className="wrap-anywhere min-w-0">
                <p className="font-medium">
                  {name}
                  <span className="sr-only">: {isWell ? 'works' : 'problem'}</span>
                </p>
                <p className="text-13 text-muted">
                  {found} {todo} {at === undefined ? null : <Time value={at} />}
                </p>
              </div>
            </li>
          ))}
        </ul>
      </section>
    </Card>
  );
}
