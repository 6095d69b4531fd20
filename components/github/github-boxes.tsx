import type { ReactNode } from 'react';
import { Card, CardFooter } from '../ui/card';
import { Skeleton } from '../ui/skeleton';
import { RepositoriesHeading } from './repository-list';

const FACTS = ['repositories', 'connected', 'synced', 'checked'];
const ROWS = ['a', 'b', 'c', 'd', 'e'];

/**
 * Placeholder boxes for one connection as an admin sees it. Their sizes match `ConnectionCard` and `RepositoryList`, so
 * the page doesn't shift.
 *
 * @param props.steps the box of the first steps, where the page shows these
 */
export function GitHubBoxes({ steps }: { steps: ReactNode }) {
  return (
    <>
      {steps}
      <Card className="flex flex-col">
        <div className="flex items-start gap-x-3 p-5 sm:px-6">
          <Skeleton shape="circle" className="size-9" />
          <div className="flex-1">
            <Line className="w-32 text-15 leading-snug" />
            <Line className="w-24 text-13" />
          </div>
          <Skeleton shape="circle" className="h-5.5 w-17" />
        </div>
        <div className="grid grid-cols-1 gap-x-6 gap-y-3 px-5 pb-5 text-sm sm:grid-cols-2 sm:px-6 lg:grid-cols-4">
          {FACTS.map((fact) => (
            <div key={fact}>
              <Line className="w-20 text-13" />
              <Line className="mt-0.5 w-32" />
            </div>
          ))}
        </div>
        <CardFooter>
          <ButtonBox icon>Configure on GitHub</ButtonBox>
          <ButtonBox icon>Sync now</ButtonBox>
          <span className="sm:ml-auto">
            <ButtonBox>Disconnect</ButtonBox>
          </span>
        </CardFooter>
      </Card>
      <div className="flex flex-col gap-4">
        <RepositoriesHeading search={<Skeleton className="h-9" />} />
        <Card className="divide-y">
          <div className="h-9.125 rounded-t-xl bg-surface max-md:hidden" />
          {ROWS.map((row) => (
            <div key={row} className="flex h-27.375 items-center gap-8 px-4 md:h-14.25">
              <Skeleton className="h-5 md:w-1/3 max-md:flex-1" />
              <Skeleton className="h-5 flex-1 max-md:hidden" />
            </div>
          ))}
        </Card>
      </div>
    </>
  );
}

/** Placeholder boxes for the header's buttons. */
export function GitHubActionBoxes() {
  return (
    <>
      <ButtonBox>Link an installation</ButtonBox>
      <ButtonBox icon>Connect another account</ButtonBox>
    </>
  );
}

/** Placeholder as high as the line of text that replaces it. */
function Line({ className }: { className: string }) {
  return <Skeleton className={`max-w-full scale-y-75 ${className}`}>&nbsp;</Skeleton>;
}

/** Placeholder as wide as the button that replaces it. */
function ButtonBox({ icon = false, children }: { icon?: boolean; children: ReactNode }) {
  return (
    <Skeleton
      className={`button-sm inline-flex items-center border border-transparent ${icon ? 'pl-9' : ''}`}
    >
      <span className="invisible whitespace-nowrap font-medium">{children}</span>
    </Skeleton>
  );
}
