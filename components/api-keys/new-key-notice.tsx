import { Alert } from '../ui/alert';

/** Tells that the key is shown only now. */
export function NewKeyNotice() {
  return (
    <Alert live tone="success" title="Copy the key now">
      This is the only time that it is shown: we keep its SHA-256 and nothing else.
    </Alert>
  );
}
