import { PageHeader } from '../shell/page-header';

/** Stands in the skeleton too, so that the page says what it is before the members have come. */
export function MembersHeader() {
  return (
    <PageHeader
      title="Members"
      description="Who may see this workspace. Admins and owners invite people, change roles and remove members."
    />
  );
}
