import { MembersSkeleton } from '@/components/members/members-skeleton';

export default MembersSkeleton;
