import { ExternalLink } from 'lucide-react';
import type { Permission } from '@/lib/installation/permissions';
import { Badge, type Tone } from '../ui/badge';
import { buttonClasses } from '../ui/button';
import { Card, CardFooter } from '../ui/card';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '../ui/table';
import { UntrustedText } from '../ui/untrusted-text';

type PermissionsCardProps = {
  permissions: readonly Permission[];
  /** The installation's settings on GitHub, where an owner accepts changes. */
  configureHref: string;
};

/** Shows what the account has granted beside what the App asks for, as GitHub reports both. */
export function PermissionsCard({ permissions, configureHref }: PermissionsCardProps) {
  return (
    <Card className="overflow-hidden">
      <section aria-labelledby="permissions">
        <h2 id="permissions" className="px-5 pt-5 font-semibold text-base tracking-tight sm:px-6">
          Permissions
        </h2>
        <p className="px-5 pb-5 text-muted text-sm sm:px-6">
          Reported by GitHub just now. A change the app requests is pending until an owner accepts it.
        </p>
        <Table aria-labelledby="permissions">
          <TableHead className="border-t">
            <TableRow>
              <TableHeader>Permission</TableHeader>
              <TableHeader>Granted</TableHeader>
              <TableHeader>Asked for</TableHeader>
              <TableHeader>State</TableHeader>
            </TableRow>
          </TableHead>
          <TableBody>
            {permissions.map((permission) => (
              <Row key={permission.name} {...permission} />
            ))}
          </TableBody>
        </Table>
      </section>
      <CardFooter>
        <a href={configureHref} target="_blank" rel="noreferrer" className={buttonClasses({ size: 'sm' })}>
          Review on GitHub
          <ExternalLink aria-hidden />
          <span className="sr-only">(opens in a new tab)</span>
        </a>
      </CardFooter>
    </Card>
  );
}

const STATES = {
  granted: { label: 'Granted', tone: 'success' },
  pending: { label: 'Pending', tone: 'warning' },
  beyond: { label: 'More than asked for', tone: 'warning' },
} as const satisfies Record<Permission['state'], { label: string; tone: Tone }>;

function Row({ name, granted, asked, state }: Permission) {
  return (
    <TableRow>
      <TableCell>
        <UntrustedText className="font-mono text-13">{name}</UntrustedText>
      </TableCell>
      <TableCell className="text-13">
        <span className="md:hidden">Granted: </span>
        {granted ?? 'Nothing'}
      </TableCell>
      <TableCell className="text-13">
        <span className="md:hidden">Asked for: </span>
        {asked ?? 'Nothing'}
      </TableCell>
      <TableCell>
        <Badge tone={STATES[state].tone}>{STATES[state].label}</Badge>
      </TableCell>
    </TableRow>
  );
}
