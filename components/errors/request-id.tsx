/** What support asks for first. */
export function RequestId({ value, label = 'Request id' }: { value: string; label?: string }) {
  return (
    <p className="text-muted text-xs">
      {label}: <code className="wrap-anywhere font-mono">{value}</code>
    </p>
  );
}
