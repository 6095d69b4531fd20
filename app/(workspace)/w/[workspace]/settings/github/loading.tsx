import { GitHubSettingsSkeleton } from '@/components/github/github-settings-skeleton';

export default GitHubSettingsSkeleton;
