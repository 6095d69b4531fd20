'use server';

import { z } from 'zod';
import type { AllChecksState } from '@/components/operator/operator-checks';
import { completeReport } from '@/lib/doctor/report';
import { formAction } from '@/lib/http/action';
import { log } from '@/lib/observability/log';

/** Runs every check of the doctor, and shows the findings on the page that asked for them. */
export const runAllChecks = formAction(
  { access: 'operator', limits: { user: 'doctor' }, input: z.object({}) },
  async ({ by }): Promise<AllChecksState> => {
    log.info({ userId: by.actor.id, requestId: by.origin.requestId }, 'an operator runs every check');
    return { report: await completeReport()(), problem: null };
  },
);
