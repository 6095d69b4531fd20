import { Alert } from '../ui/alert';

/** Says why no rule can be created, and what the operator has to set. */
export function NoIssuers() {
  return (
    <Alert tone="info" title="No issuer of identity tokens is trusted here yet">
      The operator of this service has to set <code className="font-mono text-13">WORKLOAD_ISSUERS</code> to
      the issuers that workloads may use, for example{' '}
      <code className="wrap-anywhere font-mono text-13">https://token.actions.githubusercontent.com</code>.
      Until then, no trust rule can be created, and existing ones admit no one.
    </Alert>
  );
}
