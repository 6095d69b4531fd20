/** What support asks for first. */
export function RequestId({ value, label = 'Request id' }: { value: string; label?: string }) {
  return (
    <p className="mt-8 text-muted text-xs">
      {label}: <code className="wrap-anywhere font-mono">{value}</code>
    </p>
  );
}
