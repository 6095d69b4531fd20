import { AuditLogSkeleton } from '@/components/audit-log/audit-log-skeleton';

export default AuditLogSkeleton;
