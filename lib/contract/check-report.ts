/** The result of one of the doctor’s checks. It holds no secret. */
export type CheckFinding = {
  id: string;
  /** `warn` also stands for a check that could not be made. */
  status: 'ok' | 'warn' | 'fail';
  found: string;
  /** The next step for the operator; empty if there is none. */
  todo: string;
};

/** The findings that the operator's page shows. */
export type CheckReport = {
  made_at: string;
  groups: { title: string; findings: CheckFinding[] }[];
  /** The checks that were not made, because they ask GitHub or our public address. */
  left_out: string[];
};
